"""The groups of layers that a direction may push, and the choice of a direction's sign."""

from typing import Any

import numpy as np
import numpy.typing as npt

from gan.sampler import Model

GROUPS = ("coarse", "middle", "fine")


def layer_groups(model: Model) -> dict[str, tuple[int, ...]]:
    """Return the layers of a model in groups, coarse to fine: {"coarse": (0, 1), "middle": (2, 3), "fine": (4, …)}; {} without
    layers.

    Layers of one side are in the same group if the model has enough sides, and remaining layers are in the fine group (as in
    Karras et al. 2019, §3.1): each octave changes the picture about half as much as the one before it.
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
    """Return rows of length 1, with the sign that makes the number of largest magnitude positive, since the sign of an
    eigenvector is arbitrary.
    """
    rows = np.asarray(vectors, np.float64)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    largest = np.take_along_axis(rows, np.abs(rows).argmax(1, keepdims=True), 1)
    return (rows * np.sign(largest)).astype(np.float32)
