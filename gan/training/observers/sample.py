"""Samples: a grid of the same seeds, time after time."""

from gan.images import grid
from gan.training.observers.base import Cadence, EverySeconds, Observer

# Samples come fast at first, when much changes, then ever more slowly: each after this share of the time gone by.
SAMPLE_GROWTH = 0.05
SAMPLE_SECONDS = 5.0


class Sample(Observer):
    """Writes `samples/000064000.png`."""

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
