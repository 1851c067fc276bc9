"""The mixing table on the server: sides, cells whose recipes reproduce them, and sentences for models without layers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan.images import read_recipe
from gan.limits import MIX_LINES
from gan.playing.shelf import Shelf
from gan.playing.studio import Studio
from gan.recipes import Mix, parse_recipe
from gan.sampler import Model
from tests.test_ui_create import array_of, ask, png_of
from tests.tiny_models import write_tiny_model

MODEL = "kept:pets"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    write_tiny_model(tmp_path / "models" / "pets", classes=("cats", "dogs"))
    write_tiny_model(tmp_path / "models" / "digits", family="mlp")
    return Studio(Shelf(tmp_path))


@pytest.fixture
def model(studio: Studio) -> Model:
    return studio.open(MODEL)


def table(studio: Studio, rows: dict[str, Any], columns: dict[str, Any], layers: list[int], **taste: Any) -> dict[str, Any]:
    return ask(studio, "mix", model=MODEL, rows=rows, columns=columns, layers=layers, **taste)


def same(one: Any, other: Any) -> bool:
    """Return whether pictures are equal within one level, by which batches of different sizes may differ."""
    return bool(np.abs(np.asarray(one).astype(int) - np.asarray(other).astype(int)).max() <= 1)


def test_all_layers_from_the_top_are_the_picture_on_top_and_none_the_one_at_the_left(studio: Studio, model: Model) -> None:
    everything = list(range(model.latent_shape[0]))
    sides = {"rows": {"seeds": "0-1"}, "columns": {"seeds": "5-7"}}
    for layers, from_top in ((everything, True), ([], False)):
        made = table(studio, **sides, layers=layers)
        assert [len(made["rows"]), len(made["columns"]), *map(len, made["cells"])] == [2, 3, 3, 3]
        for row, cells in zip(made["rows"], made["cells"], strict=True):
            for column, cell in zip(made["columns"], cells, strict=True):
                assert same(array_of(cell), array_of(column if from_top else row))
    assert not same(array_of(made["rows"][0]), array_of(made["columns"][0]))


def test_a_cell_carries_the_recipe_that_mixes_it_again(studio: Studio, model: Model) -> None:
    made = table(studio, {"seeds": "3"}, {"seeds": "4"}, [1, 0, 1], psi=0.9, **{"class": "dogs"})
    cell = made["cells"][0][0]
    mix = Mix(start=model.recipe(4, 0.9, "dogs").start, layers=(0, 1))
    assert cell["recipe"] == model.recipe(3, 0.9, "dogs", mix=mix).as_json() == read_recipe(png_of(cell))
    assert same(model.render([parse_recipe(cell["recipe"], "x")])[0], array_of(cell))
    assert not same(array_of(cell), array_of(made["rows"][0]))
    assert not same(array_of(cell), array_of(made["columns"][0]))


def test_classes_are_mixed_in_both_sides_and_in_the_cells(studio: Studio, model: Model) -> None:
    taste = {"class": "cats", "mix_with": "dogs", "mix_amount": 0.25}
    cell = table(studio, {"seeds": "3"}, {"seeds": "4"}, [0], **taste)["cells"][0][0]["recipe"]
    assert cell["class_mix"] == cell["mix"]["with"]["class_mix"] == {"class": "dogs", "amount": 0.25}
    plain = table(studio, {"seeds": "3"}, {"seeds": "4"}, [0], **{"class": "cats"})["cells"][0][0]
    mixed = table(studio, {"seeds": "3"}, {"seeds": "4"}, [0], **taste | {"mix_amount": 1.0})["cells"][0][0]
    assert not same(array_of(plain), array_of(mixed))


def test_pictures_that_were_mixed_before_are_mixed_as_they_look(studio: Studio, model: Model) -> None:
    everything = list(range(model.latent_shape[0]))
    before = table(studio, {"seeds": "0"}, {"seeds": "1"}, [0])["cells"][0][0]
    made = table(studio, {"seeds": "7", "pictures": [before["recipe"]]}, {"pictures": [before["recipe"]]}, everything)
    assert [tile["recipe"] for tile in made["columns"]] == [before["recipe"]]
    assert made["rows"][1]["recipe"] == before["recipe"]
    assert all(same(array_of(cells[0]), array_of(before)) for cells in made["cells"])
    nothing = table(studio, {"pictures": [before["recipe"]]}, {"seeds": "7"}, [])
    assert same(array_of(nothing["cells"][0][0]), array_of(before))


@pytest.mark.parametrize(
    ("rows", "layers", "words"),
    [
        ("-1", [0], "-1 is not a list of seeds"),
        ("cats", [0], "cats is not a list of seeds"),
        ("1-999999999", [0], "seeds are too many at once"),
        ("0-8", [0], f"9 pictures along one side are more than the table holds. Ask for at most {MIX_LINES} on each side."),
        (" ", [0], "One side of the table has no picture"),
        ("0", [99], "has 4 layers, numbered from 0"),
        ("0", [-1], "has 4 layers, numbered from 0"),
        ("0", list(range(99)), "out of bounds"),
        ("0", ["coarse"], "out of bounds"),
    ],
)
def test_what_cannot_be_mixed_gets_one_sentence(studio: Studio, rows: str, layers: list[int], words: str) -> None:
    answer = table(studio, {"seeds": rows}, {"seeds": "0"}, layers)
    assert words in answer["error"]
    assert "tiles" not in answer


def test_a_picture_of_another_model_and_a_family_without_w_are_refused_with_the_reason(studio: Studio) -> None:
    foreign = studio.open("kept:digits").recipe(0).as_json()
    assert "belongs to the weights of" in table(studio, {"pictures": [foreign]}, {"seeds": "0"}, [0])["error"]
    asked: dict[str, Any] = {"rows": {"seeds": "0"}, "columns": {"seeds": "1"}, "layers": [0]}
    assert "no intermediate latent w" in ask(studio, "mix", model="kept:digits", **asked)["error"]
    assert "没有中间潜变量" in ask(studio, "mix", "zh-CN", model="kept:digits", **asked)["error"]


def test_the_page_knows_the_groups_of_layers(studio: Studio) -> None:
    groups = ask(studio, "look", model=MODEL)["model"]["groups"]
    assert list(groups) == ["coarse", "middle", "fine"]
    assert [layer for own in groups.values() for layer in own] == list(range(4))
    assert ask(studio, "look", model="kept:digits")["model"]["groups"] == {}
