"""A picture's recipe: everything needed to make it again, as the closed and bounded schemas of what a PNG carries.

A recipe starts from a seed or a latent with its class and truncation, takes some layers from a second start (style mixing) and is
pushed along latent directions. Every picture of the Create tab has one: a variation, a child, a frame of a morph.
"""

import base64
import hashlib
import json
import math
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gan.errors import DataError
from gan.limits import MAX_DIM, MAX_LAYERS, MAX_PARENTS, MAX_PSI, MAX_PUSHES, MAX_SEED, MAX_STRENGTH, NAME_LENGTH, PSI
from gan.words import shorten

Array = npt.NDArray[Any]
Space = Literal["z", "w"]


@dataclass(frozen=True)
class SpaceFormat:
    """How a latent space is stored."""

    is_input: bool
    """Its latents are the generator's input, from which a class and a truncation still lead to a picture."""
    most_dims: int
    """1: one latent a picture; 2: or one a layer."""


SPACES: dict[Space, SpaceFormat] = {"z": SpaceFormat(is_input=True, most_dims=1), "w": SpaceFormat(is_input=False, most_dims=2)}


class Schema(BaseModel):
    """Closed: unknown fields are refused; numbers are finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Latent(Schema):
    """Numbers of a latent space, exact to the bit: float32, little-endian, base64.

    The shape is (dim,) for z, (dim,) for one w and (layers, dim) for a w a layer.
    """

    space: Space
    shape: tuple[int, ...] = Field(min_length=1, max_length=2)
    float32: str = Field(max_length=4 * (MAX_LAYERS * MAX_DIM * 4 // 3 + 3))

    @model_validator(mode="after")
    def check(self) -> Self:
        if not all(1 <= side <= MAX_DIM for side in self.shape) or (len(self.shape) == 2 and self.shape[0] > MAX_LAYERS):
            raise ValueError("shape is out of bounds")
        if len(self.shape) > SPACES[self.space].most_dims:
            raise ValueError(f"a {self.space} has one dimension")
        try:
            content = base64.b64decode(self.float32, validate=True)
        except ValueError as error:
            raise ValueError("float32 is not base64") from error
        if len(content) != 4 * math.prod(self.shape):
            raise ValueError("float32 does not fit the shape")
        if not np.isfinite(np.frombuffer(content, "<f4")).all():
            raise ValueError("float32 holds what is no number")
        return self

    @classmethod
    def of(cls, space: Space, values: Array) -> Self:
        """A latent of float32 values, (dim,) or (layers, dim)."""
        content = np.ascontiguousarray(values, "<f4").tobytes()
        return cls(space=space, shape=tuple(values.shape), float32=base64.b64encode(content).decode())

    @property
    def is_input(self) -> bool:
        """Whether it is the generator's input; otherwise it is a point, or one latent for all layers of it."""
        return SPACES[self.space].is_input

    @property
    def values(self) -> Array:
        """float32, of `shape`."""
        return np.frombuffer(base64.b64decode(self.float32), "<f4").astype(np.float32).reshape(self.shape)


class ClassMix(Schema):
    """Another class, and its share of the mixture, 0 … 1: at 1 the picture is of that class alone. Both classes share one z."""

    class_name: str = Field(alias="class", max_length=NAME_LENGTH)
    amount: float = Field(ge=0, le=1)


class Start(Schema):
    """What a picture starts from: a seed or a latent, a class, and the truncation psi.

    A latent in w is stored before truncation; psi 1 leaves it unchanged.
    """

    seed: int | None = Field(None, ge=0, le=MAX_SEED)
    latent: Latent | None = None
    psi: float = Field(PSI, ge=-MAX_PSI, le=MAX_PSI)
    class_name: str | None = Field(None, alias="class", max_length=NAME_LENGTH)
    class_mix: ClassMix | None = None

    @model_validator(mode="after")
    def check_origin(self) -> Self:
        if (self.seed is None) == (self.latent is None):
            raise ValueError("a picture starts from a seed or from a latent, not both or none")
        return self


class Mix(Schema):
    """Style mixing (Karras et al. 2019, §3.1): the named layers, coarse to fine from 0, are taken from another start."""

    start: Start = Field(alias="with")
    layers: tuple[int, ...] = Field(max_length=MAX_LAYERS)


class Push(Schema):
    """A step along a latent direction, with the vector itself: renaming or removing the direction elsewhere changes nothing.

    `layers` are the layers pushed; None is all of them.
    """

    name: str = Field(max_length=NAME_LENGTH)
    vector: Latent
    strength: float = Field(ge=-MAX_STRENGTH, le=MAX_STRENGTH)
    layers: tuple[int, ...] | None = Field(None, max_length=MAX_LAYERS)


class Ancestor(Schema):
    """A picture that another was made from: its seed, if it has one, and the fingerprint of its recipe."""

    seed: int | None = Field(None, ge=0, le=MAX_SEED)
    fingerprint: str = Field(pattern="^[0-9a-f]{16}$")


class Lineage(Schema):
    """How a latent was made: the tool, the pictures, the settings."""

    tool: Literal["variation", "explore", "morph", "breed", "project", "upload"]
    parents: tuple[Ancestor, ...] = Field((), max_length=MAX_PARENTS)
    settings: dict[str, float] = Field(default_factory=dict, max_length=16)


class ModelReference(Schema):
    """The weights of a recipe, and where to get them."""

    name: str = Field(max_length=NAME_LENGTH)
    repo: str | None = Field(None, max_length=NAME_LENGTH)
    revision: str | None = Field(None, max_length=NAME_LENGTH)
    weights_sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Enlarged(Schema):
    """How the pixels of a saved file were enlarged after the network had drawn them."""

    scale: int = Field(ge=2, le=8)
    resampler: Literal["lanczos", "bicubic"] = "lanczos"


class Recipe(Start):
    """The whole recipe, as the text chunk `seedbed` holds it."""

    version: Literal[1] = 1
    model: ModelReference
    mix: Mix | None = None
    directions: tuple[Push, ...] = Field((), max_length=MAX_PUSHES)
    lineage: Lineage | None = None
    licence: str | None = Field(None, max_length=NAME_LENGTH)
    enlarged: Enlarged | None = None

    @property
    def start(self) -> Start:
        """What the picture starts from, without mixing and directions."""
        return Start.model_validate({name: getattr(self, name) for name in Start.model_fields})

    def as_json(self) -> dict[str, Any]:
        """The JSON that a PNG carries, without empty fields."""
        values = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        if not self.directions:
            del values["directions"]
        model = self.model.model_dump(mode="json")
        return {"version": values.pop("version"), "model": model, "class": self.class_name} | values | {"model": model}

    @property
    def fingerprint(self) -> str:
        """16 hex digits that identify the picture: lineage, licence, size and the model's name do not count."""
        values = self.as_json()
        kept = {key: value for key, value in values.items() if key not in ("lineage", "licence", "enlarged", "model")}
        text = json.dumps([self.model.weights_sha256, kept], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def changed(self, **changes: Any) -> Self:
        """The recipe with other fields, checked again."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate(fields | changes)


def parse_recipe(values: Any, name: str) -> Recipe:
    """Values from outside, checked; `name` tells their source in the DataError."""
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = shorten(".".join(map(str, first["loc"]))) or "recipe"
        problem = shorten(first["msg"].removeprefix("Value error, "))
        raise DataError("recipe_invalid", path=name, where=where, problem=problem) from error
