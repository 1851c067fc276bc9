"""Finds the model whose pictures are nearest to a set of pictures: the base from which fine-tuning gains most."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gan.errors import GanError
from gan.models import DISCRIMINATOR, Entry, read_config
from gan.sampler.model import Model
from gan.vision import Vectors, describe

NEAR = 0.7
"""Fine-tuning gained at distances up to 0.5 and lost at 1.6 (benchmarks/SEARCH.md)."""
PICTURES = 200
SAMPLES = 64
MOST_BASES = 8


class Base(NamedTuple):
    """A model and the distance of its pictures from a set."""

    entry: Entry
    distance: float

    @property
    def is_near(self) -> bool:
        """Whether fine-tuning the model is likely to be better than training from scratch."""
        return self.distance < NEAR


def nearest_base(pictures: npt.NDArray[Any], entries: Sequence[Entry]) -> Base | None:
    """Return the nearest of at most MOST_BASES models for uint8 pictures (N, H, W, C); None where no model suits.

    A model suits if it has as many colours, and a discriminator to train on. Models that are damaged are left out.
    """
    own = describe(pictures[np.linspace(0, len(pictures) - 1, min(PICTURES, len(pictures))).astype(int)])
    found: list[Base] = []
    for entry in entries:
        if len(found) == MOST_BASES:
            break
        try:
            config = read_config(entry.folder)
            if config.channels == pictures.shape[3] and (entry.folder / DISCRIMINATOR).is_file():
                found.append(Base(entry, distance(own, _samples_of(entry.folder, str(config.weights_sha256)))))
        except GanError:
            continue  # the Models tab reports a damaged model
    return min(found, key=lambda base: base.distance, default=None)


def distance(own: Vectors, other: Vectors) -> float:
    """Return how far the mean and the spread of features (N, D) are from a set's own, relative to the set's own variance.

    This is the Fréchet distance of normal distributions without covariances (Dowson & Landau 1982). It is 0.05 to 0.2 between
    two halves of a set.
    """
    means = np.square(own.mean(0) - other.mean(0)).sum()
    spreads = np.square(own.std(0) - other.std(0)).sum()
    return float((means + spreads) / max(own.var(0).sum(), 1e-6))


@lru_cache(64)
def _samples_of(folder: Path, weights_sha256: str) -> Vectors:
    """Return the features of a model's pictures; `weights_sha256` is part of the cache's key."""
    return describe(np.asarray(Model.open(folder, "cpu").generate(range(SAMPLES), psi=1.0)))
