"""A picture file from outside, decoded within bounds, and fitted into the square that networks take."""

import functools
import hashlib
import io
import time
import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageFile

from gan.data.colour import to_srgb
from gan.data.containers import Opened, open_jpeg, open_png, orientation_in, with_more_data
from gan.data.formats import format_of
from gan.data.report import Unusable

MAX_SIDE = 30_000  # the memory of an antialiased resize grows with the longer side
MAX_PIXELS = 50_000_000  # a telephone's 48 megapixels pass
MAX_SECONDS = 10.0  # of the processor, for one picture; the largest that pass take one or two
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
    pixels: np.ndarray | None = None  # uint8 (H, W, 3) of an opaque picture, if they are at hand

    def fit(self, size: int, fit: Fit, background: Colour) -> np.ndarray:
        """uint8 (size, size, 3), antialiased: the middle square, or the whole picture with `background` around it."""
        image = self.image
        if self.pixels is not None and image.size == (size, size):
            return self.pixels
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


# How the orientation of EXIF is undone.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
EMPTY_GREY = range(126, 131)  # what a JPEG decoder fills in where data is missing


def decode(content: bytes) -> Picture:
    """Decode a picture file of one of the formats that are read. Raises Unusable."""
    form = format_of(content[:16])
    if form is None:
        raise Unusable("skip_no_picture")
    began = time.thread_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd metadata, which is not used
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = {"PNG": open_png, "JPEG": open_jpeg}.get(form, Opened)(content)
            image, shorter_side = _load(opened, form)
    except Unusable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unusable("skip_too_many_pixels", millions=MAX_PIXELS // 10**6) from error
    except Exception as error:  # a decoder fed with bytes from outside may raise anything; the report says that it did
        raise Unusable("skip_broken") from error
    if time.thread_time() - began > MAX_SECONDS:
        raise Unusable("skip_slow", limit=round(MAX_SECONDS))
    return _describe(image, shorter_side)


def _load(opened: Opened, form: str) -> tuple[Image.Image, int]:
    """The picture, upright, in 8-bit sRGB, reduced where it is very large, and its shorter side in the file."""
    if form in ("AVIF", "HEIF"):
        _prepare_decoders()
    with Image.open(io.BytesIO(opened.content), formats=(form,)) as file:
        shorter_side = _check_dimensions(*file.size)
        if form in ("GIF", "AVIF") and getattr(file, "is_animated", False):
            raise Unusable("skip_animated", format=form)
        file.draft(file.mode, (DETAIL_SIDE, DETAIL_SIDE))  # a large JPEG is decoded at 1/2, 1/4 or 1/8
        file.load()
        if form == "JPEG":
            _check_complete(file, opened)
        orientation, profile = opened.orientation, opened.profile
        if form not in ("PNG", "JPEG"):
            orientation, profile = _beside_pixels(file, form)
        image = _to_8_bit_colour(file, profile)
    shrink = min(image.size) // DETAIL_SIDE
    image = image.reduce(shrink) if shrink > 1 else image
    return (image.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else image), shorter_side


@functools.cache
def _prepare_decoders() -> None:
    """Let Pillow open HEIC files. Both formats are decoded in this thread: the time of other threads would not be counted."""
    import pillow_heif
    from PIL import AvifImagePlugin

    pillow_heif.register_heif_opener(DECODE_THREADS=1, THUMBNAILS=False, DEPTH_IMAGES=False, AUX_IMAGES=False)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def _beside_pixels(file: ImageFile.ImageFile, form: str) -> tuple[int, bytes | None]:
    """The EXIF orientation that must still be applied, and the colour profile, as Pillow found them."""
    exif, profile = file.info.get("exif"), file.info.get("icc_profile")
    # Pillow turns a TIFF itself.
    orientation = orientation_in(exif) if isinstance(exif, bytes) and form != "TIFF" else 1
    return orientation, profile if isinstance(profile, bytes) and profile else None


def _check_complete(file: ImageFile.ImageFile, opened: Opened) -> None:
    """Refuse a JPEG whose data ends early: decoders fill the rest with grey and say nothing.

    Where the last pixel is of that grey, or no end was marked, some data is added before the end. It changes nothing in a picture
    that was complete.
    """
    last = file.getpixel((file.width - 1, file.height - 1))
    levels = last if isinstance(last, tuple) else (last,)
    if opened.has_end and not all(isinstance(level, int) and level in EMPTY_GREY for level in levels):
        return
    with Image.open(io.BytesIO(with_more_data(opened.content)), formats=("JPEG",)) as longer:
        longer.draft(longer.mode, (DETAIL_SIDE, DETAIL_SIDE))
        longer.load()
        if longer.tobytes() != file.tobytes():
            raise Unusable("skip_cut_off" if opened.has_end else "skip_broken")


def _check_dimensions(width: int, height: int) -> int:
    """The shorter side. Called before a single pixel is decoded."""
    if min(width, height) < 1 or max(width, height) > MAX_SIDE:
        raise Unusable("skip_dimensions", width=width, height=height, limit=MAX_SIDE)
    if width * height > MAX_PIXELS:
        raise Unusable("skip_too_many_pixels", millions=MAX_PIXELS // 10**6)
    return min(width, height)


def _to_8_bit_colour(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB, or RGBA where a pixel is not opaque, from any mode that Pillow gives a picture file; in sRGB."""
    if image.mode == "F":
        raise Unusable("skip_depth")
    if image.mode.startswith("I"):
        image = _from_16_bit_grey(image)
    if image.has_transparency_data:
        colour = image if image.mode == "LA" and profile else image.convert("RGBA")
        colour = to_srgb(colour, profile).convert("RGBA")
        lowest, _ = colour.getchannel("A").getextrema()
        return colour.convert("RGB") if lowest == 255 else colour
    if profile is not None:
        image = to_srgb(image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB"), profile)
    return image.convert("RGB")


def _from_16_bit_grey(image: Image.Image) -> Image.Image:
    """Pillow would cut a 16-bit grey picture off at 255: scale it, 65535 to 255. (16-bit colour it reads as 8-bit itself.)"""
    levels = np.clip(np.asarray(image), 0, 65535).astype(np.uint32)
    grey = Image.fromarray(((levels + 128) // 257).astype(np.uint8))
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey.putalpha(Image.fromarray(np.where(levels == transparent, 0, 255).astype(np.uint8)))
    return grey


def _describe(image: Image.Image, shorter_side: int) -> Picture:
    pixels = np.asarray(image)
    if image.mode == "RGBA":  # the colour of what cannot be seen is arbitrary
        pixels = np.where(pixels[:, :, 3:] > 0, pixels, 0)
    red, green, blue = pixels[:, :, 0], pixels[:, :, 1], pixels[:, :, 2]
    fingerprint = hashlib.blake2b(f"{image.mode} {image.size}".encode(), digest_size=16)
    fingerprint.update(np.ascontiguousarray(pixels).data)
    grey = bool((red == green).all() and (green == blue).all())
    return Picture(image, shorter_side, grey, fingerprint.digest(), pixels if image.mode == "RGB" else None)
