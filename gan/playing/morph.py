"""Morphs from picture to picture: a point between two, a preview that plays on the page, and films to save."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from gan.errors import ConfigError, GanError, ModelError
from gan.limits import (
    FRAME_RATE,
    LARGEST_ENLARGED,
    MAX_FRAMES,
    MAX_SEED,
    MOST_FILM_SECONDS,
    MOST_FRAME_RATE,
    MOST_PICTURES,
    SEEDS_LENGTH,
)
from gan.playing.explore import small
from gan.playing.studio import Answer, Call, Picture, Studio, Taste
from gan.playing.tasks import Task
from gan.recipes import SPACES, Recipe, Space
from gan.sampler import Easing, Model, Points, between, parse_seeds, walk
from gan.video import Kind, write_video
from gan.words import Language, number

FRAMES_A_PASS = 12  # few, so that the first frames arrive soon and other requests do not wait long
PREVIEW_SIDE = 256  # pixels

Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]


class StopsCall(Taste):
    """The pictures that a walk passes through: seeds as the visitor typed them, or a list of seeds and earlier pictures."""

    seeds: str | None = Field(None, max_length=SEEDS_LENGTH)
    stops: list[Seed | Recipe] = Field(default_factory=list, max_length=MOST_PICTURES)


class BetweenCall(Call):
    """A point between two pictures, from 0 (a) to 1 (b)."""

    a: Recipe
    b: Recipe
    t: float = Field(ge=0, le=1)
    space: Space


class WalkCall(Call):
    """A walk over pictures: its latent space, whether it returns to its first picture, and its pace."""

    recipes: list[Recipe] = Field(min_length=1, max_length=MOST_PICTURES)
    space: Space
    closed: bool = True
    easing: Easing = "smooth"


class PreviewCall(WalkCall):
    """Frames of a walk from `start` on; `frames` is the number in the whole walk."""

    frames: int = Field(ge=1, le=MAX_FRAMES)
    start: int = Field(0, ge=0, le=MAX_FRAMES)


class FilmCall(WalkCall):
    """A walk as a film, with `seconds` from picture to picture."""

    fps: int = Field(FRAME_RATE, ge=1, le=MOST_FRAME_RATE)
    seconds: float = Field(2, ge=0.1, le=MOST_FILM_SECONDS)
    kind: Kind = "mp4"
    scale: Literal[1, 2, 4, 8] = 1


class _StoppedError(Exception):
    """Raised through `write_video` when the film is stopped, so that no unfinished file remains."""


def stops(studio: Studio, call: StopsCall, language: Language) -> Answer:
    """Return a tile for each stop, and for each space the reason why no walk leads through it, or null."""
    model = studio.open(call.model)
    recipes = _stops(model, call)
    return {
        "tiles": studio.tiles(model, recipes),
        "spaces": {space: _why_not(model, recipes, space, language) for space in reversed(SPACES)},
    }


def _stops(model: Model, call: StopsCall) -> list[Recipe]:
    """Return the recipes of a call's seeds and pictures. Raises ModelError for more than a page shows, before any is drawn.

    Where no class is chosen and walks stay within one class, seeds take the class of the first picture.
    """
    wanted: Sequence[int | Recipe] = parse_seeds(call.seeds) if call.seeds is not None else call.stops
    if len(wanted) > MOST_PICTURES:
        raise ModelError("too_many_for_page", found=number(len(wanted)), most=MOST_PICTURES)
    fields = call.fields
    if not any(way.across_classes for way in model.latent.ways) and fields["class_name"] is None and wanted:
        first = wanted[0]
        fields["class_name"] = first.class_name if isinstance(first, Recipe) else model.recipe(first).class_name
    return [each if isinstance(each, Recipe) else model.recipe(each, **fields) for each in wanted]


def _why_not(model: Model, recipes: Sequence[Recipe], space: Space, language: Language) -> str | None:
    if not recipes:
        return None
    try:
        walk(model, recipes, 1, space=space)
    except GanError as error:
        return error.translated(language)
    return None


def on_the_way(studio: Studio, call: BetweenCall, language: Language) -> Answer:
    """Return the picture at a point between two pictures, as a tile."""
    model = studio.open(call.model)
    (tile,) = studio.tiles(model, [between(model, call.a, call.b, call.t, call.space)])
    return {"tile": tile}


def preview(studio: Studio, call: PreviewCall, language: Language) -> Answer:
    """Return the next frames of a walk as small pictures, which the page plays."""
    model = studio.open(call.model)
    batches = walk(
        model, call.recipes, call.frames, space=call.space, closed=call.closed, easing=call.easing, batch=FRAMES_A_PASS
    )  # frames that are not requested are never painted
    points = next(islice(batches, call.start // FRAMES_A_PASS, None), None)
    pictures: Iterable[Picture] = [] if points is None else studio.pool.paint(model, points)
    return {
        "frames": [small(picture, PREVIEW_SIDE) for picture in pictures],
        "start": call.start // FRAMES_A_PASS * FRAMES_A_PASS,
    }


def film(studio: Studio, call: FilmCall, language: Language) -> Answer:
    """Start to write a film; its frames are painted as they are written."""
    model = studio.open(call.model)
    frames = frames_of(call)
    if frames > MAX_FRAMES:
        most = MAX_FRAMES / call.fps
        raise ModelError("film_too_long", found=number(frames), most=number(MAX_FRAMES), seconds=number(most))
    side = call.scale * model.config.resolution
    if side > LARGEST_ENLARGED:
        raise ModelError("enlarged_too_large", found=side, most=LARGEST_ENLARGED)
    if call.kind == "gif" and call.fps > 50:
        raise ConfigError("config_field", field="fps", found=call.fps, expected="1 … 50 (GIF)")
    points = walk(model, call.recipes, frames, space=call.space, closed=call.closed, easing=call.easing, batch=FRAMES_A_PASS)

    def work(task: Task) -> Answer:
        def watched() -> Iterator[Picture]:
            for done, picture in enumerate(painted(studio, model, points), 1):
                if task.stopped:
                    raise _StoppedError
                yield picture
                task.report(done, frames)

        path = task.file(f"film.{call.kind}")
        try:
            write_video(path, watched(), call.fps, call.kind, None if call.scale == 1 else side, _walk_of(call, model))
        except _StoppedError:
            task.content = None
            return {"stopped": True}
        return {"frames": frames, "bytes": Path(path).stat().st_size}

    return {"id": studio.tasks.start(work).id}


def painted(studio: Studio, model: Model, points: Iterable[Points]) -> Iterator[Picture]:
    """Yield the pictures of a walk one by one. Each is painted when it is needed, so that other requests run in between."""
    for batch in points:
        yield from studio.pool.paint(model, batch)


def frames_of(call: FilmCall) -> int:
    """Return the number of frames: a whole number for each leg, so that every stop is a frame. An open film ends with the last
    stop.
    """
    a_leg = max(1, int(call.fps * call.seconds + 0.5))  # halves are rounded up, as on the page
    count = len(call.recipes)
    return a_leg * count if call.closed else a_leg * (count - 1) + 1


def _walk_of(call: FilmCall, model: Model) -> dict[str, Any]:
    """Return the walk in the form of the film's metadata."""
    way = call.model_dump(mode="json", include={"space", "closed", "easing", "fps", "seconds"})
    if call.scale > 1:
        way["enlarged"] = {"scale": call.scale, "resampler": "bicubic"}
    return {
        "version": 1,
        "model": model.reference.model_dump(mode="json"),
        "walk": way | {"recipes": [recipe.as_json() for recipe in call.recipes]},
    }
