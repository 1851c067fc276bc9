"""Breeding on the server: generations given by seeds and numbers have the same children as generations given by recipes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan.limits import CHILDREN, MOST_GENERATIONS
from gan.playing.shelf import Shelf
from gan.playing.studio import Studio
from gan.recipes import parse_recipe
from gan.sampler import Model, breed
from tests.test_ui_create import array_of, ask
from tests.tiny_models import write_tiny_model

MODELS = {"pets": "style", "digits": "mlp", "shirts": "dcgan"}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    for name, family in MODELS.items():
        write_tiny_model(tmp_path / "models" / name, family=family, classes=("cats", "dogs"))
    return Studio(Shelf(tmp_path))


def generation(*parents: dict[str, Any], seed: int = 7, mutation: float = 0.2) -> dict[str, Any]:
    return {"parents": parents, "seed": seed, "mutation": mutation}


def recipes_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [tile["recipe"] for tile in answer["tiles"]]


@pytest.mark.parametrize("name", MODELS)
def test_two_seeds_have_eight_children_of_every_family(studio: Studio, name: str) -> None:
    key = f"kept:{name}"
    model = studio.open(key)
    answer = ask(studio, "breed", model=key, generations=[generation({"seed": 1}, {"seed": 2})], psi=0.5, **{"class": "dogs"})
    expected = breed(model, [model.recipe(seed, 0.5, "dogs") for seed in (1, 2)], 7, CHILDREN, 0.2)
    assert recipes_of(answer) == [child.as_json() for child in expected]
    for tile, picture in zip(answer["tiles"], model.render(expected), strict=True):
        assert np.abs(array_of(tile) - picture).max() <= 1


def test_a_line_of_generations_ends_where_its_recipes_do(studio: Studio) -> None:
    first = ask(studio, "breed", model="kept:pets", generations=[generation({"seed": 1}, {"seed": 2})])
    mother, father = recipes_of(first)[3], recipes_of(first)[5]
    by_recipes = ask(studio, "breed", model="kept:pets", generations=[generation({"recipe": mother}, {"recipe": father}, seed=8)])
    line = [generation({"seed": 1}, {"seed": 2}), generation({"of": 0, "child": 3}, {"of": 0, "child": 5}, seed=8)]
    by_line = ask(studio, "breed", model="kept:pets", generations=line)
    assert recipes_of(by_line) == recipes_of(by_recipes)
    lineage = recipes_of(by_line)[0]["lineage"]
    assert (lineage["tool"], lineage["settings"]["seed"]) == ("breed", 8)
    assert [each["fingerprint"] for each in lineage["parents"]] == [
        parse_recipe(each, "child").fingerprint for each in (mother, father)
    ]


def test_the_settings_reach_the_children_through_all_generations(studio: Studio) -> None:
    line = [generation({"seed": 1}, {"seed": 2}), generation({"of": 0, "child": 0}, {"of": 0, "child": 1})]
    for psi in (0.5, 1.0):
        answer = ask(studio, "breed", model="kept:pets", generations=line, psi=psi)
        assert {recipe["psi"] for recipe in recipes_of(answer)} == {psi}


def test_a_child_without_mutation_of_one_parent_is_that_parent(studio: Studio) -> None:
    model: Model = studio.open("kept:pets")
    tiles = ask(studio, "breed", model="kept:pets", generations=[generation({"seed": 4}, mutation=0)])["tiles"]
    for tile in tiles:
        assert np.abs(array_of(tile) - model.generate([4], 0.7)[0]).max() <= 1


def test_a_parent_of_another_model_gets_a_sentence(studio: Studio) -> None:
    foreign = studio.open("kept:digits").recipe(3).as_json()
    answer = ask(studio, "breed", model="kept:pets", generations=[generation({"recipe": foreign})])
    assert answer["code"] == "recipe_foreign"
    assert "digits" in answer["error"]


OUT_OF_BOUNDS: dict[str, list[dict[str, Any]]] = {
    "no generation": [],
    "too many generations": [generation({"seed": 1})] * (MOST_GENERATIONS + 1),
    "no parent": [generation()],
    "nine parents": [generation(*[{"seed": 1}] * 9)],
    "a parent of its own generation": [generation({"of": 0, "child": 1})],
    "a parent yet to come": [generation({"of": 1, "child": 1}), generation({"seed": 1})],
    "a ninth child": [generation({"seed": 1}), generation({"of": 0, "child": 8})],
    "nobody": [generation({})],
    "two in one": [generation({"seed": 1, "recipe": None, "of": 0})],
    "a seed below 0": [generation({"seed": -1})],
    "mutation above 1": [generation({"seed": 1}, mutation=1.5)],
    "something else": [{**generation({"seed": 1}), "more": 1}],
}


@pytest.mark.parametrize("line", OUT_OF_BOUNDS.values(), ids=OUT_OF_BOUNDS)
def test_what_is_out_of_bounds_gets_one_sentence(studio: Studio, line: list[dict[str, Any]]) -> None:
    answer = ask(studio, "breed", model="kept:pets", generations=json.loads(json.dumps(line)))
    assert "out of bounds" in answer["error"]
    assert "tiles" not in answer
