"""Metrics: how close the pictures are to training pictures, and how varied, measured now and then."""

from gan.training.observers.base import Allowance, Cadence, Observer

OBSERVE_SHARE = 0.01  # of the time
OBSERVE_SECONDS = 60.0


class Metrics(Observer):
    """Writes metrics events: at the side in training, and of a finished training at full size."""

    name = "metrics"

    def choose_cadence(self) -> Cadence:
        return Allowance(OBSERVE_SECONDS, OBSERVE_SHARE, self.training.seconds)

    def observe(self) -> None:
        self._measure(self.training.game.side)

    def end(self, done: bool) -> None:
        if done:
            self._measure(self.training.config.resolution)

    def _measure(self, side: int) -> None:
        self.training.event("metrics", side=side, **self.training.game.measure(self.training.dataset, side))
