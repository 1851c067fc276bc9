"""Whether generated pictures are mixtures of a few training pictures.

A generator that knows only a few pictures draws them, or sums of them under noise. Such a sum is near to no single picture, but
near to the hull of all of them.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from gan.metrics.measures import diversity, features

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.float64]

FEWEST, MOST = 4, 64  # training pictures; the hull of more is near to any picture
LEAST_SHARPNESS = 0.8  # fraction of that of the training pictures: blurred pictures are near to any hull
LEAST_DIVERSITY = 0.5  # fraction of the variety of the training pictures: pictures that vary little are near to the mean


class Mixtures:
    """Measures pictures against the affine hull of training pictures uint8 (N, H, W, C) and their mirror images, at 32 pixels a
    side at most. Raises ValueError for fewer than 4 or more than 64 training pictures.
    """

    def __init__(self, training: Array) -> None:
        if not FEWEST <= len(training) <= MOST:
            raise ValueError(f"mixtures of {len(training)} pictures are not measured; it must be {FEWEST} … {MOST}")
        self.training = training
        own, mirrored = rows(training), rows(training[:, :, ::-1])
        self.sharpness = sharpness(own, training.shape[3])
        self.hull = Hull(own, mirrored)
        others = [np.delete(np.arange(len(training)), place) for place in range(len(training))]
        alone = [Hull(own[each], mirrored[each]).distances(own[[place]]) for place, each in enumerate(others)]
        self.usual = float(np.median(np.concatenate(alone)))

    def ratio(self, samples: Array) -> float | None:
        """Return the median squared distance of samples (M, H, W, C) to the hull, divided by that of each training picture to the
        hull of the others: about 1 for new pictures, below 0.7 for mixtures.

        None where that cannot be judged: samples that are blurred or that vary little, and training pictures that are all alike.
        """
        x = rows(samples)
        if self.usual <= 1e-6 or sharpness(x, samples.shape[3]) < LEAST_SHARPNESS * self.sharpness:
            return None
        if diversity(samples, self.training) < LEAST_DIVERSITY:
            return None
        return float(np.median(self.hull.distances(x))) / self.usual


class Hull:
    """The affine hull of rows: all their sums with weights that add up to 1."""

    def __init__(self, *parts: Rows) -> None:
        points = np.concatenate(parts)
        self.centre = points.mean(0)
        away = points - self.centre
        # The points are fewer than their coordinates, so that their products take less time than a decomposition of the points.
        squares, weights = np.linalg.eigh(away @ away.T)
        known = squares > 1e-10 * squares[-1]
        self.directions = (weights[:, known] / np.sqrt(squares[known])).T @ away

    def distances(self, points: Rows) -> Rows:
        """Return the squared distance of each row to the hull."""
        away = points - self.centre
        within = away @ self.directions.T
        squares: Rows = np.square(away).sum(1) - np.square(within).sum(1)
        return squares


def rows(pictures: Array) -> Rows:
    """Return `features` of pictures in double precision: (N, H, W, C) -> float64 (N, F)."""
    return features(pictures).astype(np.float64)


def sharpness(x: Rows, channels: int) -> float:
    """Return the mean squared difference of neighbouring values of rows (N, F), divided by the variance over the pictures."""
    side = round((x.shape[1] / channels) ** 0.5)
    planes = x.reshape(len(x), channels, side, side)
    steps = sum(float(np.square(np.diff(planes, axis=axis)).mean()) for axis in (2, 3))
    return steps / max(float(x.var(0).mean()), 1e-12)
