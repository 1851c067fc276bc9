"""directions.safetensors of a model folder: the latent directions that the user named and stored with a model.

Each direction is one tensor, named by its number; its other fields are JSON in the file's metadata. Each records the weights it
was found on. When a training continues, the directions of earlier weights stay in the list: they are shown but not applied.
"""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol, Self

import numpy as np
import numpy.typing as npt
import safetensors.torch
import torch
from pydantic import Field, ValidationError, field_validator, model_validator

from gan.config import ModelConfig
from gan.errors import CheckpointError, ModelError
from gan.families import LatentSpace
from gan.files import parse_json, write_file
from gan.limits import MAX_DIM, MAX_LAYERS, MOST_KEPT_DIRECTIONS
from gan.models.folder import DIRECTIONS
from gan.recipes import Latent, Push, Schema, Space
from gan.tensors import Expected, check_format, read_described
from gan.words import shorten

MAX_BYTES = 1 << 20
MAX_NAME = 60  # letters
FORMAT = 1
METADATA = "directions"
LENGTH_TOLERANCE = 1e-3


Source = Literal["weights", "samples"]


class OpenModel(Protocol):
    """The parts of a model ready to draw that this module uses; `gan.sampler.Model` has them."""

    @property
    def name(self) -> str: ...
    @property
    def folder(self) -> Path: ...
    @property
    def config(self) -> ModelConfig: ...
    @property
    def latent(self) -> LatentSpace: ...


@dataclass(frozen=True, eq=False)
class Direction:
    """A line through a model's latent space along which its pictures change.

    `dataclasses.replace` gives a renamed copy, which counts as the same direction.
    """

    name: str
    vector: npt.NDArray[np.float32]
    """(dim,), of length 1, in `space`."""
    scale: float
    """The standard deviation of the model's own latents along the direction, within a class; it is the size of a step at strength
    1. A slider then has the same effect for every direction and every model, however widely the model's latents vary.
    """
    source: Source
    space: Space
    weights_sha256: str
    """The sha256 of the weights that the direction was found on."""
    layers: tuple[int, ...] | None = None
    """The layers that the direction was found for and pushes by default; None means all layers."""

    def fits(self, model: OpenModel) -> bool:
        """Return whether the direction was found on exactly the weights of this model."""
        return self.weights_sha256 == model.config.weights_sha256

    def push(self, model: OpenModel, strength: float, layers: tuple[int, ...] | None = None) -> Push:
        """Return a recipe's push along the direction by `strength` standard deviations; 0 changes nothing. With `layers` None the
        direction's own layers are pushed.

        Raises ModelError where the direction was found on other weights: see `adopt`.
        """
        if not self.fits(model):
            raise ModelError("direction_foreign", name=self.name, model=model.name)
        vector = Latent.of(self.space, self.vector * np.float32(self.scale))
        return Push(name=self.name, vector=vector, strength=strength, layers=self.layers if layers is None else layers)


class Fields(Schema):
    """The fields of one direction except its vector."""

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
    """The fields of all directions, in order."""

    format: Literal[1] = 1
    directions: tuple[Fields, ...] = Field(max_length=MOST_KEPT_DIRECTIONS)

    @model_validator(mode="after")
    def check_names(self) -> Self:
        if len({entry.name for entry in self.directions}) != len(self.directions):
            raise ValueError("two directions have the same name")
        return self


def is_name(name: str) -> bool:
    """Return whether a name is valid: 1 to 60 characters, no control characters, no space at either end."""
    return 1 <= len(name) <= MAX_NAME and name == name.strip() and not any(unicodedata.category(sign) == "Cc" for sign in name)


def read_directions(model: OpenModel) -> list[Direction]:
    """Return the directions stored in a model's folder, in their order; an empty list without such a file.

    The list includes directions of other weights (see `Direction.fits`). Everything is verified before anything is allocated.
    Raises CheckpointError for a file that is damaged, in another format, or does not fit the model that it names.
    """
    directions = _read(model.folder)
    for direction in directions:
        fitting = model.latent.is_direction(direction.space, direction.vector.shape, direction.layers)
        if direction.fits(model) and not fitting:
            problem = f"it is no direction of {model.latent.space} ({model.latent.dim})"
            raise CheckpointError(
                "directions_damaged", path=str(model.folder / DIRECTIONS), where=shorten(direction.name), problem=problem
            )
    return directions


def write_directions(model: OpenModel, directions: Sequence[Direction]) -> None:
    """Store exactly these directions with a model. The file is replaced in one step, and removed when the list is empty.

    Raises ModelError for more than 64, and for a name that is empty, longer than 60 characters or used twice; CheckpointError
    where the file cannot be written.
    """
    if len(directions) > MOST_KEPT_DIRECTIONS:
        raise ModelError("directions_too_many", found=len(directions), most=MOST_KEPT_DIRECTIONS)
    names = [direction.name for direction in directions]
    for name in names:
        if not is_name(name):
            raise ModelError("direction_name", found=shorten(name), most=MAX_NAME)
        if names.count(name) > 1:
            raise ModelError("direction_twice", name=name)
    _write(model.folder, directions)


def keep_fitting(model: OpenModel) -> None:
    """Remove the directions of other weights from a model's folder, for a copy that is given to others."""
    directions = read_directions(model)
    fitting = [direction for direction in directions if direction.fits(model)]
    if len(fitting) != len(directions):
        _write(model.folder, fitting)


def carry_over(kept: Path, arrived: Path) -> None:
    """Add the directions stored in a model folder to the folder that is about to replace it.

    A direction whose name the new folder uses for another direction gets a number after its name. If there are too many, the last
    ones of the new folder are dropped. A damaged file is skipped. Raises CheckpointError where the system cannot read a file.
    """
    coming = _read(arrived)
    try:
        ours = _read(kept)
    except CheckpointError as error:
        if error.code == "file_unreadable":
            raise
        ours = []
    there = {_content(direction) for direction in coming}
    missing = [direction for direction in ours if _content(direction) not in there]
    if not missing:
        return
    together = coming[: MOST_KEPT_DIRECTIONS - len(missing)]
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
        if not abs(float(np.linalg.norm(vector.astype(np.float64))) - 1) < LENGTH_TOLERANCE:  # written so that NaN fails too
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
        Fields(
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
