"""The contract of an observer, and its cadences. An observer looks at a training and changes nothing that it depends on."""

import zlib
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

import numpy as np
from torch import Tensor

from gan.config import RunConfig
from gan.data import Dataset
from gan.runs import Run
from gan.training.clock import Pace
from gan.training.games import Game


class Training(Protocol):
    """What an observer sees of a training."""

    run: Run
    config: RunConfig  # replaced where the clock changes the plan
    game: Game
    dataset: Dataset
    images_seen: int
    pace: Pace

    @property
    def images_total(self) -> int:
        """The present total."""

    @property
    def seconds(self) -> float:
        """Time spent on this run, over all its starts."""

    def event(self, kind: str, **values: Any) -> None:
        """Add a line to the run's events."""

    def tell(self, **changes: Any) -> None:
        """Change fields of the run's status."""


class Cadence(Protocol):
    """When an observation is due, by the pictures seen or by the clock."""

    def due(self, images_seen: int, seconds: float) -> bool:
        """Whether it is due now; the next one is counted from here."""

    def done(self, begun: float, seconds: float) -> None:
        """Take note of how long it took."""


class EverySeconds:
    """By the clock: an interval in seconds, which may grow with the time gone by."""

    def __init__(self, every: Callable[[float], float] | float, begun: float) -> None:
        self.every = every if callable(every) else (lambda seconds: every)
        self.last = begun

    def due(self, images_seen: int, seconds: float) -> bool:
        """Whether the interval is over."""
        if seconds - self.last < self.every(seconds):
            return False
        self.last = seconds
        return True

    def done(self, begun: float, seconds: float) -> None:
        """Its own length does not count."""


class EveryImages:
    """By the pictures seen: whenever a multiple of `every` is passed. The same places in every training."""

    def __init__(self, every: int, images_seen: int) -> None:
        self.every = every
        self.passed = images_seen // every

    def due(self, images_seen: int, seconds: float) -> bool:
        """Whether a multiple was passed since it was last due; after a rollback the same multiple counts again."""
        before, self.passed = self.passed, images_seen // self.every
        return self.passed > before

    def done(self, begun: float, seconds: float) -> None:
        """Its length does not count."""


class Allowance:
    """By the clock, for what is costly: never too soon, and all of it within a share of the time gone by.

    The interval may grow with the time gone by.
    """

    def __init__(self, every: Callable[[float], float] | float, share: float, begun: float) -> None:
        self.begun = self.last = begun
        self.every = every if callable(every) else (lambda seconds: every)
        self.share = share
        self.spent = self.cost = 0.0  # all so far, and the last alone

    def due(self, images_seen: int, seconds: float) -> bool:
        """Whether it may be done now, if it takes as long as last time; the first may always, after the interval."""
        within = self.spent + self.cost <= self.share * (seconds - self.begun)
        return seconds - self.last >= self.every(seconds) and within

    def done(self, begun: float, seconds: float) -> None:
        """Count its cost."""
        self.last, self.cost = seconds, seconds - begun
        self.spent += self.cost


class Observer:
    """Looks at a training of the first process: at its beginning, after each step, whenever it is due, and at its end."""

    name: ClassVar[str]

    def __init__(self, training: Training) -> None:
        self.training = training
        self.rng = np.random.default_rng([training.config.seed, zlib.crc32(self.name.encode())])
        """Its own chance: nothing that it draws is missing in the training."""
        self.cadence: Cadence = self.choose_cadence()

    def choose_cadence(self) -> Cadence:
        """How often it observes."""
        raise NotImplementedError

    def begin(self) -> None:
        """Before the first step."""

    def after_step(self, told: dict[str, Tensor]) -> None:
        """After each step, cheaply: what the game told, on the device."""

    def observe(self) -> None:
        """What it does when it is due."""
        raise NotImplementedError

    def went_back(self) -> None:
        """Called after a rollback to a snapshot: drop what was gathered since that snapshot."""

    def end(self, done: bool) -> None:
        """After the last step; `done` unless it was paused or stopped."""

    def look(self) -> None:
        """Observe, where that is due."""
        begun = self.training.seconds
        if self.cadence.due(self.training.images_seen, begun):
            self.observe()
            self.cadence.done(begun, self.training.seconds)
