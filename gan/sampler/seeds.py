"""Turns seeds into latents, with the same numbers on every machine."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from gan.errors import ModelError
from gan.limits import MAX_SEED, MAX_SEEDS

MOST_DIGITS = 20
AS_TYPED_IN_CHINESE = str.maketrans("０１２３４５６７８９，、－", "0123456789,,-")


def parse_seeds(text: str) -> list[int]:
    """Parse "0-15,42" as [0, 1, …, 15, 42], each seed once. Raises ModelError for anything else, or for more than 100,000."""
    seeds: dict[int, None] = {}
    for part in text.translate(AS_TYPED_IN_CHINESE).split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        ends = [first, last] if dash else [first]
        if not all(end.isascii() and end.isdigit() for end in ends):
            raise ModelError("seeds_unreadable", found=text)
        if endless := [end for end in ends if len(end) > MOST_DIGITS]:
            raise ModelError("seed_out_of_range", found=f"{endless[0][:MOST_DIGITS]}…", highest=MAX_SEED)
        start, stop = int(ends[0]), int(ends[-1])
        if start > stop:
            raise ModelError("seeds_unreadable", found=text)
        if stop > MAX_SEED:
            raise ModelError("seed_out_of_range", found=stop, highest=MAX_SEED)
        if stop - start >= MAX_SEEDS:
            raise ModelError("too_many_seeds", found=stop - start + 1, most=MAX_SEEDS)
        seeds.update(dict.fromkeys(range(start, stop + 1)))
        if len(seeds) > MAX_SEEDS:  # checked before the next range: a line of text could name millions
            raise ModelError("too_many_seeds", found=len(seeds), most=MAX_SEEDS)
    return list(seeds)


def latents(seeds: Sequence[int], z_dim: int, num_classes: int) -> tuple[Tensor, Tensor | None]:
    """Return z, float32 (N, z_dim), and for a conditional model (`num_classes` > 0) the class that each seed chooses, int64 (N,).

    Uses numpy's legacy generator: its stream never changes, and a browser can reproduce it.
    """
    z = np.empty((len(seeds), z_dim), np.float32)
    class_index = np.empty(len(seeds), np.int64)
    for row, seed in enumerate(seeds):
        if not 0 <= seed <= MAX_SEED:
            raise ModelError("seed_out_of_range", found=seed, highest=MAX_SEED)
        rng = np.random.RandomState(seed)
        z[row] = rng.standard_normal(z_dim)
        class_index[row] = int(rng.random_sample() * num_classes)
    return torch.from_numpy(z), torch.from_numpy(class_index) if num_classes else None
