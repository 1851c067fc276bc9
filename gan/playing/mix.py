"""A table of style mixing: pictures at the left and on top, and in each cell the left one with some layers of the top one."""

from pydantic import Field

from gan.errors import ModelError
from gan.playing.studio import Answer, Studio, Taste
from gan.recipes import MAX_LAYERS, Latent, Mix, Recipe, Schema
from gan.sampler import Model, parse_seeds
from gan.words import Language, number

MOST_LINES = 8


class Side(Schema):
    """The pictures along one side of the table: seeds as a visitor writes them, then pictures made before."""

    seeds: str = Field("", max_length=2000)
    pictures: tuple[Recipe, ...] = Field((), max_length=MOST_LINES)


class MixCall(Taste):
    """Two sides, and the layers that the cells take from the picture on top."""

    rows: Side
    columns: Side
    layers: tuple[int, ...] = Field(max_length=MAX_LAYERS)


def mix(studio: Studio, call: MixCall, language: Language) -> Answer:
    """Tiles of both sides, and of the cells row by row."""
    model = studio.open(call.model)
    if not model.latent.can_mix_layers:
        raise ModelError("needs_w", model=model.name, family=model.config.family)
    rows, columns = side_recipes(model, call, call.rows), side_recipes(model, call, call.columns)
    layers = tuple(sorted(set(call.layers)))
    tops = [settled(model, recipe).start for recipe in columns]
    cells = [row.changed(mix=Mix(start=top, layers=layers)) for row in (settled(model, each) for each in rows) for top in tops]
    tiles = studio.tiles(model, [*rows, *columns, *cells])
    first_cell, width = len(rows) + len(columns), len(columns)
    return {
        "rows": tiles[: len(rows)],
        "columns": tiles[len(rows) : first_cell],
        "cells": [tiles[start : start + width] for start in range(first_cell, len(tiles), width)],
    }


def side_recipes(model: Model, call: Taste, side: Side) -> list[Recipe]:
    """The recipes along a side. Raises ModelError where there are none, or more than the table holds."""
    seeds = parse_seeds(side.seeds) if side.seeds.strip() else []
    found = len(seeds) + len(side.pictures)
    if found > MOST_LINES:
        raise ModelError("mix_too_large", found=number(found), most=MOST_LINES)
    if not found:
        raise ModelError("mix_empty")
    return [*(model.recipe(seed, **call.fields) for seed in seeds), *side.pictures]


def settled(model: Model, recipe: Recipe) -> Recipe:
    """A picture that was mixed or pushed before, by the point it ended at: a recipe mixes once, and mixes before it pushes."""
    if recipe.mix is None and not recipe.directions:
        return recipe
    point = model.points([recipe]).values[0].cpu().numpy()
    return model.recipe(psi=1.0, class_name=recipe.class_name, latent=Latent.of(model.space, point))
