"""Estimates from a few measured steps at each side how many pictures a training can process in its time, and how long the
remaining pictures take; finds the number of threads that trains fastest.
"""

import math
import time
from collections.abc import Callable
from typing import NamedTuple

import torch

from gan.config import RunConfig
from gan.data import Dataset
from gan.machine import detect_threads
from gan.runs.estimates import PLANNED_SHARE, Estimate, images_in
from gan.training.accelerator import accelerator_for
from gan.training.clock import Pace
from gan.training.feed import FEEDS
from gan.training.games import Game, build_game
from gan.training.processes import Processes
from gan.training.schedules import schedule_total, side_at

MEASURED_STEPS = 10
LOOKED_AT_STEPS = 4  # steps that an estimate before the start measures
COST_OF_AN_OCTAVE = 1.8  # factor on a step's time when the side doubles: 1.4 to 2.2, measured at 16, 32 and 64 px
FIRST_STEPS = 3  # not timed: they load kernels and plan convolutions
FASTER = 1.1  # factor by which fewer threads must be faster to be chosen
# The plan is corrected once, when half of it is done and rates begin to fall, if SETTLING_STEPS at full size were timed.
SETTLING_SHARE = 0.5
SETTLING_STEPS = 64
SETTLED_SHARE = 0.98  # the measured speed includes the cost of samples and snapshots, except for the last ones

Step = Callable[[int, int, int], object]
"""Makes a step at (images_seen, images_total, side)."""


def measure_rates(
    config: RunConfig,
    period_steps: int,
    step: Callable[[int, int], None],
    finish: Callable[[], None],
    least_steps: int = MEASURED_STEPS,
    first_steps: int = FIRST_STEPS,
) -> dict[int, float]:
    """Return the pictures a second at each side of the plan. `step(index, side)` makes a step, `finish()` waits for the device.

    The cost of steps repeats after `period_steps`, so whole periods are measured, after `first_steps`.
    """
    rates = {}
    steps = math.ceil(least_steps / period_steps) * period_steps
    for side in (*(side for side, _ in config.growth), config.resolution):
        for index in range(first_steps):
            step(index, side)
        finish()
        begun = time.monotonic()
        for index in range(first_steps, first_steps + steps):
            step(index, side)
        finish()
        rates[side] = steps * config.batch / (time.monotonic() - begun)
    return rates


def fastest_threads(
    config: RunConfig, period_steps: int, step: Callable[[int, int], None], finish: Callable[[], None], most: int
) -> int:
    """Return the number of threads that makes steps at full size fastest, and let torch use it: as many as `most`, or half of
    them, and so on down to 1, as long as half as many threads are clearly faster.

    The threads of a step wait for each other. Where another program keeps one core busy, each step waits for the thread on that
    core, and one thread alone can be several times as fast as two.
    """
    whole = config.model_copy(update={"growth": ()})
    best, best_rate, threads = most, 0.0, most
    while threads:
        torch.set_num_threads(threads)
        rate = measure_rates(whole, period_steps, step, finish, 1, first_steps=1)[config.resolution]
        if rate <= FASTER * best_rate:
            break
        best, best_rate, threads = threads, rate, threads // 2
    torch.set_num_threads(best)
    return best


class Planned(NamedTuple):
    """A total, the mean pictures a second that it is based on, and the number of threads that reached it."""

    images_total: int
    images_per_second: float
    threads: int


def plan_total(
    game: Game, images_seen: int, seconds_left: Callable[[], float], step: Step, finish: Callable[[], None]
) -> Planned:
    """Return the total of pictures for a run that ends in `seconds_left()`, by measuring steps that are then undone."""
    config = game.config
    tensors, numbers = game.state()
    kept = {name: tensor.detach().clone() for name, tensor in tensors.items()}

    def measured(index: int, side: int) -> None:
        step(images_seen + index * config.batch, images_seen + 10**9, side)

    threads = config.threads
    if config.fit_threads and game.accelerator.num_processes == 1:
        threads = fastest_threads(config, game.period_steps, measured, finish, detect_threads())
    rates = measure_rates(config, game.period_steps, measured, finish)
    game.restore(kept, numbers | {"micro_batches": game.micro_batches})
    seconds = PLANNED_SHARE * seconds_left()  # read after measuring, which also takes time
    total = images_in(config, rates, seconds, images_seen)
    return Planned(total, (total - images_seen) / max(seconds, 1e-9), threads)


def can_settle(config: RunConfig, images_seen: int, images_total: int, pace: Pace) -> bool:
    """Return whether learning rates begin to fall, and enough steps at full size were timed to know their speed."""
    if config.minutes is None or config.plan_settled or side_at(config, images_seen, images_total) < config.resolution:
        return False
    enough = images_seen - pace.first[1] >= SETTLING_STEPS * config.batch
    falls_at = config.lr_falls_from * schedule_total(config, images_total)
    return enough and images_seen >= max(SETTLING_SHARE * images_total, falls_at)


def will_settle(config: RunConfig, images_total: int, timed_from: int) -> bool:
    """Return whether `can_settle` will be true before the end, where the steps are timed from `timed_from` pictures on."""
    if config.minutes is None or config.plan_settled:
        return False
    grown = max((share for _, share in config.growth), default=0.0) * (config.growth_images or images_total)
    return max(grown, timed_from) + SETTLING_STEPS * config.batch < images_total


def settled_total(config: RunConfig, images_seen: int, seconds: float, pace: Pace) -> int:
    """Return the total of pictures for a run that has `seconds` left, by its speed so far. It adds whole batches, at least one.

    A machine is seldom as fast in the long run as in the first ten steps. A training that runs out of time before its learning
    rates have fallen ends with a worse model than a shorter training.
    """
    steps = max(1, int(SETTLED_SHARE * seconds * pace.overall(images_seen) / config.batch))
    return images_seen + steps * config.batch


def measure_plan(config: RunConfig, dataset: Dataset) -> Estimate:
    """Return the pictures a second of a plan, and its memory, from a few steps at full size of a training that is then discarded.

    The speed at smaller sides of a growing plan is derived from the full side. The page shows this as an estimate; a training
    with a time limit measures all sides when it begins.
    """
    torch.set_num_threads(config.threads)
    processes = Processes(accelerator_for(config))
    game = build_game(config, processes.accelerator)
    feed = FEEDS[game.takes](dataset, config, processes.device)

    def step(index: int, side: int) -> None:
        game.step(index * config.batch, 10**9, feed, side)

    if config.fit_threads:
        fastest_threads(config, game.period_steps, step, processes.finish_device_work, detect_threads())
    whole = config.model_copy(update={"growth": ()})
    full = measure_rates(whole, game.period_steps, step, processes.finish_device_work, LOOKED_AT_STEPS)[config.resolution]
    smaller = {side: full * COST_OF_AN_OCTAVE ** math.log2(config.resolution / side) for side, _ in config.growth}
    return Estimate(rates={**smaller, config.resolution: full}, memory_bytes=processes.memory_bytes())


def seconds_left(config: RunConfig, rate: float, images_seen: int, images_total: int) -> float:
    """Return the seconds left, where `rate` is the pictures a second at the present side. Larger sides that are yet to come take
    longer.
    """
    planned = config.growth_images or images_total
    ends = [*((side, share * planned) for side, share in config.growth), (config.resolution, math.inf)]
    now, done, seconds = side_at(config, images_seen, images_total), float(images_seen), 0.0
    for side, end in ends:
        part = max(0.0, min(end, images_total) - done)
        seconds += part / rate * COST_OF_AN_OCTAVE ** math.log2(side / now)
        done += part
    return seconds


def seconds_to_end(
    config: RunConfig, rate: float, images_seen: int, images_total: int, *, seconds: float, timed_from: int
) -> float:
    """Return the seconds until the last step of a run that has trained for `seconds`, as `seconds_left` does, but at most until
    its time limit.

    Until its plan is settled, a run with a time limit trains to that limit: its total, from ten steps, may be far too small.
    """
    by_total = seconds_left(config, rate, images_seen, images_total)
    if config.minutes is None:
        return by_total
    by_clock = max(0.0, config.minutes * 60 - seconds)
    return by_clock if will_settle(config, images_total, timed_from) else min(by_total, by_clock)
