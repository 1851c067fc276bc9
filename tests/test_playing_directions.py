"""Directions on the server: found, pushed along, shown in strips, named and stored; and sentences for refusals."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan.directions import factorise, principal
from gan.images import read_recipe
from gan.limits import MAX_PUSHES, MOST_FOUND_DIRECTIONS
from gan.models import finding, read_directions, write_directions
from gan.playing.shelf import Shelf
from gan.playing.studio import Studio
from gan.sampler import Model
from tests.test_ui_create import array_of, ask, png_of
from tests.tiny_models import write_tiny_model

MODEL = "kept:pets"
FAMILIES = {"kept:pets": "style", "kept:digits": "mlp", "kept:things": "dcgan"}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    write_tiny_model(tmp_path / "models" / "pets", classes=("cats", "dogs"))
    write_tiny_model(tmp_path / "models" / "digits", family="mlp", channels=1)
    write_tiny_model(tmp_path / "models" / "things", family="dcgan")
    return Studio(Shelf(tmp_path))


@pytest.fixture
def model(studio: Studio) -> Model:
    return studio.open(MODEL)


def found(studio: Studio, key: str = MODEL, count: int = 2) -> dict[str, Any]:
    return ask(studio, "directions", model=key, count=count)


def push_of(direction: dict[str, Any], strength: float, layers: list[int] | None = None) -> dict[str, Any]:
    """Return a push in the browser's form."""
    return {"name": direction["name"], "vector": direction["vector"], "strength": strength, "layers": layers}


def named(direction: dict[str, Any], name: str, **fields: Any) -> dict[str, Any]:
    return {key: direction[key] for key in ("unit", "scale", "source", "layers")} | {"name": name} | fields


def save(studio: Studio, *changes: dict[str, Any], key: str = MODEL) -> dict[str, Any]:
    return ask(studio, "save_directions", model=key, changes=list(changes))


def names(answer: dict[str, Any]) -> list[str]:
    return [each["name"] for each in answer["saved"]]


# Found and pushed along


@pytest.mark.parametrize("key", FAMILIES)
def test_every_family_has_directions_of_both_kinds_and_each_changes_the_picture(studio: Studio, key: str) -> None:
    model = studio.open(key)
    answer = found(studio, key)
    assert [each["name"] for each in answer["weights"]] == ["weights 1", "weights 2"]
    assert [each["name"] for each in answer["samples"]] == ["samples 1", "samples 2"]
    assert (answer["saved"], answer["refusal"]) == ([], None)
    expected = [*factorise(model, MOST_FOUND_DIRECTIONS)[:2], *principal(model, MOST_FOUND_DIRECTIONS)[:2]]
    base = model.render([model.recipe(5)])[0].astype(int)
    for told, direction in zip([*answer["weights"], *answer["samples"]], expected, strict=True):
        tile = ask(studio, "push", model=key, seed="5", pushes=[push_of(told, 2)])["tile"]
        made = model.render([model.recipe(5, directions=(direction.push(model, 2.0),))])[0]
        assert np.abs(array_of(tile).reshape(made.shape) - made).max() <= 1
        assert np.abs(made - base).max() > 1
        assert read_recipe(png_of(tile)) == tile["recipe"]


def test_a_direction_at_0_changes_nothing_not_even_the_recipe(studio: Studio, model: Model) -> None:
    pushes = [push_of(each, 0) for each in found(studio)["weights"]]
    tile = ask(studio, "push", model=MODEL, seed="5", pushes=pushes)["tile"]
    assert tile["recipe"] == model.recipe(5).as_json()
    assert np.abs(array_of(tile) - model.generate([5])[0]).max() <= 1


def test_only_the_layers_asked_for_are_pushed(studio: Studio, model: Model) -> None:
    (direction,) = found(studio, count=1)["weights"]
    tiles = [ask(studio, "push", model=MODEL, pushes=[push_of(direction, 2, layers)])["tile"] for layers in (None, [0], [])]
    values = model.points(
        [model.recipe(0), *(model.recipe(0).changed(directions=tile["recipe"]["directions"]) for tile in tiles)]
    )
    moved = (values.values != values.values[0]).any(2)
    assert moved[1:].tolist() == [[True] * 4, [True, False, False, False], [False] * 4]


def test_a_picture_that_was_edited_before_is_pushed_further(studio: Studio) -> None:
    one, two = found(studio)["weights"]
    first = ask(studio, "push", model=MODEL, seed="3", pushes=[push_of(one, 1)])["tile"]
    second = ask(studio, "push", model=MODEL, recipe=first["recipe"], pushes=[push_of(two, 1)])["tile"]
    both = ask(studio, "push", model=MODEL, seed="3", pushes=[push_of(one, 1), push_of(two, 1)])["tile"]
    assert second["recipe"] == both["recipe"]


def test_a_strip_shows_each_direction_on_the_present_picture(studio: Studio, model: Model) -> None:
    directions = found(studio)["weights"]
    answer = ask(studio, "strips", model=MODEL, seed="4", psi=1.0, pushes=[push_of(each, 1) for each in directions])
    assert [len(strip) for strip in answer["strips"]] == [4, 4]

    def pixels(source: str) -> Any:
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2])))).astype(int)

    base = ask(studio, "push", model=MODEL, seed="4", psi=1.0)["tile"]
    right = ask(studio, "push", model=MODEL, seed="4", psi=1.0, pushes=[push_of(directions[1], 2)])["tile"]
    assert np.abs(pixels(answer["base"]) - array_of(base)).mean() < 8  # small pictures are JPEG
    assert np.abs(pixels(answer["strips"][1][3]) - array_of(right)).mean() < 8
    assert np.abs(array_of(right) - array_of(base)).mean() > 16


# Named and kept


def test_a_named_direction_is_kept_with_the_model_renamed_and_taken_away(studio: Studio, model: Model) -> None:
    one, two = found(studio)["samples"]
    assert names(save(studio, {"now": named(one, "smile")}, {"now": named(two, "age", layers=[1, 0])})) == ["smile", "age"]
    kept = read_directions(Model.open(model.folder))
    assert [(each.name, each.source, each.layers) for each in kept] == [("smile", "samples", None), ("age", "samples", (0, 1))]
    assert kept[0].vector.tobytes() == principal(model, MOST_FOUND_DIRECTIONS)[0].vector.tobytes()
    assert kept[0].scale == principal(model, MOST_FOUND_DIRECTIONS)[0].scale
    answer = found(studio)
    assert answer["saved"][0]["vector"] == one["vector"]  # the moved slider remains the same slider
    assert names(save(studio, {"was": "smile", "now": named(one, "grin")})) == ["grin", "age"]
    assert names(save(studio, {"was": "grin"}, {"was": "age"})) == []
    assert read_directions(model) == []


def test_what_is_kept_travels_with_the_model(studio: Studio, model: Model) -> None:
    (one,) = found(studio, count=1)["weights"]
    save(studio, {"now": named(one, "smile")})
    assert "directions.safetensors" in {path.name for path in model.folder.iterdir()}
    assert [each["name"] for each in found(studio)["saved"]] == ["smile"]


def test_a_change_of_what_somebody_else_took_away_meanwhile_adds_it(studio: Studio) -> None:
    one, two = found(studio)["weights"]
    save(studio, {"now": named(one, "smile")})
    assert names(save(studio, {"was": "gone", "now": named(two, "age")}, {"was": "never"})) == ["smile", "age"]


def test_a_direction_of_earlier_weights_is_shown_and_used_only_when_asked(studio: Studio, model: Model) -> None:
    save(studio, {"now": named(found(studio, count=1)["weights"][0], "smile")})
    old = read_directions(model)
    write_tiny_model(model.folder, classes=("cats", "dogs"), seed=1)
    newer = studio.open(MODEL)
    write_directions(newer, old)
    (told,) = found(studio)["saved"]
    assert (told["name"], told["fits"]) == ("smile", False)
    renamed = save(studio, {"was": "smile", "now": named(told, "grin")})["saved"]
    assert [(each["name"], each["fits"]) for each in renamed] == [("grin", False)]
    (taken,) = ask(studio, "take_over_direction", model=MODEL, name="grin")["saved"]
    assert taken["fits"]
    assert taken["unit"] == told["unit"]
    assert read_directions(newer)[0].fits(newer)


def test_a_starter_says_why_nothing_is_kept_with_it(studio: Studio) -> None:
    key = next(f"starter:{entry.name}" for entry in studio.shelf.entries() if entry.kind == "starter")
    folder = finding.starters_folder() / key.partition(":")[2]
    before = sorted(path.name for path in folder.iterdir())
    answer = found(studio, key)
    assert "came with Seedbed" in answer["refusal"]
    refused = save(studio, {"now": named(answer["weights"][0], "smile")}, key=key)
    assert refused["error"] == answer["refusal"]
    assert "自带" in ask(studio, "directions", "zh-CN", model=key)["refusal"]
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_damaged_file_hides_no_found_direction_and_is_told(studio: Studio, model: Model) -> None:
    (model.folder / "directions.safetensors").write_bytes(b"no safetensors")
    answer = found(studio)
    assert len(answer["weights"]) == 2
    assert "directions.safetensors" in answer["refusal"]


# Wrong input


@pytest.mark.parametrize(
    ("seed", "words"),
    [
        ("-1", "-1 is not a list of seeds"),
        ("cats", "cats is not a list of seeds"),
        ("", "is not a list of seeds"),
        ("1-999999999", "seeds are too many at once"),
        ("0-3", "4 seeds are given, but directions apply to one picture at a time. Write one seed."),
        ("4294967296", "4294967296 is not a seed"),
    ],
)
def test_what_is_no_seed_gets_one_sentence(studio: Studio, seed: str, words: str) -> None:
    assert words in ask(studio, "push", model=MODEL, seed=seed)["error"]


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("", {}, "cannot name a direction"),
        ("x" * 61, {}, "cannot name a direction"),
        ("there", {}, "Two directions are called there"),
        ("a", {"layers": [9]}, "has 4 layers, numbered from 0"),
        ("a", {"layers": [-1]}, "has 4 layers, numbered from 0"),
        ("a", {"scale": 0}, "out of bounds"),
        ("a", {"source": "guesses"}, "out of bounds"),
    ],
)
def test_a_direction_that_cannot_be_kept_gets_one_sentence_and_changes_nothing(
    studio: Studio, name: str, fields: dict[str, Any], words: str
) -> None:
    one, two = found(studio)["weights"]
    save(studio, {"now": named(one, "there")})
    assert words in save(studio, {"now": named(two, name, **fields)})["error"]
    assert names(found(studio)) == ["there"]


def test_directions_and_pictures_of_another_model_are_refused(studio: Studio) -> None:
    (foreign,) = found(studio, "kept:digits", 1)["weights"]
    assert "Use a latent that was made with this model" in ask(studio, "push", model=MODEL, pushes=[push_of(foreign, 1)])["error"]
    assert "Use a latent that was made with this model" in save(studio, {"now": named(foreign, "smile")})["error"]
    recipe = studio.open("kept:digits").recipe(0).as_json()
    assert "belongs to the weights of" in ask(studio, "push", model=MODEL, recipe=recipe)["error"]


def test_more_pushes_than_a_recipe_holds_are_refused(studio: Studio) -> None:
    (direction,) = found(studio, count=1)["weights"]
    full = ask(studio, "push", model=MODEL, pushes=[push_of(direction, 0.1)] * MAX_PUSHES)["tile"]["recipe"]
    assert "at most 32 can" in ask(studio, "push", model=MODEL, recipe=full, pushes=[push_of(direction, 1)])["error"]
