"""Enlarged pictures: their size, the resampler in their recipe, and how they are recalled."""

import base64
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.images import read_recipe
from gan.playing.enlarge import enlarged
from gan.playing.shelf import Shelf
from gan.playing.studio import Studio
from gan.recipes import parse_recipe
from tests.test_ui_create import array_of, ask, png_of
from tests.tiny_models import write_tiny_model

MODEL = "kept:pets"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    write_tiny_model(tmp_path / "models" / "pets", classes=("cats", "dogs"))
    return Studio(Shelf(tmp_path))


@pytest.mark.parametrize("scale", [2, 4, 8])
def test_a_picture_is_enlarged_by_lanczos_and_its_recipe_says_so(studio: Studio, scale: int) -> None:
    (tile,) = ask(studio, "pictures", model=MODEL, seeds="3")["tiles"]
    (larger,) = ask(studio, "enlarge", model=MODEL, recipes=[tile["recipe"]], scale=scale)["tiles"]
    small = array_of(tile).astype(np.uint8)
    side = scale * small.shape[0]
    expected = Image.fromarray(small).resize((side, side), Image.Resampling.LANCZOS)
    assert np.abs(array_of(larger) - np.asarray(expected).astype(int)).max() <= 2
    assert larger["recipe"] == tile["recipe"] | {"enlarged": {"scale": scale, "resampler": "lanczos"}}
    assert read_recipe(png_of(larger)) == larger["recipe"]
    assert parse_recipe(larger["recipe"], "x").fingerprint == parse_recipe(tile["recipe"], "x").fingerprint


def test_an_enlarged_picture_comes_back_as_the_model_draws_it(studio: Studio) -> None:
    (tile,) = ask(studio, "pictures", model=MODEL, seeds="3")["tiles"]
    (larger,) = ask(studio, "enlarge", model=MODEL, recipes=[tile["recipe"]], scale=2)["tiles"]
    dropped = {"name": "pets-3-2x.png", "content": base64.b64encode(png_of(larger)).decode()}
    assert ask(studio, "recall", **dropped) == {"recipe": tile["recipe"], "model": MODEL}


def test_grey_pictures_stay_grey() -> None:
    assert enlarged(np.full((4, 4, 1), 7, np.uint8), 2).tolist() == np.full((8, 8, 1), 7).tolist()


def test_a_scale_that_is_not_offered_or_too_large_is_refused(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    model = studio.open(MODEL)
    recipe, side = model.recipe(0).as_json(), 8 * model.config.resolution
    monkeypatch.setattr("gan.playing.enlarge.LARGEST_ENLARGED", side - 1)
    assert "out of bounds" in ask(studio, "enlarge", model=MODEL, recipes=[recipe], scale=3)["error"]
    assert f"A side of {side} pixels" in ask(studio, "enlarge", model=MODEL, recipes=[recipe], scale=8)["error"]
