"""What changes between two ends of a row of pictures, as words such as "darker" and "lighter"."""

from pathlib import Path

import numpy as np
import pytest

from gan.playing.shelf import Shelf
from gan.playing.studio import Studio
from gan.playing.tendency import tendency
from gan.recipes import Latent
from tests.test_playing_directions import MODEL, found, push_of
from tests.test_ui_create import ask
from tests.tiny_models import write_tiny_model

Colour = tuple[int, int, int]


def plain(colour: Colour) -> np.ndarray:
    return np.full((32, 32, 3), colour, np.uint8)


def disc(side: int, colour: Colour = (100, 100, 100), ground: Colour = (255, 255, 255)) -> np.ndarray:
    """Return a square of a side on a plain ground; its share of the area is (side / 32)²."""
    picture = plain(ground)
    start = (32 - side) // 2
    picture[start : start + side, start : start + side] = colour
    return picture


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (plain((60, 60, 60)), plain((90, 90, 90)), [("light", True)]),
        (plain((90, 90, 90)), plain((60, 60, 60)), [("light", False)]),
        (plain((100, 100, 100)), plain((110, 110, 110)), []),  # 0.04 of the range, hardly visible in a row
        (plain((100, 130, 115)), plain((130, 100, 115)), [("red", True)]),
        (plain((120, 120, 90)), plain((120, 120, 160)), [("yellow", False)]),
        (disc(8), disc(16), [("size", True), ("light", False)]),
        (disc(16), disc(8), [("size", False), ("light", True)]),
    ],
)
def test_the_visible_changes_come_first_and_have_a_sign(
    low: np.ndarray, high: np.ndarray, expected: list[tuple[str, bool]]
) -> None:
    assert [(each["what"], each["rises"]) for each in tendency(low, high)] == expected


def test_more_colour_of_all_hues_is_more_vivid() -> None:
    hues = np.array([(255, 0, 0), (0, 255, 255), (0, 255, 0), (255, 0, 255)], np.float32)
    full = hues[np.arange(32) % 4][None].repeat(32, 0)
    pale = full * 0.5 + full.mean(2, keepdims=True) * 0.5  # as bright, half the colour
    assert [(each["what"], each["rises"]) for each in tendency(pale.astype(np.uint8), full.astype(np.uint8))] == [("vivid", True)]


def test_size_is_not_told_where_there_is_no_plain_ground() -> None:
    noise = np.random.RandomState(0).randint(0, 256, (2, 32, 32, 3)).astype(np.uint8)
    assert tendency(noise[0], noise[1]) == []
    assert "size" not in [each["what"] for each in tendency(noise[0], disc(16))]


def test_what_turns_back_on_the_way_is_not_named() -> None:
    dark, middle, bright = (plain((value,) * 3) for value in (40, 120, 200))
    assert [each["what"] for each in tendency(dark, middle, bright)] == ["light"]
    assert tendency(dark, bright, middle) == []
    assert tendency(dark, bright, plain((193,) * 3), plain((186,) * 3)) == [], "two steps back, each too small to see"
    hardly = plain((198,) * 3)
    assert [each["what"] for each in tendency(dark, bright, hardly)] == ["light"]


def test_grey_pictures_have_brightness_and_size_alone() -> None:
    assert {each["what"] for each in tendency(disc(8)[..., :1], disc(24)[..., :1])} == {"size", "light"}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    write_tiny_model(tmp_path / "models" / "pets", classes=("cats", "dogs"))
    return Studio(Shelf(tmp_path))


def test_a_strip_comes_with_what_changes_along_it(studio: Studio) -> None:
    pushes = [push_of(each, 1) for each in found(studio)["weights"]]
    one = ask(studio, "strips", model=MODEL, seed="4", pushes=pushes)["tendencies"]
    backwards = [each | {"vector": turned(each["vector"])} for each in pushes]
    other = ask(studio, "strips", model=MODEL, seed="4", pushes=backwards)["tendencies"]
    assert len(one) == 2
    assert any(one)
    assert other == [[{"what": each["what"], "rises": not each["rises"]} for each in row] for row in one]


def turned(vector: dict[str, object]) -> dict[str, object]:
    """Return a vector of the browser's form with the opposite sign."""
    latent = Latent.model_validate(vector)
    return Latent.of(latent.space, -latent.values).model_dump(mode="json")
