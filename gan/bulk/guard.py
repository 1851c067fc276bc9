"""Measures how far a picture is from the training pictures, and sets the distance below which it counts as a copy."""

from typing import Any

import numpy as np
import numpy.typing as npt

from gan.data import Dataset
from gan.data.held_out import near_duplicates
from gan.metrics import nearest

Array = npt.NDArray[Any]

TOO_NEAR = 0.05  # fraction of original pictures that are nearer to a training picture than `closest`
MIN_HELD_OUT = 10


class CopyGuard:
    """Measures pictures against a dataset's training pictures; at the distance `closest` or less, a picture counts as a copy.

    The distance comes from the dataset's held-out pictures, which were never trained on: 5 % of them are that near to a training
    picture by chance. The guard therefore drops about 5 % of original samples together with the copies, and more if the samples
    are blurred. With fewer than ten held-out pictures, each half of the dataset serves as new pictures for the other half. Of
    pictures that are nearly the same only one takes part, since they would make the distance as small as that between copies.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        held_out, training = dataset.held_out_indices, dataset.train_indices
        if len(held_out) >= MIN_HELD_OUT:
            parts = [(held_out, training)]
        else:
            different = leave_near_duplicates(dataset, training)
            parts = [(different[::2], different[1::2]), (different[1::2], different[::2])]
        new = np.concatenate([nearest(dataset.pictures[rows], dataset.pictures, others)[1] for rows, others in parts])
        self.closest = round(float(np.quantile(new, TOO_NEAR)), 6)  # rounded, so that it is equal on every machine

    def distances(self, pictures: Array) -> Array:
        """Return the distances of uint8 pictures (N, H, W, C), of the dataset's size, to their nearest training pictures: float32
        (N,) in 0 … 1.
        """
        return nearest(pictures, self.dataset.pictures, self.dataset.train_indices)[1]


def leave_near_duplicates(dataset: Dataset, rows: Array) -> Array:
    """Return the rows without near-duplicates of earlier ones; all rows if fewer than two would remain."""
    groups = near_duplicates(np.asarray(dataset.pictures[rows]))
    later = [place for group in groups for place in group[1:]]
    different = np.delete(rows, later)
    return different if len(different) > 1 else rows
