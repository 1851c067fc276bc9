"""A picture file from a stranger, decoded within bounds, and fitted into the square that networks take."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageOps

from gan.data.report import Unusable

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_SIDE = 30_000  # the memory of an antialiased resize grows with the longer side
MAX_PIXELS = 50_000_000  # a telephone's 48 megapixels pass
DETAIL_SIDE = 640  # what is kept of a large picture's shorter side at least: the largest networks draw 512 pixels

Fit = Literal["crop", "pad"]
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: upright, 8 bits a channel, RGB, or RGBA where something shines through."""

    image: Image.Image
    shorter_side: int  # pixels, in the file
    grey: bool
    fingerprint: bytes  # of the pixels that can be seen: equal for the same picture in another file

    def fit(self, size: int, fit: Fit, background: Colour) -> np.ndarray:
        """uint8 (size, size, 3), antialiased: the middle square, or the whole picture with `background` around it."""
        image = self.image
        if image.mode == "RGBA":
            opaque = Image.new("RGB", image.size, background)
            opaque.paste(image, mask=image.getchannel("A"))
            image = opaque
        if fit == "crop":
            side = min(image.size)
            left, top = (image.width - side) // 2, (image.height - side) // 2
            middle = image.crop((left, top, left + side, top + side)) if image.width != image.height else image
            return np.asarray(middle.resize((size, size), Image.Resampling.LANCZOS))
        scale = size / max(image.size)
        width, height = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        square = Image.new("RGB", (size, size), background)
        square.paste(image.resize((width, height), Image.Resampling.LANCZOS), ((size - width) // 2, (size - height) // 2))
        return np.asarray(square)


def decode(content: bytes) -> Picture:
    """Decode a PNG, JPEG or WebP file. Raises Unusable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd metadata, which is not used
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as file:
                shorter_side = _check_dimensions(*file.size)
                file.draft(file.mode, (DETAIL_SIDE, DETAIL_SIDE))  # a large JPEG is decoded at 1/2, 1/4 or 1/8
                file.load()
                ImageOps.exif_transpose(file, in_place=True)
                image = _to_8_bit_colour(file)
    except Unusable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unusable("skip_too_many_pixels", millions=MAX_PIXELS // 10**6) from error
    except Exception as error:  # a decoder fed with a stranger's bytes may raise anything; the report says that it did
        raise Unusable("skip_broken") from error
    shrink = min(image.size) // DETAIL_SIDE
    return _describe(image.reduce(shrink) if shrink > 1 else image, shorter_side)


def _check_dimensions(width: int, height: int) -> int:
    """The shorter side. Called before a single pixel is decoded."""
    if min(width, height) < 1 or max(width, height) > MAX_SIDE:
        raise Unusable("skip_dimensions", width=width, height=height, limit=MAX_SIDE)
    if width * height > MAX_PIXELS:
        raise Unusable("skip_too_many_pixels", millions=MAX_PIXELS // 10**6)
    return min(width, height)


def _to_8_bit_colour(image: Image.Image) -> Image.Image:
    """RGB, or RGBA where a pixel is not opaque, from any mode that Pillow gives a PNG, JPEG or WebP."""
    if image.mode.startswith("I"):
        return _from_16_bit_grey(image)
    if not image.has_transparency_data:
        return image.convert("RGB")
    colour = image.convert("RGBA")
    lowest, _ = colour.getchannel("A").getextrema()
    return colour.convert("RGB") if lowest == 255 else colour


def _from_16_bit_grey(image: Image.Image) -> Image.Image:
    """Pillow would cut a 16-bit grey PNG off at 255: scale it, 65535 to 255. (16-bit colour it reads as 8-bit itself.)"""
    levels = np.asarray(image).astype(np.uint32)
    grey = Image.fromarray(((levels + 128) // 257).astype(np.uint8)).convert("RGB")
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey.putalpha(Image.fromarray(np.where(levels == transparent, 0, 255).astype(np.uint8)))
    return grey


def _describe(image: Image.Image, shorter_side: int) -> Picture:
    pixels = np.asarray(image)
    if image.mode == "RGBA":  # the colour of what cannot be seen is chance
        pixels = np.where(pixels[:, :, 3:] > 0, pixels, 0)
    red, green, blue = pixels[:, :, 0], pixels[:, :, 1], pixels[:, :, 2]
    fingerprint = hashlib.blake2b(f"{image.mode} {image.size}".encode(), digest_size=16)
    fingerprint.update(np.ascontiguousarray(pixels).data)
    return Picture(image, shorter_side, bool((red == green).all() and (green == blue).all()), fingerprint.digest())
