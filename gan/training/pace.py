"""How many pictures a training can see in its time, from a few measured steps at each side, and how long the rest takes."""

import math
import time
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from gan.config import RunConfig
from gan.training.clock import Pace
from gan.training.games import Game
from gan.training.schedules import schedule_total, side_at

MEASURED_STEPS = 10
COST_OF_AN_OCTAVE = 1.8  # a picture of twice the side takes as many times as long: 1.4 to 2.2, measured at 16, 32 and 64 px
FIRST_STEPS = 3  # they load kernels and plan convolutions
# A run by the clock plans for this share of its time, because samples and snapshots need some too.
PLANNED_SHARE = 0.95
# The plan is corrected once, when half of it is done and rates begin to fall, if SETTLING_STEPS at full size were timed.
SETTLING_SHARE = 0.5
SETTLING_STEPS = 64
SETTLED_SHARE = 0.98  # the pace holds what samples and snapshots cost, but not the last ones

Step = Callable[[int, int, int], object]
"""(images_seen, images_total, side): makes a step."""


def measure_rates(
    config: RunConfig, period_steps: int, step: Callable[[int, int], None], finish: Callable[[], None]
) -> dict[int, float]:
    """Pictures a second at each side of the plan. `step(index, side)` makes a step, `finish()` waits for the device.

    The cost of steps repeats after `period_steps`: whole periods are measured.
    """
    rates = {}
    steps = math.ceil(MEASURED_STEPS / period_steps) * period_steps
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


class Planned(NamedTuple):
    """A total, and the mean pictures a second that it expects."""

    images_total: int
    images_per_second: float


def plan_total(
    game: Game, images_seen: int, seconds_left: Callable[[], float], step: Step, finish: Callable[[], None]
) -> Planned:
    """The total of a run that ends in `seconds_left()`, found by measuring steps that are then undone."""
    config = game.config
    tensors, numbers = game.state()
    kept = {name: tensor.detach().clone() for name, tensor in tensors.items()}

    def measured(index: int, side: int) -> None:
        step(images_seen + index * config.batch, images_seen + 10**9, side)

    rates = measure_rates(config, game.period_steps, measured, finish)
    game.restore(kept, numbers | {"micro_batches": game.micro_batches})
    seconds = PLANNED_SHARE * seconds_left()  # measuring took some of them
    total = images_in(config, rates, seconds, images_seen)
    return Planned(total, (total - images_seen) / max(seconds, 1e-9))


def can_settle(config: RunConfig, images_seen: int, images_total: int, pace: Pace) -> bool:
    """Whether rates are about to fall, and enough steps at full size were made to tell their pace."""
    if config.minutes is None or config.plan_settled or side_at(config, images_seen, images_total) < config.resolution:
        return False
    enough = images_seen - pace.first[1] >= SETTLING_STEPS * config.batch
    falls_at = config.lr_falls_from * schedule_total(config, images_total)
    return enough and images_seen >= max(SETTLING_SHARE * images_total, falls_at)


def settled_total(config: RunConfig, images_seen: int, seconds: float, pace: Pace) -> int:
    """The total for a run that has `seconds` left, by its pace so far: whole batches, at least one more.

    A machine is seldom as fast in the long run as in the first ten steps, and a training whose time is up before its rates
    have fallen ends with a worse model than a shorter one.
    """
    steps = max(1, int(SETTLED_SHARE * seconds * pace.overall(images_seen) / config.batch))
    return images_seen + steps * config.batch


def images_in(config: RunConfig, rates: dict[int, float], seconds: float, first: int = 0) -> int:
    """The total that a training which has seen `first` pictures reaches in `seconds`: whole batches, at least one more."""
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
