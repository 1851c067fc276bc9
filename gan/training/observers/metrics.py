"""Measures at intervals how close the pictures are to training pictures and how varied they are, and saves the best model so
far.
"""

import math

from gan.runs import Run
from gan.training.observers.base import Allowance, Cadence, Observer

OBSERVE_SHARE = 0.01  # fraction of the training time
OBSERVE_SECONDS = 60.0
FIRST_SECONDS = 20.0  # sooner at first, so that short trainings have several measurements


class Metrics(Observer):
    """Writes the metrics as events: at the present side during training, at full size when it is done.

    The model with the smallest distance at full size is saved as `best/`.
    """

    name = "metrics"

    def choose_cadence(self) -> Cadence:
        def every(seconds: float) -> float:
            return min(OBSERVE_SECONDS, max(FIRST_SECONDS, seconds / 2))

        return Allowance(every, OBSERVE_SHARE, self.training.seconds)

    def begin(self) -> None:
        self.best = best_distance(self.training.run, self.training.config.resolution)

    def observe(self) -> None:
        self._measure(self.training.game.side)

    def end(self, done: bool) -> None:
        if done:
            self._measure(self.training.config.resolution)

    def _measure(self, side: int) -> None:
        training = self.training
        values = training.game.measure(training.dataset, side)
        distance = values.get("sliced_wasserstein", math.nan)
        best = side == training.config.resolution and distance < self.best and training.game.is_sound()
        training.event("metrics", side=side, best=best, **values)
        if best:
            self.best = distance
            training.game.write_model(training.run.best_folder, training.images_seen)


def best_distance(run: Run, side: int) -> float:
    """Return the smallest distance at a side in the run's events; infinity before the first one, or if its model is missing."""
    if not (run.best_folder / "config.json").is_file():
        return math.inf
    marked = (event for event in run.events() if event.get("kind") == "metrics" and event.get("best"))
    found = [event["sliced_wasserstein"] for event in marked if event.get("side") == side]
    return min((value for value in found if isinstance(value, int | float)), default=math.inf)
