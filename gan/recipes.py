"""A picture's recipe: everything needed to make it again, as schemas of the data in a PNG, with bounded fields and without
further ones.

A recipe starts from a seed or a latent with its class and truncation. It may take some layers from a second start (style mixing)
and be pushed along latent directions. Every picture of the Create tab has a recipe, including a variation, a child and a frame of
a morph.
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
    """The format in which a latent space is stored."""

    is_input: bool
    """Whether its latents are the generator's input, which still needs a class and a truncation to become a picture."""
    most_dims: int
    """1 if there is one latent for a picture, 2 if there may also be one for each layer."""


SPACES: dict[Space, SpaceFormat] = {"z": SpaceFormat(is_input=True, most_dims=1), "w": SpaceFormat(is_input=False, most_dims=2)}


class Schema(BaseModel):
    """Base of closed schemas: unknown fields are refused, and numbers are finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Latent(Schema):
    """Numbers of a latent space, exact to the bit: float32, little-endian, base64.

    The shape is (dim,) for z or a single w, and (layers, dim) for one w in each layer.
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
        """Return a latent of float32 values, (dim,) or (layers, dim)."""
        content = np.ascontiguousarray(values, "<f4").tobytes()
        return cls(space=space, shape=tuple(values.shape), float32=base64.b64encode(content).decode())

    @property
    def is_input(self) -> bool:
        """Whether the latent is the generator's input, z. Otherwise it is a w: one for all layers, or one for each layer."""
        return SPACES[self.space].is_input

    @property
    def values(self) -> Array:
        """The numbers as float32, of `shape`."""
        return np.frombuffer(base64.b64decode(self.float32), "<f4").astype(np.float32).reshape(self.shape)


class ClassMix(Schema):
    """A second class and its share of the mixture, 0 … 1; at 1 the picture is of that class alone. Both classes share one z."""

    class_name: str = Field(alias="class", max_length=NAME_LENGTH)
    amount: float = Field(ge=0, le=1)


class Start(Schema):
    """The start of a picture: a seed or a latent, a class, and the truncation psi.

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
    """A step along a latent direction. It holds the vector itself, so renaming or removing the stored direction does not change
    the picture.

    `layers` are the layers pushed; None means all of them.
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
    """The origin of a latent: the tool, the pictures and the settings."""

    tool: Literal["variation", "explore", "morph", "breed", "project", "upload"]
    parents: tuple[Ancestor, ...] = Field((), max_length=MAX_PARENTS)
    settings: dict[str, float] = Field(default_factory=dict, max_length=16)


class ModelReference(Schema):
    """The weights that a recipe refers to, and where to get them."""

    name: str = Field(max_length=NAME_LENGTH)
    repo: str | None = Field(None, max_length=NAME_LENGTH)
    revision: str | None = Field(None, max_length=NAME_LENGTH)
    weights_sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Enlarged(Schema):
    """The enlargement of a saved file's pixels after the network had drawn them."""

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
        """The start of the picture, without mixing and directions."""
        return Start.model_validate({name: getattr(self, name) for name in Start.model_fields})

    def as_json(self) -> dict[str, Any]:
        """Return the JSON for a PNG, without empty fields."""
        values = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        if not self.directions:
            del values["directions"]
        model = self.model.model_dump(mode="json")
        return {"version": values.pop("version"), "model": model, "class": self.class_name} | values | {"model": model}

    @property
    def fingerprint(self) -> str:
        """Return 16 hex digits that identify the picture. Lineage, licence, size and the model's name do not change them."""
        values = self.as_json()
        kept = {key: value for key, value in values.items() if key not in ("lineage", "licence", "enlarged", "model")}
        text = json.dumps([self.model.weights_sha256, kept], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def changed(self, **changes: Any) -> Self:
        """Return the recipe with other values in some fields, validated again."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate(fields | changes)


def parse_recipe(values: Any, name: str) -> Recipe:
    """Return a recipe from untrusted values after validating them; a DataError uses `name` for their source."""
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = shorten(".".join(map(str, first["loc"]))) or "recipe"
        problem = shorten(first["msg"].removeprefix("Value error, "))
        raise DataError("recipe_invalid", path=name, where=where, problem=problem) from error
