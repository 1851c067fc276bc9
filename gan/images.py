"""Converts pictures: uint8 arrays to tensors and back, grids, and PNG files that carry their recipe."""

import base64
import io
import json
import math
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, PngImagePlugin

from gan.errors import DataError
from gan.files import png_chunks, write_file

RECIPE_KEY = "seedbed"
RECIPE_VERSION = 1
MAX_RECIPE_BYTES = 1 << 20  # a latent of 18 layers by 512 is about 200 kB of JSON
MAX_PNG_BYTES = 64 << 20
# The value that the press agreed on (IPTC NewsCodes, digital source type) for pictures made by a trained algorithm.
XMP_KEY = "XML:com.adobe.xmp"
XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType='
    '"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)
WHITE = 255


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """Convert uint8 (N, H, W, C) to float32 (N, C, H, W) in [-1, 1], by x / 127.5 - 1."""
    tensor = torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2), dtype=np.float32))
    return tensor / 127.5 - 1


def to_uint8(pictures: torch.Tensor) -> np.ndarray:
    """Convert float (N, C, H, W), clamped to [-1, 1], to uint8 (N, H, W, C) in main memory, rounded to the nearest level."""
    levels = ((pictures.detach().float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def grid(pictures: np.ndarray, columns: int | None = None, gap: int = 0) -> np.ndarray:
    """Arrange uint8 (N, H, W, C) as one picture (H', W', C), row by row; with `columns` None it is nearly square.

    Pictures are separated by `gap` white pixels, and the rest of the last row is white.
    """
    count, height, width, channels = pictures.shape
    columns = columns or max(1, math.ceil(math.sqrt(count)))
    rows = max(1, math.ceil(count / columns))
    cells = np.full((rows * columns, height + gap, width + gap, channels), WHITE, np.uint8)
    cells[:count, :height, :width] = pictures
    cells = cells.reshape(rows, columns, height + gap, width + gap, channels)
    whole = cells.swapaxes(1, 2).reshape(rows * (height + gap), columns * (width + gap), channels)
    return np.ascontiguousarray(whole[: len(whole) - gap, : whole.shape[1] - gap])


def encode_png(picture: np.ndarray, recipe: dict[str, Any] | None = None, machine_made: bool = False) -> bytes:
    """Encode uint8 (H, W, C) as a PNG file.

    A recipe goes into the text chunk `seedbed` as JSON. XMP metadata states that a machine made the picture if there is a recipe
    or `machine_made` is True.
    """
    chunks = PngImagePlugin.PngInfo()
    if recipe is not None or machine_made:
        chunks.add_itxt(XMP_KEY, XMP)
    if recipe is not None:
        chunks.add_text(RECIPE_KEY, json.dumps(recipe, allow_nan=False, separators=(",", ":")))
    file = io.BytesIO()
    Image.fromarray(picture[:, :, 0] if picture.shape[2] == 1 else picture).save(file, "PNG", pnginfo=chunks)
    return file.getvalue()


def write_png(path: Path, picture: np.ndarray, recipe: dict[str, Any] | None = None) -> None:
    """Write a PNG in one step: readers find the old file or the whole new one. Raises CheckpointError where the system cannot
    write.
    """
    write_file(path, encode_png(picture, recipe), durable=False)


def read_recipe(source: Path | bytes, name: str | None = None) -> dict[str, Any] | None:
    """Return the recipe inside a PNG file, or None for a file without a recipe. Errors call the file `name`.

    The fields are untrusted: only the version has been checked. Raises DataError for a file that is not a PNG, is too large, or
    holds something else under the recipe's name.
    """
    name = name or (source.name if isinstance(source, Path) else "The picture")
    text = _recipe_text(_png_bytes(source, name), name)
    if text is None:
        return None
    if len(text) > MAX_RECIPE_BYTES:
        raise DataError("recipe_too_large", path=name, found=len(text), limit=MAX_RECIPE_BYTES)
    try:
        recipe = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise DataError("recipe_unreadable", path=name) from error
    if not isinstance(recipe, dict):
        raise DataError("recipe_unreadable", path=name)
    if recipe.get("version") != RECIPE_VERSION:
        raise DataError("recipe_version", path=name, found=str(recipe.get("version"))[:20], known=RECIPE_VERSION)
    return recipe


def _png_bytes(source: Path | bytes, name: str) -> bytes:
    """Return the file's content, at most one byte more than is allowed."""
    if isinstance(source, bytes):
        content = source
    else:
        try:
            with source.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                content = file.read(min(size, MAX_PNG_BYTES + 1))
        except OSError as error:
            raise DataError("picture_unreadable", path=name) from error
    if len(content) > MAX_PNG_BYTES:
        raise DataError("picture_too_large", path=name, limit=MAX_PNG_BYTES >> 20)
    return content


def _recipe_text(content: bytes, name: str) -> str | None:
    """Return the text under the recipe's key, before or after the pixels; other texts are not read."""
    found = None
    ended = False
    try:
        for kind, start, end in png_chunks(content):
            if kind in TEXT_CHUNKS and content[start : start + len(RECIPE_KEY) + 1] == RECIPE_KEY.encode() + b"\0":
                found = TEXT_CHUNKS[kind](content[start + len(RECIPE_KEY) + 1 : end])
            ended = kind == b"IEND"
    except (ValueError, zlib.error) as error:
        raise DataError("picture_unreadable", path=name) from error
    if found is None and not ended:
        raise DataError("picture_unreadable", path=name)
    return found


def _plain_text(data: bytes) -> str:
    return data.decode("latin-1")


def _compressed_text(data: bytes) -> str:
    return _unpacked(data[1:]).decode("latin-1")


def _international_text(data: bytes) -> str:
    """Return the text of an iTXt chunk. The text follows the flag and the method of compression, a byte each, and the language
    and the translated key, each ended by a null byte.
    """
    compressed = data[:1] == b"\1"
    text = data[2:].split(b"\0", 2)[2:]
    if not text:
        raise ValueError("the text is cut off")
    return (_unpacked(text[0]) if compressed else text[0]).decode("utf-8")


def _unpacked(data: bytes) -> bytes:
    """Unpack at most one byte more than a recipe may have."""
    return zlib.decompressobj().decompress(data, MAX_RECIPE_BYTES + 1)


TEXT_CHUNKS = {b"tEXt": _plain_text, b"zTXt": _compressed_text, b"iTXt": _international_text}


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def data_uri(png: bytes) -> str:
    """Return a PNG as a data URI, so that no file is published and its text chunks are preserved."""
    return "data:image/png;base64," + base64.b64encode(png).decode()
