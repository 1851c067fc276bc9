"""Code that all tools share: open models, tiles, and answers in the visitor's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gan.errors import GanError
from gan.files import system_refusals
from gan.images import data_uri, encode_png
from gan.limits import MAX_PSI, PSI
from gan.playing.asking import Right, current
from gan.playing.shelf import Shelf
from gan.playing.tasks import Tasks
from gan.recipes import ClassMix, Recipe
from gan.sampler import Model, Pool
from gan.words import Language, say

Answer = dict[str, Any]
Picture = np.ndarray[Any, Any]


class Studio:
    """Open models, and the pool that paints for all visitors at once. `uploads` is the folder of files that browsers send."""

    def __init__(self, shelf: Shelf, uploads: Path | None = None) -> None:
        self.shelf = shelf
        self.uploads = uploads
        self.pool = Pool()
        self.tasks = Tasks()

    def open(self, key: str) -> Model:
        """Return the model of a key from a browser. Raises GanError."""
        return self.shelf.open(key)

    def open_named(self, name: str) -> Model:
        """Return the model of a key or name; the default model for None. Raises GanError."""
        return self.shelf.open_entry(self.shelf.named(name))

    def tiles(self, model: Model, recipes: Sequence[Recipe]) -> list[Answer]:
        """Return pictures in the browser's form: each a PNG with its recipe inside, and the recipe separately."""
        pictures = self.pool.render(model, recipes)
        values = [recipe.as_json() for recipe in recipes]
        return [
            {"src": data_uri(encode_png(picture, each)), "recipe": each} for picture, each in zip(pictures, values, strict=True)
        ]


class Call(BaseModel):
    """Base class of a call's arguments. Fields are bounded and further fields are refused, because any sender can send any
    value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)

    model: str = Field(max_length=300)


class Taste(Call):
    """The settings that all tools share: truncation, class, and another class mixed in."""

    psi: float = Field(PSI, ge=-MAX_PSI, le=MAX_PSI)
    class_name: str = Field("", alias="class", max_length=200)
    mix_with: str = Field("", max_length=200)
    mix_amount: float = Field(0.5, ge=0, le=1)

    @property
    def fields(self) -> dict[str, Any]:
        """Return the settings as arguments of `Model.recipe`."""
        mix = ClassMix(class_name=self.mix_with, amount=self.mix_amount) if self.mix_with else None
        return {"psi": self.psi, "class_name": self.class_name or None, "class_mix": mix}


@dataclass(frozen=True)
class Answering:
    """An entry of the table of calls: the right it needs, the schema of its arguments, and the function that answers."""

    right: Right
    schema: type[BaseModel]
    handler: Callable[[Studio, Any, Language], Answer]


def answer(studio: Studio, calls: Mapping[str, Answering], data: Any, language: Language) -> Answer:
    """Return the answer to {"call": NAME, "with": {…}}, or {"error": sentence} for a call that is malformed or refused.

    `asking.current()` returns the caller.
    """
    try:
        line = calls[data["call"]]
        asked = line.schema.model_validate(data["with"])
    except (ValidationError, LookupError, TypeError):
        return {"error": say(language, "create_call_invalid")}
    try:
        current().check(line.right)
        with system_refusals():
            return line.handler(studio, asked, language)
    except GanError as error:
        return {"error": error.translated(language), "code": error.code}
    except ValidationError:  # raised for computed values, such as the infinite sum of very large latents
        return {"error": say(language, "create_call_invalid")}
