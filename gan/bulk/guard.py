"""How near a picture is to those that the model learned from, and how near is too near."""

from typing import Any

import numpy as np
import numpy.typing as npt

from gan.data import Dataset
from gan.metrics import nearest

Array = npt.NDArray[Any]

TOO_NEAR = 0.05  # as near to a training picture as this share of new pictures are
MIN_HELD_OUT = 10


class CopyGuard:
    """Measures pictures against a dataset's training pictures; `closest` is the distance at which they count as copies.

    That distance comes from real pictures that were never trained on, the dataset's held-out ones: 5 % of them lie that near to a
    training picture by chance. So some 5 % of new pictures are dropped with the copies, more where they are blurred. Where fewer
    than ten are held out, each half of the dataset stands in for new pictures to the other.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        held_out, training = dataset.held_out_indices, dataset.train_indices
        if len(held_out) >= MIN_HELD_OUT:
            parts = [(held_out, training)]
        else:
            parts = [(training[::2], training[1::2]), (training[1::2], training[::2])]
        new = np.concatenate([nearest(dataset.pictures[rows], dataset.pictures, others)[1] for rows, others in parts])
        self.closest = round(float(np.quantile(new, TOO_NEAR)), 6)  # the same again on another machine

    def distances(self, pictures: Array) -> Array:
        """uint8 (N, H, W, C), of the dataset's size -> distances to the nearest training pictures, float32 (N,) in 0 … 1."""
        return nearest(pictures, self.dataset.pictures, self.dataset.train_indices)[1]
