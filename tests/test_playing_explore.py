"""Explore on the server: the picture at a point, the seeds around it, and a sentence for points outside the plane."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan.playing.explore import MOST_SEEDS, SMALL_SIDE, small
from gan.playing.shelf import Shelf
from gan.playing.studio import Studio
from gan.recipes import parse_recipe
from gan.sampler import seed_at
from gan.words import CREATE
from tests.test_ui_create import array_of, ask
from tests.tiny_models import write_tiny_model

MODEL = "kept:pets"
FAMILIES = {"kept:pets": "style", "kept:digits": "mlp"}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    for key, family in FAMILIES.items():
        write_tiny_model(tmp_path / "models" / key.removeprefix("kept:"), family, classes=("cats", "dogs"))
    return Studio(Shelf(tmp_path))


def small_array(source: str) -> Any:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])))).astype(int)


@pytest.mark.parametrize("key", FAMILIES)
def test_a_whole_point_is_the_picture_of_its_seed_and_between_them_the_recipe_makes_it_again(studio: Studio, key: str) -> None:
    model = studio.open(key)
    whole = ask(studio, "explore", model=key, x=2, y=1, psi=0.6, **{"class": "dogs"})["tile"]
    assert whole["recipe"] == model.recipe(seed_at(2, 1), 0.6, "dogs").as_json()
    assert np.abs(array_of(whole) - model.generate([seed_at(2, 1)], 0.6, "dogs")[0]).max() <= 1
    between = ask(studio, "explore", model=key, x=0.25, y=-0.5)["tile"]
    assert np.abs(array_of(between) - model.render([parse_recipe(between["recipe"], "x")])[0]).max() <= 1
    assert {parent["seed"] for parent in between["recipe"]["lineage"]["parents"]} == {0, 1, seed_at(0, -1), seed_at(1, -1)}


def test_a_small_step_changes_the_picture_a_little_and_a_long_one_much(studio: Studio) -> None:
    at = [array_of(ask(studio, "explore", model=MODEL, x=x, y=0.4, **{"class": "cats"})["tile"]) for x in (0.3, 0.32, 1.3)]
    assert 0 <= np.abs(at[1] - at[0]).mean() < np.abs(at[2] - at[0]).mean()


def test_the_seeds_around_are_shown_small_in_the_order_asked(studio: Studio) -> None:
    places = [[0, 0], [-1, 2], [400, -3]]
    answer = ask(studio, "seeds_around", model=MODEL, places=places, **{"class": "cats"})
    assert answer["seeds"] == [seed_at(i, j) for i, j in places]
    for source, picture in zip(answer["small"], studio.open(MODEL).generate(answer["seeds"], 0.7, "cats"), strict=True):
        assert np.abs(small_array(source) - picture).mean() < 6  # a JPEG, for display only


def test_large_pictures_are_made_small_and_grey_ones_stay_grey() -> None:
    assert small_array(small(np.full((512, 256, 3), 200, np.uint8))).shape == (SMALL_SIDE, SMALL_SIDE // 2, 3)
    assert small_array(small(np.full((16, 16, 1), 200, np.uint8))).shape == (16, 16)


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        ("explore", {"x": 1e7, "y": 0}),
        ("explore", {"x": "NaN", "y": 0}),
        ("explore", {"x": 0}),
        ("seeds_around", {"places": []}),
        ("seeds_around", {"places": [[0, 0]] * (MOST_SEEDS + 1)}),
        ("seeds_around", {"places": [[0.5, 0]]}),
    ],
)
def test_points_outside_the_plane_are_refused(studio: Studio, call: str, asked: dict[str, Any]) -> None:
    assert ask(studio, call, model=MODEL, **asked) == {"error": CREATE["en"]["create_call_invalid"]}


def test_a_class_that_is_not_there_gets_one_sentence(studio: Studio) -> None:
    assert "has no class birds" in ask(studio, "explore", model=MODEL, x=0, y=0, **{"class": "birds"})["error"]
