"""directions.safetensors of a model folder: the directions that are kept with a model, with their names.

One tensor a direction, named by its number; their descriptions are JSON in the file's metadata. Each names the weights it was
found on: when a training continues, directions of earlier weights stay in the list, shown but not applied.
"""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import safetensors.torch
import torch
from pydantic import Field, ValidationError, field_validator, model_validator

from gan.directions.direction import MAX_NAME, Direction, Source
from gan.errors import CheckpointError, ModelError
from gan.files import parse_json, shorten, write_file
from gan.models import DIRECTIONS
from gan.recipes import MAX_DIM, MAX_LAYERS, Schema, Space
from gan.sampler import Model
from gan.tensors import Expected, check_format, read_described

MAX_DIRECTIONS = 64
MAX_BYTES = 1 << 20
FORMAT = 1
METADATA = "directions"
LENGTH_TOLERANCE = 1e-3


class Entry(Schema):
    """The description of one direction."""

    name: str = Field(min_length=1, max_length=MAX_NAME)
    source: Source
    space: Space
    dim: int = Field(ge=1, le=MAX_DIM)
    scale: float = Field(gt=0, le=1e6)
    layers: tuple[int, ...] | None = Field(None, min_length=1, max_length=MAX_LAYERS)
    weights_sha256: str = Field(pattern="^[0-9a-f]{64}$")

    @field_validator("name")
    @classmethod
    def check_name(cls, name: str) -> str:
        if not is_name(name):
            raise ValueError("a name holds no control characters and no space at its ends")
        return name

    @field_validator("layers")
    @classmethod
    def check_layers(cls, layers: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if layers is not None and (list(layers) != sorted(set(layers)) or not 0 <= layers[0] <= layers[-1] < MAX_LAYERS):
            raise ValueError("layers ascend from 0")
        return layers


class Table(Schema):
    """The descriptions of all of them, in order."""

    format: Literal[1] = 1
    directions: tuple[Entry, ...] = Field(max_length=MAX_DIRECTIONS)

    @model_validator(mode="after")
    def check_names(self) -> Self:
        if len({entry.name for entry in self.directions}) != len(self.directions):
            raise ValueError("two directions have the same name")
        return self


def is_name(name: str) -> bool:
    """Whether a name is valid: 1 to 60 characters, no control characters, no space at either end."""
    return 1 <= len(name) <= MAX_NAME and name == name.strip() and not any(unicodedata.category(sign) == "Cc" for sign in name)


def read_directions(model: Model) -> list[Direction]:
    """The directions kept in a model's folder, in their order; an empty list where there is no such file.

    Directions of other weights are included (`Direction.fits`). Everything is verified before anything is allocated. Raises
    CheckpointError for a file that is damaged, foreign, or does not fit the model it names.
    """
    directions = _read(model.folder)
    for direction in directions:
        fitting = model.latent.is_direction(direction.space, direction.vector.shape, direction.layers)
        if direction.fits(model) and not fitting:
            problem = f"it is no direction of {model.space} ({model.latent.dim})"
            raise CheckpointError(
                "directions_damaged", path=str(model.folder / DIRECTIONS), where=shorten(direction.name), problem=problem
            )
    return directions


def write_directions(model: Model, directions: Sequence[Direction]) -> None:
    """Keep exactly these directions with a model; the file is replaced atomically, and removed where there are none.

    Raises ModelError for more than 64, for a name that is empty, longer than 60 characters or used twice, and CheckpointError
    where the file cannot be written.
    """
    if len(directions) > MAX_DIRECTIONS:
        raise ModelError("directions_too_many", found=len(directions), most=MAX_DIRECTIONS)
    names = [direction.name for direction in directions]
    for name in names:
        if not is_name(name):
            raise ModelError("direction_name", found=shorten(name), most=MAX_NAME)
        if names.count(name) > 1:
            raise ModelError("direction_twice", name=name)
    _write(model.folder, directions)


def keep_fitting(model: Model) -> None:
    """Keep only the directions that fit the model's weights: for a copy that is published."""
    directions = read_directions(model)
    fitting = [direction for direction in directions if direction.fits(model)]
    if len(fitting) != len(directions):
        _write(model.folder, fitting)


def carry_over(kept: Path, arrived: Path) -> None:
    """Add the directions of a model folder that is about to be replaced to the folder that replaces it.

    A kept direction whose name is taken by another one gets a number. Beyond 64, the last directions of the new folder are
    dropped. A damaged file of kept directions is ignored. Raises CheckpointError where it cannot be read.
    """
    coming = _read(arrived)
    try:
        ours = _read(kept)
    except CheckpointError as error:
        if error.code == "file_unreadable":
            raise
        ours = []
    told = {_content(direction) for direction in coming}
    missing = [direction for direction in ours if _content(direction) not in told]
    if not missing:
        return
    together = coming[: MAX_DIRECTIONS - len(missing)]
    for direction in missing:
        taken = {other.name for other in together}
        together.append(replace(direction, name=_free_name(direction.name, taken)))
    _write(arrived, together)


def _content(direction: Direction) -> tuple[Any, ...]:
    return direction.name, direction.vector.tobytes(), direction.scale, direction.layers, direction.weights_sha256


def _free_name(name: str, taken: set[str]) -> str:
    numbered = (f"{name[: MAX_NAME - 4].rstrip()} {number}" for number in range(2, 2 + len(taken)))
    return name if name not in taken else next(other for other in numbered if other not in taken)


def _read(folder: Path) -> list[Direction]:
    path = folder / DIRECTIONS
    try:
        tensors, metadata = read_described(path, MAX_BYTES, lambda metadata: _expected(_parse(metadata, path)))
    except CheckpointError as error:
        if error.code == "file_missing":
            return []
        raise
    found = []
    for number, entry in enumerate(_parse(metadata, path).directions):
        vector = tensors[str(number)].numpy().copy()
        if not abs(float(np.linalg.norm(vector.astype(np.float64))) - 1) < LENGTH_TOLERANCE:  # written so that nan fails too
            raise CheckpointError("directions_damaged", path=str(path), where=shorten(entry.name), problem="its length is not 1")
        found.append(Direction(entry.name, vector, entry.scale, entry.source, entry.space, entry.weights_sha256, entry.layers))
    return found


def _parse(metadata: dict[str, str], path: Path) -> Table:
    values = parse_json(metadata.get(METADATA, "").encode(), path)
    check_format(path, values.get("format"), FORMAT)
    try:
        return Table.model_validate_json(json.dumps(values))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = shorten(".".join(map(str, first["loc"]))) or METADATA
        problem = shorten(first["msg"].removeprefix("Value error, "))
        raise CheckpointError("directions_damaged", path=str(path), where=where, problem=problem) from error


def _expected(table: Table) -> Expected:
    return {str(number): ((entry.dim,), torch.float32) for number, entry in enumerate(table.directions)}


def _write(folder: Path, directions: Sequence[Direction]) -> None:
    path = folder / DIRECTIONS
    if not directions:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise CheckpointError("file_not_written", path=str(path), reason=error.strerror or str(error)) from error
        return
    entries = [
        Entry(
            name=direction.name,
            source=direction.source,
            space=direction.space,
            dim=len(direction.vector),
            scale=direction.scale,
            layers=direction.layers,
            weights_sha256=direction.weights_sha256,
        )
        for direction in directions
    ]
    tensors = {str(number): torch.from_numpy(direction.vector.copy()) for number, direction in enumerate(directions)}
    metadata = {METADATA: Table(directions=tuple(entries)).model_dump_json()}
    write_file(path, safetensors.torch.save(tensors, metadata))
