"""The contract of an observer, and its schedules. An observer reads a training and does not change its result."""

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
    """The attributes of a training that an observer may use."""

    run: Run
    config: RunConfig  # replaced when the measured speed changes the plan
    game: Game
    dataset: Dataset
    images_seen: int
    pace: Pace

    @property
    def images_total(self) -> int:
        """The present total of the training, in pictures."""

    @property
    def seconds(self) -> float:
        """Time spent on this run, over all its starts."""

    @property
    def closing_seconds(self) -> float:
        """How long the last observations will take after the last step."""

    def event(self, kind: str, **values: Any) -> None:
        """Add a line to the run's events."""

    def tell(self, **changes: Any) -> None:
        """Change fields of the run's status."""


class Cadence(Protocol):
    """Decides when an observation is due, by the pictures seen or by the clock."""

    def due(self, images_seen: int, seconds: float) -> bool:
        """Return whether an observation is due; the next one is counted from this call."""

    def done(self, begun: float, seconds: float) -> None:
        """Record how long the observation took."""


class EverySeconds:
    """An interval in seconds, which may grow with the time that has passed."""

    def __init__(self, every: Callable[[float], float] | float, begun: float) -> None:
        self.every = every if callable(every) else (lambda seconds: every)
        self.last = begun

    def due(self, images_seen: int, seconds: float) -> bool:
        """Return whether the interval is over."""
        if seconds - self.last < self.every(seconds):
            return False
        self.last = seconds
        return True

    def done(self, begun: float, seconds: float) -> None:
        """Do nothing: the interval does not depend on the length of observations."""


class EveryImages:
    """Every multiple of `every` pictures, at the same points of every training."""

    def __init__(self, every: int, images_seen: int) -> None:
        self.every = every
        self.passed = images_seen // every

    def due(self, images_seen: int, seconds: float) -> bool:
        """Return whether a multiple was passed since the last observation; after a rollback the same multiple is due again."""
        before, self.passed = self.passed, images_seen // self.every
        return self.passed > before

    def done(self, begun: float, seconds: float) -> None:
        """Do nothing: the points do not depend on the length of observations."""


class Allowance:
    """An interval for costly observations, which together take at most a fraction of the time that has passed.

    The interval may grow with the time that has passed.
    """

    def __init__(self, every: Callable[[float], float] | float, share: float, begun: float) -> None:
        self.begun = self.last = begun
        self.every = every if callable(every) else (lambda seconds: every)
        self.share = share
        self.spent = self.cost = 0.0  # cost of all observations, and of the last one

    def due(self, images_seen: int, seconds: float) -> bool:
        """Return whether an observation may be made now, if it takes as long as the last one. Before the first one, only the
        interval counts.
        """
        within = self.spent + self.cost <= self.share * (seconds - self.begun)
        return seconds - self.last >= self.every(seconds) and within

    def done(self, begun: float, seconds: float) -> None:
        """Add the time that the observation took."""
        self.last, self.cost = seconds, seconds - begun
        self.spent += self.cost


class Observer:
    """Observes a training in its first process: at its beginning, after each step, whenever it is due, and at its end."""

    name: ClassVar[str]

    def __init__(self, training: Training) -> None:
        self.training = training
        self.rng = np.random.default_rng([training.config.seed, zlib.crc32(self.name.encode())])
        """The observer's own random numbers, so that the training's are unaffected."""
        self.cadence: Cadence = self.choose_cadence()
        self.took = 0.0  # seconds, for the last observation

    def choose_cadence(self) -> Cadence:
        """Return the schedule of its observations."""
        raise NotImplementedError

    def begin(self) -> None:
        """Called before the first step of the training."""

    def after_step(self, told: dict[str, Tensor]) -> None:
        """Called after each step with the game's values, which are on the device. An implementation must be cheap."""

    def observe(self) -> None:
        """Make an observation. Called whenever one is due."""
        raise NotImplementedError

    def went_back(self) -> None:
        """Called after a rollback to a snapshot: drop the values collected since that snapshot."""

    def end(self, done: bool) -> None:
        """Called after the last step; `done` is False if the training was paused or stopped."""

    def look(self) -> None:
        """Make an observation if one is due."""
        begun = self.training.seconds
        if self.cadence.due(self.training.images_seen, begun):
            self.observe()
            self.took = self.training.seconds - begun
            self.cadence.done(begun, self.training.seconds)
