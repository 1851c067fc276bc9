"""Latent directions on the page: finding them, trying them on a picture, naming them and storing them with a model of the
home.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from gan.directions import adopt, factorise, principal
from gan.errors import CheckpointError, ModelError
from gan.limits import MAX_LAYERS, MAX_PUSHES, MOST_FOUND_DIRECTIONS, MOST_KEPT_DIRECTIONS, MOST_STRIPS, NAME_LENGTH
from gan.models import Direction, read_directions, write_directions
from gan.playing.explore import small
from gan.playing.studio import Answer, Call, Studio, Taste
from gan.playing.tendency import tendency
from gan.recipes import Latent, Push, Recipe, Schema
from gan.sampler import Model, parse_seeds
from gan.words import Language, number

STEPS = (-2.0, -1.0, 1.0, 2.0)
HALF = len(STEPS) // 2  # steps before the picture itself
LENGTH_TOLERANCE = 1e-3

_saving = threading.Lock()  # lets only one thread at a time read, change and write a list


class FoundCall(Call):
    """The number of directions of each kind to show."""

    count: int = Field(8, ge=1, le=MOST_FOUND_DIRECTIONS)


class PushCall(Taste):
    """A picture, given by its recipe or its seed, and the directions along which it is pushed."""

    seed: str = Field("0", max_length=200)
    recipe: Recipe | None = None
    pushes: tuple[Push, ...] = Field((), max_length=MAX_PUSHES)


class StripsCall(PushCall):
    """Directions whose effect is shown; their own strength is ignored."""

    pushes: tuple[Push, ...] = Field(max_length=MOST_STRIPS)


class Named(Schema):
    """A direction that the user named."""

    name: str = Field(max_length=NAME_LENGTH)
    unit: Latent
    scale: float = Field(gt=0, le=1e6)
    source: Literal["weights", "samples"]
    layers: tuple[int, ...] | None = Field(None, min_length=1, max_length=MAX_LAYERS)

    @model_validator(mode="after")
    def check_length(self) -> Self:
        if abs(float(np.linalg.norm(self.unit.values.astype(np.float64))) - 1) > LENGTH_TOLERANCE:
            raise ValueError("a direction has length 1")
        return self


class Change(Schema):
    """A direction to add (`was` is None), to replace, or to remove (`now` is None)."""

    was: str | None = Field(None, max_length=NAME_LENGTH)
    now: Named | None = None


class SaveCall(Call):
    """Changes to make to a model's list of directions."""

    changes: tuple[Change, ...] = Field(max_length=MOST_KEPT_DIRECTIONS)


class AdoptCall(Call):
    """A direction of earlier weights to use with the present weights."""

    name: str = Field(max_length=NAME_LENGTH)


def found(studio: Studio, call: FoundCall, language: Language) -> Answer:
    """Return the directions of a model: found in its weights, found in its samples, and stored with it; and why none can be
    stored, or null.
    """
    model = studio.open(call.model)
    answer: Answer = {  # always computed in full, so that a request for more does not change the first ones
        "weights": [described(model, each) for each in factorise(model, MOST_FOUND_DIRECTIONS)[: call.count]],
        "samples": [described(model, each) for each in principal(model, MOST_FOUND_DIRECTIONS)[: call.count]],
        "saved": [],
        "refusal": None,
    }
    try:
        answer["saved"] = [described(model, each) for each in read_directions(model)]
        check_home(studio, call.model, model)
    except (CheckpointError, ModelError) as error:
        answer["refusal"] = error.translated(language)
    return answer


def described(model: Model, direction: Direction) -> Answer:
    """Return a direction in the browser's form; a recipe is pushed by `vector` at strength 1."""
    return {
        "name": direction.name,
        "unit": Latent.of(direction.space, direction.vector).model_dump(mode="json"),
        "scale": direction.scale,
        "vector": Latent.of(direction.space, direction.vector * np.float32(direction.scale)).model_dump(mode="json"),
        "source": direction.source,
        "layers": direction.layers,
        "fits": direction.fits(model),
    }


def push(studio: Studio, call: PushCall, language: Language) -> Answer:
    """Return the tile of a picture pushed along directions; its recipe leaves out those of strength 0."""
    model = studio.open(call.model)
    recipe = pushed(base_of(model, call), [each for each in call.pushes if each.strength])
    return {"tile": studio.tiles(model, [recipe])[0]}


def strips(studio: Studio, call: StripsCall, language: Language) -> Answer:
    """Return the picture itself, and for each direction small pictures at -2, -1, 1 and 2, and what changes all the way from -2
    to 2.
    """
    model = studio.open(call.model)
    base = base_of(model, call)
    steps = [each.model_copy(update={"strength": strength}) for each in call.pushes for strength in STEPS]
    drawn = studio.pool.render(model, [base, *(pushed(base, [step]) for step in steps)])
    sides = [drawn[at : at + len(STEPS)] for at in range(1, len(drawn), len(STEPS))]
    return {
        "base": small(drawn[0]),
        "strips": [[small(picture) for picture in side] for side in sides],
        "tendencies": [tendency(*side[:HALF], drawn[0], *side[HALF:]) for side in sides],
    }


def save(studio: Studio, call: SaveCall, language: Language) -> Answer:
    """Make all changes to the list stored with a model, or none, and return the new list. Raises GanError."""
    model = studio.open(call.model)
    check_home(studio, call.model, model)
    with _saving:
        kept = read_directions(model)
        for change in call.changes:
            kept = changed(model, kept, change)
        write_directions(model, kept)
    return {"saved": [described(model, each) for each in kept]}


def take_over(studio: Studio, call: AdoptCall, language: Language) -> Answer:
    """Use a direction of earlier weights with the present ones, at the user's request, and return the new list."""
    model = studio.open(call.model)
    check_home(studio, call.model, model)
    with _saving:
        kept = [adopt(model, each) if each.name == call.name else each for each in read_directions(model)]
        write_directions(model, kept)
    return {"saved": [described(model, each) for each in kept]}


def changed(model: Model, kept: Sequence[Direction], change: Change) -> list[Direction]:
    """Return a model's list of directions after one change. If the direction to change has been removed meanwhile, its new
    version is added at the end.
    """
    now = None if change.now is None else direction_of(model, change.now)
    places = [index for index, each in enumerate(kept) if each.name == change.was]
    if not places:
        return [*kept, *([now] if now else [])]
    before, after = kept[: places[0]], kept[places[0] + 1 :]
    if now is not None and not kept[places[0]].fits(model):  # renaming a direction of other weights keeps those weights
        now = replace(kept[places[0]], name=now.name)
    return [*before, *([now] if now else []), *after]


def direction_of(model: Model, named: Named) -> Direction:
    """Return a direction from the browser's data. Raises ModelError for another latent space, or for layers that the model
    lacks.
    """
    unit, latent = named.unit, model.latent
    if not latent.is_direction(unit.space, unit.shape, None):
        shapes = {"found": f"{unit.space} {unit.shape}", "wanted": f"{latent.space} ({latent.dim},)"}
        raise ModelError("latent_foreign", model=model.name, **shapes)
    layers = tuple(sorted(set(named.layers))) if named.layers and latent.layers else None
    if layers is not None and not latent.has_layers(layers):
        raise ModelError("layer_unknown", model=model.name, layers=latent.layers)
    weights = model.config.weights_sha256
    return Direction(named.name.strip(), unit.values, named.scale, named.source, model.space, weights, layers)


def check_home(studio: Studio, key: str, model: Model) -> None:
    """Raise ModelError for a model that came with the app: its folder may be read-only, and the next version replaces it."""
    if studio.shelf.entry(key).kind == "starter":
        raise ModelError("directions_starter", model=model.name)


def base_of(model: Model, call: PushCall) -> Recipe:
    """Return the recipe of the picture to push: a given recipe, else a seed's. Raises ModelError."""
    if call.recipe is not None:
        return call.recipe
    seeds = parse_seeds(call.seed)
    if len(seeds) != 1:
        raise ModelError("one_seed", found=number(len(seeds)))
    return model.recipe(seeds[0], **call.fields)


def pushed(recipe: Recipe, pushes: Sequence[Push]) -> Recipe:
    """Return a recipe with more pushes. Raises ModelError for more than a recipe may hold."""
    directions = (*recipe.directions, *pushes)
    if len(directions) > MAX_PUSHES:
        raise ModelError("too_many_pushes", found=len(directions), most=MAX_PUSHES)
    return recipe.changed(directions=directions) if pushes else recipe
