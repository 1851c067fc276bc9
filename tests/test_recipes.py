"""Recipes: unknown fields refused, values bounded and exact to the bit."""

import json
from typing import Any

import numpy as np
import pytest

from gan.errors import DataError
from gan.recipes import ClassMix, Latent, Mix, ModelReference, Push, Recipe, Start, parse_recipe

MODEL = ModelReference(name="pets", weights_sha256="ab" * 32)
VALUES = np.random.RandomState(0).standard_normal((6, 8)).astype(np.float32)


def full_recipe() -> Recipe:
    w = Latent.of("w", VALUES)
    return Recipe(
        model=MODEL,
        latent=w,
        class_name="öl",
        class_mix=ClassMix(class_name="cats", amount=0.25),
        mix=Mix(start=Start(seed=3), layers=(4, 5)),
        directions=(Push(name="smile", vector=Latent.of("w", VALUES[0]), strength=-1.5, layers=(0, 1)),),
    )


def test_a_recipe_comes_back_from_its_json_as_it_was() -> None:
    recipe = full_recipe()
    again = parse_recipe(json.loads(json.dumps(recipe.as_json())), "x.png")
    assert again == recipe
    assert again.latent is not None
    assert again.latent.values.tobytes() == VALUES.tobytes()


def test_the_recipe_of_a_seed_is_as_short_as_the_design_says() -> None:
    recipe = Recipe(model=MODEL, seed=42, psi=0.7)
    model = {"name": "pets", "repo": None, "revision": None, "weights_sha256": "ab" * 32}
    assert recipe.as_json() == {"version": 1, "model": model, "seed": 42, "psi": 0.7, "class": None}


def test_the_fingerprint_is_of_the_picture_and_not_of_what_is_told_beside_it() -> None:
    recipe = full_recipe()
    assert recipe.fingerprint == recipe.changed(licence="CC0").fingerprint
    assert recipe.fingerprint != recipe.changed(psi=0.5).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"seed": -1},
        {"seed": 2**32},
        {"seed": None},
        {"latent": {"space": "z", "shape": [1], "float32": "AAAAAA=="}},  # both a seed and a latent
        {"psi": 2.5},
        {"psi": float("nan")},
        {"surprise": 1},
        {"model": {"name": "pets", "weights_sha256": "short"}},
        {"directions": [{"name": "a", "vector": {"space": "w", "shape": [2], "float32": "AAAA"}, "strength": 1}]},
        {
            "directions": [{"name": "a", "vector": {"space": "w", "shape": [1], "float32": "AADAfw=="}, "strength": 1}]
        },  # not a number
        {"mix": {"with": {"seed": 1}, "layers": list(range(33))}},
    ],
)
def test_what_does_not_fit_the_schema_is_refused_in_one_sentence(change: dict[str, Any]) -> None:
    values = Recipe(model=MODEL, seed=1).as_json() | change
    with pytest.raises(DataError, match=r"The recipe in x\.png cannot be used: ") as caught:
        parse_recipe(values, "x.png")
    assert caught.value.code == "recipe_invalid"


@pytest.mark.parametrize("values", [None, 3, "seed", [1]])
def test_what_is_no_recipe_at_all_is_refused(values: Any) -> None:
    with pytest.raises(DataError):
        parse_recipe(values, "x.png")
