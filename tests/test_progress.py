"""Progress for a waiting user: the newest line, not too often, with units."""

import pytest

from gan.progress import Progress, describe
from gan.runs import Status


def test_a_line_is_shown_when_the_last_one_is_old_enough(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with Progress("made", "pictures") as progress:
        progress(1, 2000)
        assert capsys.readouterr().err == ""
        now += 11
        progress(1200, 2000)
        progress(1300, 2000)
    written = capsys.readouterr()
    assert written.err == "made 1,200 of 2,000 pictures\n"
    assert written.out == ""


def test_a_status_is_told_with_its_speed_and_the_time_that_is_left() -> None:
    status = Status(state="training", images_seen=12_288, images_total=65_536, images_per_second=58.0, eta_seconds=918.0)
    assert describe(status) == "training: 12,288 of 65,536 pictures, 58 pictures/s, 15 min left"
    assert describe(status.model_copy(update={"memory_bytes": 2**30})).endswith("15 min left, 1.0 GB of memory")
    assert describe(Status(state="queued")) == "queued: 0 pictures"
    ended = Status(state="done", images_seen=28_864, images_total=31_744)
    assert describe(ended) == "done: 28,864 pictures", "its time was over, and what was planned before does not count"
