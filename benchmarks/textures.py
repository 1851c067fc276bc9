"""Periodic textures as generators draw them where they fail: stripes like engraving, and dots like print."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

PERIODS = (2.2, 8.0)  # pixels of 64
PATCHES = 4  # fields along each side; a texture is strong in some of them and fades towards the others


def textures(count: int, side: int, rng: np.random.Generator, dotted: Array) -> Array:
    """Return float32 (N, side, side) in [-1, 1]: stripes of a random direction, period and place, or crossed ones where `dotted`
    (N,) is True.
    """
    first, second = (gratings(count, side, rng) for _ in range(2))
    pattern = np.where(dotted[:, None, None], first * second, first)
    return (pattern * patches(count, side, rng)).astype(np.float32)


def gratings(count: int, side: int, rng: np.random.Generator) -> Array:
    """Return waves (N, side, side) in [-1, 1]."""
    bounds = ((PERIODS[0] * side / 64, PERIODS[1] * side / 64), (0, np.pi), (0, 2 * np.pi))
    period, angle, phase = (rng.uniform(low, high, (count, 1, 1)) for low, high in bounds)
    rows, columns = np.mgrid[:side, :side]
    along = rows * np.sin(angle) + columns * np.cos(angle)
    return np.sin(2 * np.pi * along / np.maximum(period, 2.0) + phase)


def patches(count: int, side: int, rng: np.random.Generator) -> Array:
    """Return weights (N, side, side) from 0 to 1 that vary smoothly; half of the places have more than a half."""
    fields = rng.random((count, PATCHES + 1, PATCHES + 1))
    places = np.linspace(0, PATCHES, side)
    lower = np.minimum(places.astype(int), PATCHES - 1)
    rest = places - lower
    rows = fields[:, lower] * (1 - rest)[None, :, None] + fields[:, lower + 1] * rest[None, :, None]
    return rows[:, :, lower] * (1 - rest) + rows[:, :, lower + 1] * rest
