"""Latent directions as the page shows them: found, tried on a picture, named, and kept with a model that lives in the home."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from gan.directions import Direction, adopt, factorise, principal, read_directions, write_directions
from gan.errors import CheckpointError, ModelError
from gan.playing.explore import small
from gan.playing.studio import Answer, Call, Studio, Taste
from gan.recipes import MAX_DIRECTIONS, MAX_LAYERS, NAME_LENGTH, Latent, Push, Recipe, Schema
from gan.sampler import Model, parse_seeds
from gan.words import Language, number

MOST_FOUND = 32  # of each kind
MOST_STRIPS = 8  # an answer: more would keep the live picture waiting
STEPS = (-2.0, -1.0, 1.0, 2.0)
LENGTH_TOLERANCE = 1e-3

_saving = threading.Lock()  # a list is read, changed and written as one


class FoundCall(Call):
    """How many directions of each kind."""

    count: int = Field(8, ge=1, le=MOST_FOUND)


class PushCall(Taste):
    """A picture, by its recipe or else its seed, and the directions it is pushed along."""

    seed: str = Field("0", max_length=200)
    recipe: Recipe | None = None
    pushes: tuple[Push, ...] = Field((), max_length=MAX_DIRECTIONS)


class StripsCall(PushCall):
    """Directions whose effect is shown; their strength is not looked at."""

    pushes: tuple[Push, ...] = Field(max_length=MOST_STRIPS)


class Named(Schema):
    """A direction with a name that a person gave."""

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
    """A direction that is added (was nothing), replaced, or taken away (now nothing)."""

    was: str | None = Field(None, max_length=NAME_LENGTH)
    now: Named | None = None


class SaveCall(Call):
    """What is to change in a model's list."""

    changes: tuple[Change, ...] = Field(max_length=64)


class AdoptCall(Call):
    """A direction of earlier weights that is to be used on those of today."""

    name: str = Field(max_length=NAME_LENGTH)


def found(studio: Studio, call: FoundCall, language: Language) -> Answer:
    """The directions of a model: found in its weights, in its samples, kept with it; and why none can be kept, if so."""
    model = studio.open(call.model)
    answer: Answer = {  # all are found whenever some are, so that asking for more changes no bit of those before
        "weights": [told(model, each) for each in factorise(model, MOST_FOUND)[: call.count]],
        "samples": [told(model, each) for each in principal(model, MOST_FOUND)[: call.count]],
        "saved": [],
        "refusal": None,
    }
    try:
        answer["saved"] = [told(model, each) for each in read_directions(model)]
        check_home(studio, call.model, model)
    except (CheckpointError, ModelError) as error:
        answer["refusal"] = error.translated(language)
    return answer


def told(model: Model, direction: Direction) -> Answer:
    """A direction as the browser keeps it; `vector` is what a recipe is pushed by at strength 1."""
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
    """The tile of a picture pushed along directions; those of strength 0 are not even in its recipe."""
    model = studio.open(call.model)
    recipe = pushed(base_of(model, call), [each for each in call.pushes if each.strength])
    return {"tile": studio.tiles(model, [recipe])[0]}


def strips(studio: Studio, call: StripsCall, language: Language) -> Answer:
    """The picture itself, and for each direction small pictures at -2, -1, 1 and 2."""
    model = studio.open(call.model)
    base = base_of(model, call)
    steps = [each.model_copy(update={"strength": strength}) for each in call.pushes for strength in STEPS]
    pictures = [small(picture) for picture in studio.pool.render(model, [base, *(pushed(base, [step]) for step in steps)])]
    return {"base": pictures[0], "strips": [pictures[at : at + len(STEPS)] for at in range(1, len(pictures), len(STEPS))]}


def save(studio: Studio, call: SaveCall, language: Language) -> Answer:
    """Change the list that is kept with a model, as one; the new list. Raises GanError, and then nothing has changed."""
    model = studio.open(call.model)
    check_home(studio, call.model, model)
    with _saving:
        kept = read_directions(model)
        for change in call.changes:
            kept = changed(model, kept, change)
        write_directions(model, kept)
    return {"saved": [told(model, each) for each in kept]}


def take_over(studio: Studio, call: AdoptCall, language: Language) -> Answer:
    """Use a direction of earlier weights on those of today, because somebody says so; the new list."""
    model = studio.open(call.model)
    check_home(studio, call.model, model)
    with _saving:
        kept = [adopt(model, each) if each.name == call.name else each for each in read_directions(model)]
        write_directions(model, kept)
    return {"saved": [told(model, each) for each in kept]}


def changed(model: Model, kept: Sequence[Direction], change: Change) -> list[Direction]:
    """A list after a change. Who takes away or renames what somebody else took away meanwhile is told by what is there now."""
    now = None if change.now is None else direction_of(model, change.now)
    places = [index for index, each in enumerate(kept) if each.name == change.was]
    if not places:
        return [*kept, *([now] if now else [])]
    before, after = kept[: places[0]], kept[places[0] + 1 :]
    if now is not None and not kept[places[0]].fits(model):  # a new name is no reason to use it on other weights
        now = replace(kept[places[0]], name=now.name)
    return [*before, *([now] if now else []), *after]


def direction_of(model: Model, named: Named) -> Direction:
    """A direction from the browser. Raises ModelError where it is of another space, or of layers that the model has not."""
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
    """Raise ModelError where a model came with the app: it may be read-only, and the next version brings its own."""
    if studio.shelf.entry(key).kind == "starter":
        raise ModelError("directions_starter", model=model.name)


def base_of(model: Model, call: PushCall) -> Recipe:
    """The picture that is pushed. Raises ModelError for anything but one seed."""
    if call.recipe is not None:
        return call.recipe
    seeds = parse_seeds(call.seed)
    if len(seeds) != 1:
        raise ModelError("one_seed", found=number(len(seeds)))
    return model.recipe(seeds[0], **call.fields)


def pushed(recipe: Recipe, pushes: Sequence[Push]) -> Recipe:
    """A recipe pushed further. Raises ModelError where that is more than a recipe holds."""
    directions = (*recipe.directions, *pushes)
    if len(directions) > MAX_DIRECTIONS:
        raise ModelError("too_many_pushes", found=len(directions), most=MAX_DIRECTIONS)
    return recipe.changed(directions=directions) if pushes else recipe
