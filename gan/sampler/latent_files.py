"""Reads and writes latents, exact to the bit: `.npz` and `.safetensors` with the key z or w, checked before they are unpacked."""

import io
import json
import math
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from gan.errors import DataError, ModelError
from gan.files import read_file
from gan.limits import FULL_PSI, MAX_DIM, MAX_LAYERS, PSI
from gan.recipes import SPACES, Latent, Recipe, Space
from gan.sampler.blending import SMALLEST_PSI, check_range, has_z, z_of
from gan.sampler.model import Model
from gan.words import shorten

FileKind = Literal["npz", "safetensors"]

MAX_LATENTS = 4096
MAX_BYTES = 64 << 20
MAX_HEADER_BYTES = 10_000
MAX_MEMBERS = 64
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
# The header of a .npy file. numpy reads it with Python's parser; this pattern is sufficient.
NPY_HEADER = re.compile(
    r"\{ ?'descr': ?'([^'\\]{2,20})', ?'fortran_order': ?(True|False), ?'shape': ?\(([\d, ]{0,60})\),? ?\} *\n?"
)
INDEX_ENTRY = b"PK\x01\x02"


def latent_of(model: Model, recipe: Recipe, space: Space) -> Latent:
    """Return the latent of a picture for a file: its z, or its final point with psi, mixing and directions applied.

    A z gives the picture again with the same class and psi, a point with psi 1. Where latents are normal, a pushed picture's z
    includes the push. Raises ModelError where a picture has no such latent.
    """
    model.check(recipe)
    if not SPACES[space].is_input:
        if model.latent.way(space) is None:
            raise ModelError("way_without_w", model=model.name, family=model.config.family)
        return Latent.of(space, model.points([recipe]).values[0].cpu().numpy())
    if model.latent.is_normal and recipe.directions and abs(recipe.psi) >= SMALLEST_PSI:
        return Latent.of(space, (model.points([recipe]).values[0] / recipe.psi).cpu().numpy())
    if not has_z(recipe):
        raise ModelError("way_without_z", number=1)
    return Latent.of(space, z_of(model, recipe).numpy())


def best_space(model: Model, recipe: Recipe) -> Space:
    """Return the space in which a file preserves most of a picture: z where a z determines the picture, else that of points."""
    return "z" if has_z(recipe) else model.space


def recipe_of_latent(
    model: Model, latent: Latent, psi: float | None = None, class_name: str | None = None, **fields: Any
) -> Recipe:
    """Return the recipe of a latent from a file. `psi` None is 0.7 for a z, and 1 for a point, which is already final.

    `fields` are further fields of a Recipe. Raises ModelError for a latent that does not fit the model, and for a z without the
    class that it needs.
    """
    usual = PSI if latent.is_input else FULL_PSI
    return model.recipe(psi=usual if psi is None else psi, class_name=class_name, latent=latent, **fields)


def generate_latents(
    model: Model, source: Path | bytes, psi: float | None = None, class_name: str | None = None, batch: int = 32
) -> np.ndarray[Any, Any]:
    """Return the pictures of a file of latents, in its order: uint8 (N, H, W, C).

    `psi` and `class_name` are those of `recipe_of_latent`. Raises DataError for the file, ModelError for latents that do not fit.
    """
    return model.render([recipe_of_latent(model, latent, psi, class_name) for latent in read_latents(source)], batch)


def write_latents(latents: Sequence[Latent], kind: FileKind) -> bytes:
    """Return a file of 1 … 4,096 latents of one space, float32 (N, dim) or (N, layers, dim).

    Where some w have one row for each layer and others one for all, the single row is repeated. Raises DataError for latents of
    different spaces or sizes, ConfigError for too many.
    """
    check_range("latents", len(latents), 1, MAX_LATENTS)
    shape = max((latent.shape for latent in latents), key=len)
    if any(latent.space != latents[0].space or latent.shape not in (shape, shape[-1:]) for latent in latents):
        raise DataError("latents_mixed")
    values = np.stack([np.broadcast_to(latent.values, shape) for latent in latents]).astype("<f4")
    if kind == "safetensors":
        return save({latents[0].space: values})
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **{latents[0].space: values})
    return file.getvalue()


def read_latents(source: Path | bytes, name: str | None = None) -> list[Latent]:
    """Return the latents of a file of unknown origin; errors call it `name`. Raises DataError.

    Size, type and shape are checked before anything is unpacked or allocated.
    """
    name = name or (source.name if isinstance(source, Path) else "The file")
    content = source if isinstance(source, bytes) else read_file(source, MAX_BYTES)
    if len(content) > MAX_BYTES:
        raise DataError("latents_too_large", path=name, limit=MAX_BYTES >> 20)
    try:
        space, values = _read_npz(content, name) if content[:2] == b"PK" else _read_safetensors(content, name)
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError),
        *(ValueError, TypeError, KeyError, RecursionError),
    ) as error:  # zipfile, numpy's header parser and JSON raise these for malformed bytes
        raise DataError("latents_foreign", path=name) from error
    if not np.isfinite(values).all():
        raise DataError("latents_not_finite", path=name)
    return [Latent.of(space, row) for row in values]


def _read_safetensors(content: bytes, name: str) -> tuple[Space, npt.NDArray[Any]]:
    """Read the bytes of the format: a length (8 bytes), a JSON header, the numbers."""
    length = int.from_bytes(content[:8], "little")
    if not (len(content) >= 8 and 2 <= length <= min(MAX_HEADER_BYTES, len(content) - 8)):
        raise ValueError("no header")
    header = json.loads(content[8 : 8 + length])
    space = _space(header, name)
    entry = header[space]
    shape = _check_shape(space, entry["dtype"], tuple(entry["shape"]), name)
    first, last = entry["data_offsets"]
    numbers = memoryview(content)[8 + length :]
    if not (type(first) is type(last) is int and 0 <= first <= last <= len(numbers) and last - first == 4 * math.prod(shape)):
        raise ValueError("the numbers are not where the header says")
    return space, np.frombuffer(numbers[first:last], "<f4").reshape(shape)


def _read_npz(content: bytes, name: str) -> tuple[Space, npt.NDArray[Any]]:
    if content.count(INDEX_ENTRY) > MAX_MEMBERS:  # checked before `zipfile` makes an object for each
        raise ValueError("too many members")
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        by_key = {member.filename.removesuffix(".npy"): member for member in opened.infolist()}
        space = _space(by_key, name)
        member = by_key[space]
        if member.compress_type not in METHODS or member.flag_bits & ENCRYPTED:
            raise ValueError("packed in a way that is not read")
        with opened.open(member) as stream:
            return space, _read_npy(space, stream, name)


def _read_npy(space: Space, stream: IO[bytes], name: str) -> npt.NDArray[Any]:
    """Read a .npy file within the zip: check its header, then read exactly the announced number of bytes."""
    magic, version = stream.read(6), stream.read(2)
    length = int.from_bytes(stream.read(2 if version[:1] == b"\x01" else 4), "little")
    found = NPY_HEADER.fullmatch(stream.read(length).decode("ascii")) if length <= MAX_HEADER_BYTES else None
    if magic != b"\x93NUMPY" or found is None:
        raise ValueError("no header")
    dtype, columns_first, sides = found.groups()
    announced = tuple(int(side) for side in sides.split(",") if side.strip())
    shape = _check_shape(space, "F32" if dtype == "<f4" else dtype, announced, name)
    size = 4 * math.prod(shape)
    numbers = stream.read(size + 1)
    if len(numbers) != size:
        raise ValueError("more or fewer numbers than the header says")
    return np.frombuffer(numbers, "<f4").reshape(shape, order="F" if columns_first == "True" else "C")


def _space(keys: Any, name: str) -> Space:
    """Return which of the two keys the file has. Raises DataError for both or neither."""
    found: list[Space] = [key for key in SPACES if key in keys]
    if len(found) != 1:
        shown = ", ".join(sorted(str(key) for key in keys if key != "__metadata__"))
        raise DataError("latents_key", path=name, found=shorten(shown) or "–")
    return found[0]


def _check_shape(space: Space, dtype: str, shape: tuple[Any, ...], name: str) -> tuple[int, ...]:
    limits = (MAX_LATENTS, MAX_LAYERS, MAX_DIM) if len(shape) == 3 else (MAX_LATENTS, MAX_DIM)
    fits = (
        dtype == "F32"
        and 2 <= len(shape) <= 1 + SPACES[space].most_dims
        and all(type(side) is int and 1 <= side <= limit for side, limit in zip(shape, limits, strict=True))
        and 4 * math.prod(shape) <= MAX_BYTES
    )
    if not fits:
        found = shorten(f"{space} {dtype} ({' × '.join(map(str, shape))})")
        raise DataError("latents_shape", path=name, found=found, most=MAX_LATENTS, layers=MAX_LAYERS, dim=MAX_DIM)
    return shape
