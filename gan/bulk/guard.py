"""The distance of a picture to the training pictures, and the distance at which it counts as a copy."""

from typing import Any

import numpy as np
import numpy.typing as npt

from gan.data import Dataset
from gan.metrics import nearest

Array = npt.NDArray[Any]

TOO_NEAR = 0.05  # a copy is nearer to a training picture than all but this fraction of new pictures
MIN_HELD_OUT = 10


class CopyGuard:
    """Measures pictures against a dataset's training pictures; `closest` is the distance at which they count as copies.

    The distance comes from the dataset's held-out pictures, which were never trained on: 5 % of them lie that near to a training
    picture by chance. About 5 % of original samples are therefore dropped with the copies, more if they are blurred. With fewer
    than ten held-out pictures, each half of the dataset serves as new pictures for the other.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        held_out, training = dataset.held_out_indices, dataset.train_indices
        if len(held_out) >= MIN_HELD_OUT:
            parts = [(held_out, training)]
        else:
            parts = [(training[::2], training[1::2]), (training[1::2], training[::2])]
        new = np.concatenate([nearest(dataset.pictures[rows], dataset.pictures, others)[1] for rows, others in parts])
        self.closest = round(float(np.quantile(new, TOO_NEAR)), 6)  # rounded: equal on every machine

    def distances(self, pictures: Array) -> Array:
        """uint8 (N, H, W, C), of the dataset's size -> distances to the nearest training pictures, float32 (N,) in 0 … 1."""
        return nearest(pictures, self.dataset.pictures, self.dataset.train_indices)[1]
