"""How many pictures a training can see in its time, from a few steps at each side it will grow through, and how long is left."""

import math
import time
from collections.abc import Callable
from itertools import pairwise

from gan.config import RunConfig
from gan.training.games.adversarial import side_at

MEASURED_STEPS = 10
COST_OF_AN_OCTAVE = 1.8  # a picture of twice the side takes as many times as long: 1.4 to 2.2, measured at 16, 32 and 64 px
FIRST_STEPS = 3  # they load kernels and plan convolutions


def measure_rates(config: RunConfig, step: Callable[[int, int], None], finish: Callable[[], None]) -> dict[int, float]:
    """Pictures a second at each side of the recipe. `step(index, side)` makes a step, `finish()` waits for the device."""
    rates = {}
    steps = math.ceil(MEASURED_STEPS / config.penalty_every) * config.penalty_every
    for side in (*(side for side, _ in config.growth), config.resolution):
        for index in range(FIRST_STEPS):
            step(index, side)
        finish()
        begun = time.monotonic()
        for index in range(FIRST_STEPS, FIRST_STEPS + steps):
            step(index, side)
        finish()
        rates[side] = steps * config.batch / (time.monotonic() - begun)
    return rates


def images_in(config: RunConfig, rates: dict[int, float], seconds: float, first: int = 0) -> int:
    """The total that a training which has seen `first` pictures reaches in so many seconds: whole batches, at least one more."""
    sides = [*(side for side, _ in config.growth), config.resolution]
    shares = [0.0, *(share for _, share in config.growth), 1.0]
    if config.growth_images is None:  # the shares are of the total that is sought
        spent_on_one = sum((end - start) / rates[side] for side, (start, end) in zip(sides, pairwise(shares), strict=True))
        total = first + (seconds / spent_on_one) + 1e-6
    else:
        ends = [share * config.growth_images for share in shares[1:-1]] + [math.inf]
        total = float(first)
        for side, end in zip(sides, ends, strict=True):
            part = min(max(0.0, end - total), seconds * rates[side])
            total, seconds = total + part, seconds - part / rates[side]
    return first + max(1, int((total - first) / config.batch)) * config.batch


def seconds_left(config: RunConfig, rate: float, images_seen: int, images_total: int) -> float:
    """How long the rest takes, where `rate` is the pictures a second at the present side: larger ones to come are slower."""
    planned = config.growth_images or images_total
    ends = [*((side, share * planned) for side, share in config.growth), (config.resolution, math.inf)]
    now, done, seconds = side_at(config, images_seen, images_total), float(images_seen), 0.0
    for side, end in ends:
        part = max(0.0, min(end, images_total) - done)
        seconds += part / rate * COST_OF_AN_OCTAVE ** math.log2(side / now)
        done += part
    return seconds
