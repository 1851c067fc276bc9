"""Calls for other programs, over HTTP and MCP: generate, morph, mix, project, describe. They return files and values."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gan import video
from gan.directions import layer_groups
from gan.errors import ConfigError, GanError, ModelError
from gan.images import encode_png, grid
from gan.limits import (
    FILM_SIDES,
    FRAME_RATE,
    LEAST_FILM_SIDE,
    MAX_PSI,
    MAX_SEED,
    MOST_FILM_SECONDS,
    MOST_FRAME_RATE,
    MOST_PICTURES,
    MOST_PROJECTION_STEPS,
    NAME_LENGTH,
    PROJECTION_STEPS,
    PSI,
    SEEDS_LENGTH,
)
from gan.models import Entry, read_config
from gan.playing.mix import mixtures
from gan.playing.morph import FRAMES_A_PASS, painted
from gan.playing.studio import Picture, Studio
from gan.projection import project as find_latent
from gan.projection import read_picture
from gan.recipes import Recipe
from gan.sampler import Model, parse_seeds, walk
from gan.words import number, shorten

SHEET_GAP = 2  # pixels
MODEL_LENGTH = 300  # letters of a key


class File(NamedTuple):
    """A file to return."""

    name: str
    content: bytes


class Asked(BaseModel):
    """The arguments that all calls share. They come from other programs, so every value is checked."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, coerce_numbers_to_str=True)

    model: str = Field(max_length=MODEL_LENGTH)
    class_name: str = Field("", max_length=NAME_LENGTH)
    psi: float = Field(PSI, ge=-MAX_PSI, le=MAX_PSI)

    def recipes(self, model: Model, seeds: str) -> list[Recipe]:
        """Return a recipe for each seed. Raises ModelError."""
        numbers = parse_seeds(seeds)
        check_count(len(numbers))  # checked first, before a hundred thousand recipes are made
        return [model.recipe(seed, self.psi, self.class_name or None) for seed in numbers]


class GenerateAsked(Asked):
    """Arguments of `generate`."""

    seeds: str = Field(max_length=SEEDS_LENGTH)


class MixAsked(Asked):
    """Arguments of `mix`: the two sides of the table, and the layers that come from the columns."""

    rows: str = Field(max_length=SEEDS_LENGTH)
    columns: str = Field(max_length=SEEDS_LENGTH)
    layers: str = Field(max_length=200)


class MorphAsked(GenerateAsked):
    """Arguments of `morph`."""

    seconds: float = Field(gt=0, le=MOST_FILM_SECONDS)
    frames_per_second: int = Field(FRAME_RATE, ge=1, le=MOST_FRAME_RATE)
    loop: bool
    side: int = Field(ge=LEAST_FILM_SIDE, le=FILM_SIDES[-1])


class ProjectAsked(Asked):
    """Arguments of `project`."""

    picture: Path
    steps: int = Field(PROJECTION_STEPS, ge=1, le=MOST_PROJECTION_STEPS)


Kind = TypeVar("Kind", bound=BaseModel)


def checked(kind: type[Kind], **values: Any) -> Kind:
    """Return a program's arguments after checking them. Raises ConfigError for the first argument that is out of bounds."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise ConfigError("argument_invalid", name=".".join(map(str, first["loc"])), problem=shorten(first["msg"])) from error


def check_count(count: int) -> None:
    """Raise ModelError for more pictures than one call may make."""
    if count > MOST_PICTURES:
        raise ModelError("too_many_for_call", found=number(count), most=MOST_PICTURES)


def generate(studio: Studio, asked: GenerateAsked) -> tuple[list[File], File]:
    """Return a PNG for each seed, and a sheet of all of them."""
    model = studio.open_named(asked.model)
    return _pictures(studio, model, asked.recipes(model, asked.seeds))


def mix(studio: Studio, asked: MixAsked) -> tuple[list[File], File]:
    """Return a PNG for each mixture, row by row, and a sheet with one row for each seed of the rows."""
    model = studio.open_named(asked.model)
    columns = asked.recipes(model, asked.columns)
    layers = _layers(model, asked.layers)
    return _pictures(studio, model, mixtures(model, asked.recipes(model, asked.rows), columns, layers), len(columns))


def morph(studio: Studio, asked: MorphAsked) -> File:
    """Return a film over the pictures of seeds."""
    model = studio.open_named(asked.model)
    recipes = asked.recipes(model, asked.seeds)
    count = max(1, round(asked.seconds * asked.frames_per_second))
    frames = painted(studio, model, walk(model, recipes, count, space=model.space, closed=asked.loop, batch=FRAMES_A_PASS))
    film = video.encode_video(frames, asked.frames_per_second, side=asked.side, recipe=recipes[0].as_json())
    return File(f"{_plain(model.name)}-morph.mp4", film)


def project(studio: Studio, asked: ProjectAsked) -> tuple[File, dict[str, Any]]:
    """Return the picture of the model that is closest to the given picture, and its distance from it."""
    model = studio.open_named(asked.model)
    picture = read_picture(asked.picture, model)
    found = find_latent(model, picture, class_name=asked.class_name or None, steps=asked.steps)
    file = File(f"{_plain(model.name)}-projected.png", encode_png(found.picture, found.recipe.as_json()))
    return file, {"error": found.error, "steps": found.steps}


def describe(studio: Studio, asked: Asked) -> dict[str, Any]:
    """Return all models, or the named one with its layers, and the bounds of seeds and psi."""
    if asked.model:
        entry = studio.shelf.named(asked.model)
        models = [_described(entry) | {"layers": _groups(studio.shelf.open_entry(entry))}]
    else:
        models = [_described(entry) for entry in studio.shelf.entries()]
    return {"models": models, "seeds": [0, MAX_SEED], "psi": [-MAX_PSI, MAX_PSI]}


def _pictures(studio: Studio, model: Model, recipes: Sequence[Recipe], columns: int | None = None) -> tuple[list[File], File]:
    """Return PNG files with their recipes inside, and one PNG that shows all of them."""
    check_count(len(recipes))
    pictures = studio.pool.render(model, recipes)
    files = [_file(model, picture, recipe) for picture, recipe in zip(pictures, recipes, strict=True)]
    sheet = encode_png(grid(pictures, columns, SHEET_GAP), machine_made=True)
    return files, File(f"{_plain(model.name)}-sheet.png", sheet)


def _file(model: Model, picture: Picture, recipe: Recipe) -> File:
    name = recipe.fingerprint if recipe.mix else recipe.seed
    return File(f"{_plain(model.name)}-{name}.png", encode_png(picture, recipe.as_json()))


def _layers(model: Model, text: str) -> tuple[int, ...]:
    """Parse layers, given by the name of their group or by numbers. Raises ModelError."""
    groups = layer_groups(model)
    if not groups:
        raise ModelError("needs_w", model=model.name, family=model.config.family)
    everything = tuple(range(model.latent_shape[0]))
    named = groups | {"all": everything}
    if text.strip().lower() in named:
        return named[text.strip().lower()]
    try:
        numbers = tuple(parse_seeds(text))  # lists of layers have the same syntax as lists of seeds
    except ModelError as error:
        raise ModelError("layer_unknown", model=model.name, layers=len(everything)) from error
    if not set(numbers) <= set(everything):
        raise ModelError("layer_unknown", model=model.name, layers=len(everything))
    return numbers


def _described(entry: Entry) -> dict[str, Any]:
    named = {"name": entry.name, "key": entry.key}
    try:
        values = read_config(entry.folder).model_dump(mode="json")
    except GanError as error:  # a damaged model must not hide the others
        return named | {"error": error.translated("en")}
    fields = ("family", "resolution", "channels", "classes", "z_dim", "weights_sha256")
    return named | {field: values[field] for field in fields}


def _groups(model: Model) -> dict[str, list[int]]:
    return {name: list(layers) for name, layers in layer_groups(model).items()}


def _plain(name: str) -> str:
    """Return a model's name without characters that a file name cannot contain."""
    return name.replace("/", "-")
