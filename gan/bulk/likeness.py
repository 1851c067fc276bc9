"""Finds the training pictures that look most like generated pictures, in pretrained features.

Pixels find copies of a picture. Features find pictures of the same thing, also where it is moved, or in another light.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from gan.bulk.guard import MIN_HELD_OUT, TOO_NEAR
from gan.data import Dataset
from gan.vision import Vectors, describe

Array = npt.NDArray[Any]

MOST_KEPT = 2
MOST_DESCRIBED = 4000  # training pictures: more would take longer than ten seconds


class Likeness:
    """Compares pictures with a dataset's training pictures by their features.

    The distance of two pictures is sqrt((1 - cosine) / 2) of their features, 0 … 1. Each feature is standardised over the
    training pictures. `closest` is the distance below which 5 % of held-out pictures lie; with fewer
    than ten of them, each half of the training pictures serves as new pictures for the other half. Of more than MOST_DESCRIBED
    training pictures, as many are compared, evenly chosen.
    """

    def __init__(self, dataset: Dataset) -> None:
        training, held_out = dataset.train_indices, dataset.held_out_indices
        count = min(MOST_DESCRIBED, len(training))
        self.rows = training[np.linspace(0, len(training) - 1, count).round().astype(int)]
        described = describe(np.asarray(dataset.pictures[self.rows]))
        self.mean, self.scale = described.mean(0), described.std(0) + 1e-6
        self.known = self._direction(described)
        if len(held_out) >= MIN_HELD_OUT:
            new = distances(self._of(np.asarray(dataset.pictures[held_out])), self.known).min(1)
        else:
            halves = distances(self.known[::2], self.known[1::2])
            new = np.concatenate([halves.min(1), halves.min(0)])
        self.closest = round(float(np.quantile(new, TOO_NEAR)), 6)

    def nearest(self, pictures: Array) -> tuple[Array, npt.NDArray[np.float32]]:
        """Return, for uint8 pictures (N, H, W, C), the index of the dataset's picture that looks most alike, int64 (N,), and its
        distance, float32 (N,).
        """
        found = distances(self._of(pictures), self.known)
        return self.rows[found.argmin(1)], found.min(1)

    def _of(self, pictures: Array) -> Vectors:
        return self._direction(describe(pictures))

    def _direction(self, described: Vectors) -> Vectors:
        standard = (described - self.mean) / self.scale
        length = np.linalg.norm(standard, axis=1, keepdims=True)
        return np.asarray(standard / np.maximum(length, 1e-6), np.float32)


_kept: dict[str, Likeness] = {}  # by the dataset's hash


def likeness_of(dataset: Dataset) -> Likeness:
    """Return a dataset's Likeness, which takes seconds to make; the last MOST_KEPT are kept in memory."""
    if dataset.hash not in _kept:
        made = Likeness(dataset)
        while len(_kept) >= MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[dataset.hash] = made
    return _kept[dataset.hash]


def distances(first: Vectors, second: Vectors) -> npt.NDArray[np.float32]:
    """Return the distances, float32 (N, M) in 0 … 1, between unit vectors (N, D) and (M, D)."""
    return np.asarray(np.sqrt(np.clip((1 - first @ second.T) / 2, 0, 1)), np.float32)
