"""Many visitors at once, against an app that is really served: each gets the pictures it requested."""

from pathlib import Path

from benchmarks.visitors import visit
from tests.served import served
from tests.tiny_models import write_tiny_model


def test_eight_visitors_at_once_each_get_their_own_pictures(home: Path) -> None:
    write_tiny_model(home / "models" / "twins", classes=("cats", "dogs"))
    with served(home) as url:
        seen = visit(url, "kept:twins", home / "models" / "twins", visitors=8, turns=4, seconds=120)
    assert (seen["failed"], seen["foreign"]) == (0, 0), seen
    assert seen["requests"] == 8 * 4
