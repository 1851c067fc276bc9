"""Explore: a plane of seeds, the picture at a point of it, and small pictures of the seeds around the point."""

import base64
import io
from typing import Annotated, Any

import numpy as np
from PIL import Image
from pydantic import Field

from gan.playing.studio import Answer, Studio, Taste
from gan.sampler import explore, seed_at
from gan.sampler.lattice import FARTHEST
from gan.words import Language

MOST_SEEDS = 24  # small pictures in one answer: more would delay the large picture
SMALL_SIDE = 128  # pixels: sharp enough for a small picture on a high-density screen
JPEG_QUALITY = 88

Step = Annotated[int, Field(ge=-FARTHEST, le=FARTHEST)]


class ExploreCall(Taste):
    """A point of the plane: whole numbers are seeds, x increases to the right and y upwards."""

    x: float = Field(ge=-FARTHEST, le=FARTHEST)
    y: float = Field(ge=-FARTHEST, le=FARTHEST)


class SeedsAroundCall(Taste):
    """Points of the plane with whole coordinates; the page shows a small picture of each point's seed."""

    places: list[tuple[Step, Step]] = Field(min_length=1, max_length=MOST_SEEDS)


def at_point(studio: Studio, call: ExploreCall, language: Language) -> Answer:
    """Return the picture at a point, as a tile."""
    model = studio.open(call.model)
    (tile,) = studio.tiles(model, [explore(model, call.x, call.y, **call.fields)])
    return {"tile": tile}


def seeds_around(studio: Studio, call: SeedsAroundCall, language: Language) -> Answer:
    """Return the seed at each point, with a small picture."""
    model = studio.open(call.model)
    seeds = [seed_at(i, j) for i, j in call.places]
    pictures = studio.pool.render(model, [model.recipe(seed, **call.fields) for seed in seeds])
    return {"seeds": seeds, "small": [small(picture) for picture in pictures]}


def small(picture: np.ndarray[Any, Any], side: int = SMALL_SIDE) -> str:
    """Return uint8 (H, W, C) as a data URI of a JPEG of at most `side` pixels, for display only."""
    image = Image.fromarray(picture[:, :, 0] if picture.shape[2] == 1 else picture)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
