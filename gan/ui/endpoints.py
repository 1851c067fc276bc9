"""Seedbed for other programs: generate, morph, mix, project and describe, over HTTP, gradio_client and MCP.

What is said of them here is what their callers read: Gradio shows the docstrings as the API's documentation and as the
descriptions of the MCP tools, one line an argument.
"""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Literal, TypedDict, TypeVar

import gradio as gr
import numpy as np
from gradio.events import api
from gradio.processing_utils import save_bytes_to_cache
from gradio.utils import get_upload_folder
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from gan import video
from gan.directions import layer_groups
from gan.errors import ConfigError, GanError, ModelError
from gan.files import shorten
from gan.hub import Entry
from gan.images import encode_png, grid
from gan.models import read_config
from gan.playing.shelf import key_of
from gan.playing.studio import MOST_PICTURES, Studio
from gan.projection import STEPS, project, read_picture
from gan.recipes import MAX_PSI, MAX_SEED, Mix, Recipe
from gan.sampler import Model, parse_seeds, walk
from gan.ui.spoken import spoken
from gan.words import number

AT_ONCE = 16  # callers whose pictures may share a pass
LONG_AT_ONCE = 1  # films and projections: who plays on the page shall not wait for several of them
PSI = 0.7
SHEET_GAP = 2  # pixels
FRAMES_A_PASS = 16  # of a film: between two passes others get their turn
MOST_SECONDS = 60
SLOWEST, FASTEST = video.RATES
LARGEST_SIDE = 1024
MOST_STEPS = 1000  # of a projection


class FileMark(TypedDict):
    """How Gradio knows a file among other values."""

    _type: Literal["gradio.FileData"]


class FileValue(TypedDict):
    """A file, as Gradio's clients send and fetch it."""

    path: str
    meta: FileMark


class Asked(BaseModel):
    """What an endpoint is sent: anything, by anybody."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, coerce_numbers_to_str=True)

    model: str = Field(max_length=300)
    class_name: str = Field("", max_length=200)
    psi: float = Field(PSI, ge=-MAX_PSI, le=MAX_PSI)

    def recipes(self, model: Model, seeds: str) -> list[Recipe]:
        """A recipe a seed. Raises ModelError."""
        numbers = parse_seeds(seeds)
        check_count(len(numbers))  # before a hundred thousand of them are made
        return [model.recipe(seed, self.psi, self.class_name or None) for seed in numbers]


class SeedsAsked(Asked):
    """With seeds as a person writes them."""

    seeds: str = Field(max_length=2000)


class MixAsked(Asked):
    """With the two sides of a mixing."""

    rows: str = Field(max_length=2000)
    columns: str = Field(max_length=2000)
    layers: str = Field(max_length=200)


class MorphAsked(SeedsAsked):
    """With how the film goes."""

    seconds: float = Field(gt=0, le=MOST_SECONDS)
    frames_per_second: int = Field(ge=SLOWEST, le=FASTEST)
    loop: bool
    side: int = Field(ge=video.SIDES[0], le=LARGEST_SIDE)


class ProjectAsked(Asked):
    """With a file that was uploaded before: Gradio has checked its path only where the caller marked it as a file."""

    picture: Path
    steps: int = Field(ge=1, le=MOST_STEPS)

    @field_validator("picture", mode="before")
    @classmethod
    def check_picture(cls, value: Any) -> Path:
        try:
            path = Path(value["path"]).resolve()
        except (LookupError, OSError, TypeError, ValueError) as error:
            raise ValueError("it is no uploaded file") from error
        if not path.is_relative_to(Path(get_upload_folder()).resolve()):
            raise ValueError("it is no uploaded file")
        return path


def check_count(count: int) -> None:
    """Raise ModelError where more pictures are asked for than one call may make."""
    if count > MOST_PICTURES:
        raise ModelError("too_many_for_call", found=number(count), most=MOST_PICTURES)


Kind = TypeVar("Kind", bound=BaseModel)


def checked(kind: type[Kind], **values: Any) -> Kind:
    """A stranger's arguments. Raises ConfigError with the first that is out of bounds."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise ConfigError("argument_invalid", name=".".join(map(str, first["loc"])), problem=shorten(first["msg"])) from error


class Endpoints:
    """What other programs may ask for. Every answer is made by the pool that paints for the page's visitors too."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    @spoken
    def generate(
        self, request: gr.Request, seeds: str = "0-7", model: str = "", psi: float = PSI, class_name: str = ""
    ) -> tuple[list[FileValue], FileValue]:
        """Make pictures of seeds with an image generator. A seed is the same picture every time; describe lists the models.

        Args:
            seeds: Which pictures: numbers and ranges like 0-7 or 3, 40-43; each number is one picture, at most 64 at once.
            model: The generator's name, as describe lists it; left empty, the first one.
            psi: Variety from 0 (the average picture) over 0.7 (safe) to 1 (everything the generator knows), at most 2.
            class_name: The kind of picture, one of the model's classes; left empty, each seed chooses its own.

        Returns:
            The pictures as PNG files in the order of the seeds, each with its recipe inside.
            One PNG that shows all of them side by side.
        """
        asked = checked(SeedsAsked, model=model, seeds=seeds, psi=psi, class_name=class_name)
        opened = self._open(asked.model)
        recipes = asked.recipes(opened, asked.seeds)
        pictures = self._render(opened, recipes)
        return self._files(opened, recipes, pictures), self._sheet(opened, pictures)

    @spoken
    def morph(
        self,
        request: gr.Request,
        seeds: str = "0, 1, 2",
        model: str = "",
        psi: float = PSI,
        class_name: str = "",
        seconds: float = 4.0,
        frames_per_second: int = 24,
        loop: bool = True,
        side: int = 512,
    ) -> FileValue:
        """Make a film in which pictures of seeds flow into each other.

        Args:
            seeds: The pictures it goes over, like 3, 40-43; the first frame is the first picture.
            model: The generator's name, as describe lists it; left empty, the first one.
            psi: Variety from 0 (the average picture) over 0.7 (safe) to 1 (everything the generator knows), at most 2.
            class_name: The kind of picture, one of the model's classes; left empty, each seed chooses its own.
            seconds: The film's length, at most 60.
            frames_per_second: 1 to 60.
            loop: Whether it goes back to the first picture, so that it can be played over and over.
            side: The film's height and width in pixels, 16 to 1024; pictures are enlarged smoothly.

        Returns:
            The film as MP4 (H.264).
        """
        values = {"seconds": seconds, "frames_per_second": frames_per_second, "loop": loop, "side": side}
        asked = checked(MorphAsked, model=model, seeds=seeds, psi=psi, class_name=class_name, **values)
        opened = self._open(asked.model)
        recipes = asked.recipes(opened, asked.seeds)
        count = max(1, round(asked.seconds * asked.frames_per_second))
        way = walk(opened, recipes, count, space=opened.space, closed=asked.loop, batch=FRAMES_A_PASS)
        frames = chain.from_iterable(self.studio.pool.paint(opened, points) for points in way)
        film = video.encode_video(frames, asked.frames_per_second, side=asked.side, recipe=recipes[0].as_json())
        return published(film, f"{_plain(opened.name)}-morph.mp4")

    @spoken
    def mix(
        self,
        request: gr.Request,
        rows: str = "0-3",
        columns: str = "4-7",
        layers: str = "coarse",
        model: str = "",
        psi: float = PSI,
        class_name: str = "",
    ) -> tuple[list[FileValue], FileValue]:
        """Mix the styles of pictures: each picture of the rows takes some of its layers from each picture of the columns.

        Args:
            rows: Seeds of the pictures that are changed, like 0-3.
            columns: Seeds of the pictures that layers are taken from, like 4-7; rows times columns is at most 64.
            layers: What is taken: coarse (pose and shape), middle, fine (colour and texture), all, or layer numbers like 0-3.
            model: The generator's name, as describe lists it; left empty, the first one. It must be of the family style.
            psi: Variety from 0 (the average picture) over 0.7 (safe) to 1 (everything the generator knows), at most 2.
            class_name: The kind of picture, one of the model's classes; left empty, each seed chooses its own.

        Returns:
            The mixed pictures as PNG files, row by row, each with its recipe inside.
            One PNG that shows all of them, a row a seed of the rows.
        """
        asked = checked(MixAsked, model=model, rows=rows, columns=columns, layers=layers, psi=psi, class_name=class_name)
        opened = self._open(asked.model)
        starts = [recipe.start for recipe in asked.recipes(opened, asked.columns)]
        numbers = _layers(opened, asked.layers)
        mixed = [
            recipe.changed(mix=Mix(start=start, layers=numbers))
            for recipe in asked.recipes(opened, asked.rows)
            for start in starts
        ]
        pictures = self._render(opened, mixed)
        return self._files(opened, mixed, pictures), self._sheet(opened, pictures, len(starts))

    @spoken
    def project(
        self, request: gr.Request, picture: FileValue, model: str = "", class_name: str = "", steps: int = STEPS
    ) -> tuple[FileValue, dict[str, Any]]:
        """Find the place of a photograph in a generator's latent space: the picture that it makes most like the photograph.

        Args:
            picture: A PNG, JPEG or WebP file; it is cropped to a square.
            model: The generator's name, as describe lists it; left empty, the first one.
            class_name: The kind of picture to look among, one of the model's classes; left empty, all of them.
            steps: How long to look for it, 1 to 1000; more is closer and slower.

        Returns:
            What the generator makes of it, a PNG with its recipe inside.
            JSON: error, the root mean square difference to the photograph from 0 (none) to 1, and steps, how many it took.
        """
        asked = checked(ProjectAsked, picture=picture, model=model, class_name=class_name, steps=steps)
        opened = self._open(asked.model)
        found = project(opened, read_picture(asked.picture, opened), class_name=asked.class_name or None, steps=asked.steps)
        made = published(encode_png(found.picture, found.recipe.as_json()), f"{_plain(opened.name)}-projected.png")
        return made, {"error": found.error, "steps": found.steps}

    @spoken
    def describe(self, request: gr.Request, model: str = "") -> dict[str, Any]:
        """List the image generators that are here, with the classes, sizes and layers that the other endpoints take.

        Args:
            model: The name of one generator; left empty, all of them.

        Returns:
            JSON: models, each with name, key, family, resolution, channels, classes, z_dim and weights_sha256; with the one that
            was named also layers, by group. A model that is damaged has an error instead.
        """
        asked = checked(Asked, model=model)
        if asked.model:
            key = self._key(asked.model)
            models = [_described(key, self.studio.shelf.entry(key)) | {"layers": _groups(self.studio.open(key))}]
        else:
            models = [_described(key_of(entry), entry) for entry in self.studio.shelf.entries()]
        return {"models": models, "seeds": [0, MAX_SEED], "psi": [-MAX_PSI, MAX_PSI]}

    def _key(self, name: str) -> str:
        """The key of a model by its key or name; the first one where none is named. Raises ModelError."""
        entries = self.studio.shelf.entries()
        found = next((key_of(entry) for entry in entries if name in (key_of(entry), entry.name)), None)
        first = None if name else self.studio.shelf.first_key()
        key = found or first
        if key is None:
            raise ModelError("model_not_found", model=name or "-", known=", ".join(entry.name for entry in entries) or "-")
        return key

    def _open(self, name: str) -> Model:
        return self.studio.open(self._key(name))

    def _render(self, model: Model, recipes: Sequence[Recipe]) -> np.ndarray[Any, Any]:
        check_count(len(recipes))
        return self.studio.pool.render(model, recipes)

    def _files(self, model: Model, recipes: Sequence[Recipe], pictures: np.ndarray[Any, Any]) -> list[FileValue]:
        """PNG files that carry their recipes."""
        named = [f"{_plain(model.name)}-{recipe.fingerprint if recipe.mix else recipe.seed}.png" for recipe in recipes]
        made = [encode_png(picture, recipe.as_json()) for picture, recipe in zip(pictures, recipes, strict=True)]
        return [published(content, name) for content, name in zip(made, named, strict=True)]

    def _sheet(self, model: Model, pictures: np.ndarray[Any, Any], columns: int | None = None) -> FileValue:
        return published(encode_png(grid(pictures, columns, SHEET_GAP), machine_made=True), f"{_plain(model.name)}-sheet.png")


def published(content: bytes, name: str) -> FileValue:
    """A file that whoever asked for it may fetch for a day, by an address that cannot be guessed.

    It is written where Gradio keeps what it serves, under the name that Gradio itself would give its copy: nothing of the home
    is ever named in an answer, and nothing is written twice.
    """
    return {"path": save_bytes_to_cache(content, name, get_upload_folder()), "meta": {"_type": "gradio.FileData"}}


def connect_endpoints(studio: Studio) -> None:
    """Offer the endpoints. Called while the page is built."""
    endpoints = Endpoints(studio)
    quick: list[Any] = [endpoints.generate, endpoints.mix, endpoints.describe]
    for handler in quick:
        # Out of the queue MCP's calls come here directly, and pictures reach it as pictures; all others pass through it anyway.
        api(handler, api_name=handler.__name__, concurrency_limit=AT_ONCE, queue=False)
    long: list[Any] = [endpoints.morph, endpoints.project]
    for handler in long:
        api(handler, api_name=handler.__name__, concurrency_limit=LONG_AT_ONCE, concurrency_id="long")


def _layers(model: Model, text: str) -> tuple[int, ...]:
    """Layers by the name of their group, or by numbers. Raises ModelError."""
    groups = layer_groups(model)
    if not groups:
        raise ModelError("needs_w", model=model.name, family=model.config.family)
    everything = tuple(range(model.latent_shape[0]))
    named = groups | {"all": everything}
    if text.strip().lower() in named:
        return named[text.strip().lower()]
    try:
        numbers = tuple(parse_seeds(text))  # written alike
    except ModelError as error:
        raise ModelError("layer_unknown", model=model.name, layers=len(everything)) from error
    if not set(numbers) <= set(everything):
        raise ModelError("layer_unknown", model=model.name, layers=len(everything))
    return numbers


def _described(key: str, entry: Entry) -> dict[str, Any]:
    named = {"name": entry.name, "key": key}
    try:
        values = read_config(entry.folder).model_dump(mode="json")
    except GanError as error:  # one damaged model must not hide the others
        return named | {"error": error.translated("en")}
    told = ("family", "resolution", "channels", "classes", "z_dim", "weights_sha256")
    return named | {field: values[field] for field in told}


def _groups(model: Model) -> dict[str, list[int]]:
    return {name: list(layers) for name, layers in layer_groups(model).items()}


def _plain(name: str) -> str:
    return name.replace("/", "-")
