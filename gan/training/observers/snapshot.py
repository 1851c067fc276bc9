"""Writes snapshots for a resume, and the model folder, at intervals."""

from gan.training.observers.base import Cadence, EverySeconds, Observer
from gan.training.snapshots import save


class Snapshot(Observer):
    """Writes a snapshot, `snapshots/000064000/`, and the model folder `model/`."""

    name = "snapshot"

    def choose_cadence(self) -> Cadence:
        return EverySeconds(self.training.config.snapshot_seconds, self.training.seconds)

    def observe(self) -> None:
        training = self.training
        save(training.run, training.game, training.images_seen, training.seconds)

    def end(self, done: bool) -> None:
        self.observe()
