"""Paints on the GPU that ZeroGPU provides during a call: many pictures are painted on the GPU, few on the CPU, which is always
available.
"""

import functools
import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from gan.machine import on_zero_gpu
from gan.sampler.model import Model, Points

Array = np.ndarray[Any, Any]
Painting = Callable[[str, str, Array, Array | None, int], Array]

SECONDS_LENT = 30  # requested for a call; only the time used counts towards a visitor's daily share
WORTH_PIXELS = 64 * 128 * 128  # pixels in one call; the CPU paints fewer sooner than ZeroGPU assigns a GPU


def is_worth_a_gpu(model: Model, count: int) -> bool:
    """Return whether `count` pictures are painted sooner on a GPU of ZeroGPU; False on other machines."""
    return on_zero_gpu() and str(model.device) == "cpu" and count * model.config.resolution**2 >= WORTH_PIXELS


def paint_on_lent_gpu(model: Model, points: Points, batch: int) -> Array:
    """Paint points as pictures uint8 (N, H, W, C), in a separate process that holds the GPU."""
    classes = None if points.class_index is None else points.class_index.numpy()
    return lent(str(model.folder), model.config.weights_sha256, points.values.numpy(), classes, batch)


def on_lent_gpu(painting: Painting) -> Painting:
    """Return the function itself, or on ZeroGPU a wrapper that runs it on the GPU. A ZeroGPU Space starts only if at least one
    function is wrapped.
    """
    if not on_zero_gpu():
        return painting
    spaces = importlib.import_module("spaces")
    marked: Painting = spaces.GPU(duration=SECONDS_LENT)(painting)
    return marked


@functools.lru_cache(2)
def _opened(folder: str, weights: str) -> Model:
    """Return the model on the GPU, cached for the next call of the same process."""
    return Model.open(folder, "cuda" if torch.cuda.is_available() else "cpu")


@on_lent_gpu
def lent(folder: str, weights: str, values: Array, classes: Array | None, batch: int) -> Array:
    """Call `Model.paint` with arguments and a result that can pass between processes, which tensors of a GPU cannot."""
    model = _opened(folder, weights)
    with torch.inference_mode():
        index = None if classes is None else torch.from_numpy(classes).to(model.device)
        return model.paint(Points(torch.from_numpy(values).to(model.device), index), batch)
