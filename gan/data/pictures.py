"""Decodes a picture file of unknown origin within bounds, and fits it into the square that networks take."""

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

MAX_SIDE = 30_000  # pixels; the memory of an antialiased resize grows with the longer side
MAX_PIXELS = 50_000_000  # a phone's 48 megapixels are accepted
MAX_SECONDS = 10.0  # processor time for one picture; the largest accepted pictures take one or two seconds
DETAIL_SIDE = 640  # pixels: a large picture's shorter side is not reduced below this; the largest networks draw 512 pixels

Fit = Literal["crop", "pad"]
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: upright, 8 bits a channel, RGB, or RGBA if some pixels are transparent."""

    image: Image.Image
    shorter_side: int  # pixels of the file, before any reduction
    grey: bool
    fingerprint: bytes  # hash of the visible pixels: equal for the same picture in another file
    pixels: np.ndarray | None = None  # uint8 (H, W, 3) of an opaque picture, if already computed

    def fit(self, size: int, fit: Fit, background: Colour) -> np.ndarray:
        """Return uint8 (size, size, 3), antialiased: the middle square, or the whole picture with `background` around it."""
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


# Operations that undo each EXIF orientation.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
EMPTY_GREY = range(126, 131)  # grey levels that a JPEG decoder fills in for missing data


def decode(content: bytes, began: float | None = None) -> Picture:
    """Decode a picture file of one of the supported formats. `began` is the thread's processor time at the start, if the caller
    has read it. Raises Unusable.
    """
    form = format_of(content[:16])
    if form is None:
        raise Unusable("skip_no_picture")
    began = time.thread_time() if began is None else began
    began_by_clock = time.perf_counter()  # much cheaper to read than processor time, which never passes faster
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings concern odd metadata, which is not used
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = {"PNG": open_png, "JPEG": open_jpeg}.get(form, Opened)(content)
            image, shorter_side = _load(opened, form)
    except Unusable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unusable("skip_too_many_pixels", millions=MAX_PIXELS // 10**6) from error
    except Exception as error:  # a decoder may raise any error on damaged bytes; the report names the file
        raise Unusable("skip_broken") from error
    if time.perf_counter() - began_by_clock > MAX_SECONDS and time.thread_time() - began > MAX_SECONDS:
        raise Unusable("skip_slow", limit=round(MAX_SECONDS))
    return _describe(image, shorter_side)


def _load(opened: Opened, form: str) -> tuple[Image.Image, int]:
    """Return the picture, upright, in 8-bit sRGB, reduced if it is very large, and the shorter side of the file."""
    if form in ("AVIF", "HEIF"):
        _prepare_decoders()
    with Image.open(io.BytesIO(opened.content), formats=(form,)) as file:
        shorter_side = _check_dimensions(*file.size)
        if form in ("GIF", "AVIF") and getattr(file, "is_animated", False):
            raise Unusable("skip_animated", format=form)
        file.draft(file.mode, (DETAIL_SIDE, DETAIL_SIDE))  # decodes a large JPEG at 1/2, 1/4 or 1/8
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
    """Enable HEIC files in Pillow. HEIC and AVIF are decoded in the calling thread, because the processor time of other threads
    would not be counted.
    """
    import pillow_heif
    from PIL import AvifImagePlugin

    pillow_heif.register_heif_opener(DECODE_THREADS=1, THUMBNAILS=False, DEPTH_IMAGES=False, AUX_IMAGES=False)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def _beside_pixels(file: ImageFile.ImageFile, form: str) -> tuple[int, bytes | None]:
    """Return the EXIF orientation that must still be applied, and the colour profile, as Pillow found them."""
    exif, profile = file.info.get("exif"), file.info.get("icc_profile")
    # Pillow itself turns a TIFF upright.
    orientation = orientation_in(exif) if isinstance(exif, bytes) and form != "TIFF" else 1
    return orientation, profile if isinstance(profile, bytes) and profile else None


def _check_complete(file: ImageFile.ImageFile, opened: Opened) -> None:
    """Refuse a JPEG whose data ends early. Decoders fill the missing part with grey and report no error.

    Where the last pixel has that grey, or there was no end marker, some data is added before the end. The added data changes
    nothing in a complete picture.
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
    """Return the shorter side after checking the dimensions, before any pixel is decoded."""
    if min(width, height) < 1 or max(width, height) > MAX_SIDE:
        raise Unusable("skip_dimensions", width=width, height=height, limit=MAX_SIDE)
    if width * height > MAX_PIXELS:
        raise Unusable("skip_too_many_pixels", millions=MAX_PIXELS // 10**6)
    return min(width, height)


def _to_8_bit_colour(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert any mode of Pillow's to sRGB: to RGB, or to RGBA if a pixel is not opaque."""
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
    """Scale a 16-bit grey picture from 65535 to 255, where Pillow would clip it at 255. (Pillow itself reduces 16-bit colour to 8
    bits.)
    """
    levels = np.clip(np.asarray(image), 0, 65535).astype(np.uint32)
    grey = Image.fromarray(((levels + 128) // 257).astype(np.uint8))
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey.putalpha(Image.fromarray(np.where(levels == transparent, 0, 255).astype(np.uint8)))
    return grey


def _describe(image: Image.Image, shorter_side: int) -> Picture:
    pixels = np.asarray(image)
    if image.mode == "RGBA":  # invisible pixels may have any colour
        pixels = np.where(pixels[:, :, 3:] > 0, pixels, 0)
    red, green, blue = pixels[:, :, 0], pixels[:, :, 1], pixels[:, :, 2]
    fingerprint = hashlib.blake2b(f"{image.mode} {image.size}".encode(), digest_size=16)
    fingerprint.update(np.ascontiguousarray(pixels).data)
    grey = bool((red == green).all() and (green == blue).all())
    return Picture(image, shorter_side, grey, fingerprint.digest(), pixels if image.mode == "RGB" else None)
