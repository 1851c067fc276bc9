"""The order in which pictures are trained on. It depends only on the seed and the number of pictures seen, so that a training can
be resumed.
"""

import functools

import numpy as np


def order(count: int, seed: int, start: int, length: int) -> np.ndarray:
    """Return elements `start` to `start + length` of an endless stream of reshuffled epochs of `count` pictures, as int64
    positions.

    An epoch's permutation depends on (count, seed, epoch) alone and is the same on every machine: numpy has frozen `RandomState`.
    """
    positions = np.empty(length, np.int64)
    done = 0
    while done < length:
        epoch, first = divmod(start + done, count)
        part = _permutation(count, seed, epoch)[first : first + length - done]
        positions[done : done + len(part)] = part
        done += len(part)
    return positions


@functools.lru_cache(maxsize=4)  # a training requests a few dozen positions at a time, from one or two epochs
def _permutation(count: int, seed: int, epoch: int) -> np.ndarray:
    key = [seed & 0xFFFFFFFF, seed >> 32, epoch & 0xFFFFFFFF, epoch >> 32]
    permutation = np.random.RandomState(key).permutation(count).astype(np.int64)
    permutation.flags.writeable = False
    return permutation
