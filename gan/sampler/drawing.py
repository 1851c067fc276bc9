"""Turns a network's output into pictures: in batches, in full precision, as uint8 in main memory."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan.images import to_uint8
from gan.limits import BATCH


def draw_pictures(draw: Callable[[slice], Tensor], count: int, device: torch.device, batch: int = BATCH) -> np.ndarray[Any, Any]:
    """Return uint8 (count, H, W, C) from `draw`, which receives slices of `batch` rows and returns float (n, C, H, W).

    Every picture of a seed, a latent or a recipe is made by this function, so that it has the same bits in every tool.
    """
    with torch.inference_mode(), full_precision(device):
        parts = [to_uint8(draw(slice(start, min(start + batch, count)))) for start in range(0, count, batch)]
    return np.concatenate(parts)


class _ProcessPrecision:
    """The precision settings that all threads share. The first thread to enter sets full float32; the last one to leave restores
    the former settings.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._before = ExitStack()

    def enter(self) -> None:
        """Require full float32 from now on, in all threads."""
        with self._lock:
            if self._users == 0:
                self._before.callback(torch.set_float32_matmul_precision, torch.get_float32_matmul_precision())
                torch.set_float32_matmul_precision("highest")
                flags = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
                self._before.enter_context(flags)
            self._users += 1

    def leave(self) -> None:
        """End this thread's requirement of full float32."""
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._before.pop_all().close()


_process_precision = _ProcessPrecision()


@contextmanager
def full_precision(device: torch.device) -> Iterator[None]:
    """Compute in full float32 even if the process otherwise allows less, so that one seed gives one picture on every device."""
    _process_precision.enter()
    try:
        with torch.autocast(device.type, enabled=False):
            yield
    finally:
        _process_precision.leave()
