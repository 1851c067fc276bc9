"""Writes sample grids of the same seeds during a training."""

from gan.images import grid
from gan.training.observers.base import Cadence, EverySeconds, Observer

# Samples are frequent at first, when much changes. The interval between them is this fraction of the training time so far.
SAMPLE_GROWTH = 0.05
SAMPLE_SECONDS = 5.0


class Sample(Observer):
    """Writes a sample grid, `samples/000064000.png`."""

    name = "sample"

    def choose_cadence(self) -> Cadence:
        return EverySeconds(lambda seconds: max(SAMPLE_SECONDS, SAMPLE_GROWTH * seconds), self.training.seconds)

    def begin(self) -> None:
        self.observe()

    def observe(self) -> None:
        game = self.training.game
        self.training.run.write_sample(self.training.images_seen, grid(game.sample(), columns=game.sample_columns))

    def end(self, done: bool) -> None:
        self.observe()
