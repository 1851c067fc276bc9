"""A table of style mixing: pictures on the left and on top; each cell is the left picture with some layers of the top one."""

from collections.abc import Sequence

from pydantic import Field

from gan.errors import ModelError
from gan.limits import MAX_LAYERS, MIX_LINES, SEEDS_LENGTH
from gan.playing.studio import Answer, Studio, Taste
from gan.recipes import Latent, Mix, Recipe, Schema
from gan.sampler import Model, parse_seeds
from gan.words import Language, number


class Side(Schema):
    """The pictures along one side of the table: seeds as the visitor typed them, then earlier pictures."""

    seeds: str = Field("", max_length=SEEDS_LENGTH)
    pictures: tuple[Recipe, ...] = Field((), max_length=MIX_LINES)


class MixCall(Taste):
    """The two sides, and the layers that the cells take from the picture on top."""

    rows: Side
    columns: Side
    layers: tuple[int, ...] = Field(max_length=MAX_LAYERS)


def mix(studio: Studio, call: MixCall, language: Language) -> Answer:
    """Return the tiles of both sides, and of the cells row by row."""
    model = studio.open(call.model)
    if not model.latent.can_mix_layers:
        raise ModelError("needs_w", model=model.name, family=model.config.family)
    rows, columns = side_recipes(model, call, call.rows), side_recipes(model, call, call.columns)
    layers = tuple(sorted(set(call.layers)))
    cells = mixtures(model, rows, columns, layers)
    tiles = studio.tiles(model, [*rows, *columns, *cells])
    first_cell, width = len(rows) + len(columns), len(columns)
    return {
        "rows": tiles[: len(rows)],
        "columns": tiles[len(rows) : first_cell],
        "cells": [tiles[start : start + width] for start in range(first_cell, len(tiles), width)],
    }


def mixtures(model: Model, rows: Sequence[Recipe], columns: Sequence[Recipe], layers: tuple[int, ...]) -> list[Recipe]:
    """Return the cells row by row: each picture of the rows with these layers from each picture of the columns."""
    tops = [settled(model, recipe).start for recipe in columns]
    return [row.changed(mix=Mix(start=top, layers=layers)) for row in (settled(model, each) for each in rows) for top in tops]


def side_recipes(model: Model, call: Taste, side: Side) -> list[Recipe]:
    """Return the recipes along one side. Raises ModelError for none, or for more than the table holds."""
    seeds = parse_seeds(side.seeds) if side.seeds.strip() else []
    found = len(seeds) + len(side.pictures)
    if found > MIX_LINES:
        raise ModelError("mix_too_large", found=number(found), most=MIX_LINES)
    if not found:
        raise ModelError("mix_empty")
    return [*(model.recipe(seed, **call.fields) for seed in seeds), *side.pictures]


def settled(model: Model, recipe: Recipe) -> Recipe:
    """Return a mixed or pushed picture as a recipe of its final point. A recipe can be mixed only once, and only before it is
    pushed, so a mixed or pushed picture must be settled first.
    """
    if recipe.mix is None and not recipe.directions:
        return recipe
    point = model.points([recipe]).values[0].cpu().numpy()
    return model.recipe(psi=1.0, class_name=recipe.class_name, latent=Latent.of(model.space, point))
