"""One latent direction, and the groups of layers it may push."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gan.errors import ModelError
from gan.recipes import Latent, Push, Space
from gan.sampler import Model

MAX_NAME = 60
GROUPS = ("coarse", "middle", "fine")

Source = Literal["weights", "samples"]


@dataclass(frozen=True, eq=False)
class Direction:
    """A line through a model's latent space along which its pictures change.

    Renaming it with `dataclasses.replace` keeps it the same direction.
    """

    name: str
    vector: npt.NDArray[np.float32]
    """(dim,), of length 1, in `space`."""
    scale: float
    """The standard deviation of the model's own latents along it, within a class: the length of strength 1. A slider therefore
    means the same for every direction and every model."""
    source: Source
    space: Space
    weights_sha256: str
    """The weights it was found on."""
    layers: tuple[int, ...] | None = None
    """The layers it was found for, and pushes by default; None is all."""

    def fits(self, model: Model) -> bool:
        """Whether it was found on the weights of this model."""
        return self.weights_sha256 == model.config.weights_sha256

    def push(self, model: Model, strength: float, layers: tuple[int, ...] | None = None) -> Push:
        """A recipe's step along it, `strength` standard deviations long; 0 changes nothing. `layers` None is the direction's own.

        Raises ModelError where it was found on other weights: see `adopt`.
        """
        if not self.fits(model):
            raise ModelError("direction_foreign", name=self.name, model=model.name)
        vector = Latent.of(self.space, self.vector * np.float32(self.scale))
        return Push(name=self.name, vector=vector, strength=strength, layers=self.layers if layers is None else layers)


def layer_groups(model: Model) -> dict[str, tuple[int, ...]]:
    """The layers of a model, coarse to fine: {"coarse": (0, 1), "middle": (2, 3), "fine": (4, …)}; {} without layers.

    Layers of one side stay together where there are enough sides, and the remainder goes to the fine end (as in Karras et al.
    2019, §3.1): each octave changes the picture about half as much as the one before it.
    """
    count = model.latent.layers
    if not count:
        return {}
    unit = 2 if count >= 2 * len(GROUPS) else 1
    smallest, rest = divmod(count // unit, len(GROUPS))
    groups: dict[str, tuple[int, ...]] = {}
    start = 0
    for index, name in enumerate(GROUPS):
        size = unit * (smallest + (index >= len(GROUPS) - rest))
        groups[name] = tuple(range(start, start + size))
        start += size
    return groups


def unit_rows(vectors: Any) -> npt.NDArray[np.float32]:
    """Rows of length 1, with the sign that makes the largest number positive: the sign of an eigenvector is arbitrary."""
    rows = np.asarray(vectors, np.float64)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    largest = np.take_along_axis(rows, np.abs(rows).argmax(1, keepdims=True), 1)
    return (rows * np.sign(largest)).astype(np.float32)
