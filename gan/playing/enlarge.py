"""Enlarges pictures two, four or eight times for saving, by a resampler that the recipe names."""

from typing import Any, Literal

import numpy as np
from PIL import Image
from pydantic import Field

from gan.errors import ModelError
from gan.images import data_uri, encode_png
from gan.limits import LARGEST_ENLARGED
from gan.playing.studio import Answer, Call, Studio
from gan.recipes import Enlarged, Recipe
from gan.words import Language

MOST_ENLARGED = 8  # pictures in one answer: compressing one enlarged PNG takes as long as drawing a picture

Scale = Literal[2, 4, 8]


class EnlargeCall(Call):
    """Pictures by their recipes, and the factor to enlarge them by."""

    recipes: list[Recipe] = Field(min_length=1, max_length=MOST_ENLARGED)
    scale: Scale


def enlarge(studio: Studio, call: EnlargeCall, language: Language) -> Answer:
    """Return tiles whose PNG files are enlarged and record this; they are saved, not shown. Raises ModelError beyond the largest
    size.
    """
    model = studio.open(call.model)
    side = call.scale * model.config.resolution
    if side > LARGEST_ENLARGED:
        raise ModelError("enlarged_too_large", found=side, most=LARGEST_ENLARGED)
    pictures = studio.pool.render(model, call.recipes)
    how = Enlarged(scale=call.scale)
    recipes = [recipe.changed(enlarged=how).as_json() for recipe in call.recipes]
    tiles = [
        {"src": data_uri(encode_png(enlarged(picture, call.scale), recipe)), "recipe": recipe}
        for picture, recipe in zip(pictures, recipes, strict=True)
    ]
    return {"tiles": tiles}


def enlarged(picture: np.ndarray[Any, Any], scale: int) -> np.ndarray[Any, Any]:
    """Enlarge uint8 (H, W, C) to (scale H, scale W, C), by Lanczos' windowed sinc."""
    height, width, channels = picture.shape
    image = Image.fromarray(picture[:, :, 0] if channels == 1 else picture)
    larger = np.asarray(image.resize((scale * width, scale * height), Image.Resampling.LANCZOS))
    return larger.reshape(scale * height, scale * width, channels)
