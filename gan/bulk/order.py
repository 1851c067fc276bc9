"""Describes an order for many pictures and the seeds that it uses. The order is stored with the pictures, so that an interrupted
order is recognised.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, Self

from pydantic import Field

from gan.bulk.guard import CopyGuard
from gan.errors import ConfigError, ModelError
from gan.limits import FULL_PSI, MAX_PSI, MAX_SEED, MOST_BULK, NAME_LENGTH
from gan.recipes import ModelReference, Schema
from gan.sampler import Model

PLAIN_FOLDER = re.compile(r"\w(?:[\w .-]{0,58}\w)?")
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # names that Windows reserves


class BulkOrder(Schema):
    """An order of `count` pictures (for each class with `per_class`), from the seed `first_seed` upwards.

    With `closest`, a picture at that distance or nearer to a training picture of the dataset `like` is replaced by one of a later
    seed.
    """

    version: Literal[1] = 1
    model: ModelReference
    count: int = Field(ge=1, le=MOST_BULK)
    first_seed: int = Field(0, ge=0, le=MAX_SEED)
    psi: float = Field(FULL_PSI, ge=-MAX_PSI, le=MAX_PSI)
    class_name: str | None = Field(None, alias="class", max_length=NAME_LENGTH)
    per_class: bool = False
    like: str | None = None
    closest: float | None = Field(None, ge=0)

    @classmethod
    def of(
        cls,
        model: Model,
        count: int,
        first_seed: int = 0,
        psi: float = FULL_PSI,
        class_name: str | None = None,
        per_class: bool = False,
        guard: CopyGuard | None = None,
        drop_copies: bool = False,
    ) -> Self:
        """Return an order that a model can carry out. With `drop_copies`, pictures that the guard counts as copies are left out.

        Raises ModelError and ConfigError.
        """
        classes = model.config.classes
        if per_class and not classes:
            raise ModelError("model_without_classes", model=model.name, found="per class")
        most = MOST_BULK // (len(classes) if per_class else 1)
        if not 1 <= count <= most:
            raise ConfigError("config_field", field="count", found=count, expected=f"1 … {most:,}")
        if per_class and class_name is not None:
            raise ConfigError("config_field", field="class", found=class_name, expected="–, per class")
        model.recipe(min(max(first_seed, 0), MAX_SEED), class_name=class_name)
        last = first_seed + count * (len(classes) if per_class else 1) - 1
        if first_seed < 0 or last > MAX_SEED:
            raise ModelError("seed_out_of_range", found=min(first_seed, 0) or last, highest=MAX_SEED)
        if not abs(psi) <= MAX_PSI:
            raise ModelError("psi_out_of_range", found=psi, most=MAX_PSI)
        return cls(
            model=model.reference,
            count=count,
            first_seed=first_seed,
            psi=psi,
            class_name=class_name,
            per_class=per_class,
            like=guard.dataset.hash if guard else None,
            closest=guard.closest if guard and drop_copies else None,
        )

    def total(self, classes: Sequence[str]) -> int:
        """Return the number of pictures in the finished order."""
        return self.count * (len(classes) if self.per_class else 1)

    def goes_on(self, earlier: Self) -> bool:
        """Return whether another order is the same except for the number of pictures."""
        apart = {"count": 1, "model": self.model}
        same_model = earlier.model.weights_sha256 == self.model.weights_sha256
        return same_model and earlier.model_copy(update=apart) == self.model_copy(update=apart)

    def candidates(self, classes: Sequence[str]) -> Iterator[tuple[int, str | None]]:
        """Yield seeds and their classes without end. With `per_class` the classes alternate; a class of None means that the seed
        chooses the class.
        """
        for seed in range(self.first_seed, MAX_SEED + 1):
            yield seed, classes[(seed - self.first_seed) % len(classes)] if self.per_class else self.class_name
        raise ModelError("seed_out_of_range", found=MAX_SEED + 1, highest=MAX_SEED)


def folder_names(classes: Sequence[str]) -> dict[str, str]:
    """Return a folder name for each class: the class's name where every system allows it, else the class's number."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for index, name in enumerate(classes):
        plain = PLAIN_FOLDER.fullmatch(name) and not RESERVED.fullmatch(name) and name.casefold() not in taken
        names[name] = name if plain else f"class {index}"
        taken.add(names[name].casefold())
    return names
