"""Reads a visitor's picture within bounds, and fits it to a model's size and channels."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from gan.data.pictures import MAX_PIXELS, MAX_SIDE, Picture, decode
from gan.data.report import Unusable
from gan.errors import DataError
from gan.sampler import Model

MAX_BYTES = 64 << 20
WHITE = (255, 255, 255)
COLOURS = {1: "L", 3: "RGB", 4: "RGBA"}

Pixels = npt.NDArray[np.uint8]


def read_picture(source: Path | bytes, model: Model) -> Pixels:
    """Read a picture file, or its content, and fit it as `fit_picture` does: uint8 (R, R, C).

    Its EXIF orientation is applied. Its size is checked before a pixel is decoded. Raises DataError.
    """
    try:
        if isinstance(source, bytes):
            content = source[: MAX_BYTES + 1]
        else:
            with source.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DataError("picture_not_read") from error
    if len(content) > MAX_BYTES:
        raise DataError("picture_file_too_large", limit=MAX_BYTES >> 20)
    try:
        return _fitted(decode(content), model)
    except Unusable as error:
        if error.code in ("skip_dimensions", "skip_too_many_pixels"):
            raise _too_large() from error
        if error.code == "skip_format":
            raise DataError("picture_format", **error.values) from error
        raise DataError("picture_not_read") from error


def fit_picture(picture: Pixels, model: Model) -> Pixels:
    """Fit uint8 (H, W), or (H, W, C) of one, three or four channels, to the model's resolution and channels: uint8 (R, R, C).

    The middle square is resized with antialiasing; transparent areas become white. Raises DataError for another shape, and for
    more than 50 million pixels.
    """
    pixels = picture[:, :, None] if picture.ndim == 2 else picture
    if pixels.ndim != 3 or pixels.shape[2] not in COLOURS or pixels.dtype != np.uint8 or not pixels.size:
        raise DataError("picture_not_read")
    height, width, channels = pixels.shape
    if max(height, width) > MAX_SIDE or height * width > MAX_PIXELS:
        raise _too_large()
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if channels == 1 else pixels))
    kept = image if image.mode == "RGBA" else image.convert("RGB")
    return _fitted(Picture(kept, min(height, width), channels == 1, b""), model)


def _fitted(picture: Picture, model: Model) -> Pixels:
    square = picture.fit(model.config.resolution, "crop", WHITE)
    if model.config.channels == 1:
        return np.asarray(Image.fromarray(square).convert("L"))[:, :, None]
    return square


def _too_large() -> DataError:
    return DataError("picture_too_many_pixels", millions=MAX_PIXELS // 10**6, limit=MAX_SIDE)
