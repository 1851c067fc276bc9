"""Writes samples with their nearest training pictures, and measures the share of generated pictures that counts as copied."""

import numpy as np

from gan.bulk import CopyGuard, likeness_of
from gan.images import grid
from gan.metrics import Mixtures, copying, nearest, take
from gan.metrics.mixtures import FEWEST, MOST
from gan.runs.looks import COPIES, COPIES_KEPT, Copies, write_look
from gan.training.observers.base import Allowance, Cadence, Observer, Training

COPIES_SECONDS = 90.0
COPIES_SHARE = 0.01  # fraction of the training time


class NearestPictures(Observer):
    """Writes `copies/000064000/` and events of the kind `copies`. Distances are those of `gan.metrics.nearest`, at 32 pixels a
    side at most. At the end of the training, the pictures that look most alike in pretrained features are found, too.
    """

    name = "copies"

    def __init__(self, training: Training) -> None:
        super().__init__(training)
        self.guard: CopyGuard | None = None
        self.mixtures: Mixtures | None = None

    def choose_cadence(self) -> Cadence:
        return Allowance(COPIES_SECONDS, COPIES_SHARE, self.training.seconds)

    def observe(self) -> None:
        self._observe(with_features=False)

    def _observe(self, with_features: bool) -> None:
        training, dataset = self.training, self.training.dataset
        made = training.game.make(dataset)
        if made is None:
            return
        self.guard = self.guard or CopyGuard(dataset)
        originals, distances = nearest(made, dataset.pictures, dataset.train_indices)
        share = {name: round(value, 4) for name, value in copying(made, dataset, originals, distances).items()}
        share["near_share"] = round(float(np.mean(distances < self.guard.closest)), 4)
        if (mixed := self.mixture_ratio(made)) is not None:
            share["mixture_ratio"] = round(mixed, 4)
        samples = training.game.sample()
        beside, how_far = nearest(samples, dataset.pictures, dataset.train_indices)
        values = Copies(distances=rounded(how_far), closest=self.guard.closest, measured=len(made), **share)
        strips = {"samples": samples, "nearest": take(dataset, beside)}
        if with_features:
            likeness = likeness_of(dataset)
            alike, how_alike = likeness.nearest(samples)
            values = values.model_copy(update={"alike_distances": rounded(how_alike), "alike_closest": likeness.closest})
            strips["alike"] = take(dataset, alike)
        pictures = {name: grid(strip, columns=len(strip)) for name, strip in strips.items()}
        write_look(training.run, COPIES, training.images_seen, values, pictures, COPIES_KEPT)
        training.event("copies", measured=len(made), **share)

    def mixture_ratio(self, made: np.ndarray) -> float | None:
        """Return the measure of `gan.metrics.Mixtures` for a set of few pictures; None for other sets."""
        dataset = self.training.dataset
        if not FEWEST <= len(dataset.train_indices) <= MOST:
            return None
        self.mixtures = self.mixtures or Mixtures(take(dataset, dataset.train_indices))
        return self.mixtures.ratio(made)

    def end(self, done: bool) -> None:
        if done:
            self._observe(with_features=True)


def rounded(distances: np.ndarray) -> list[float]:
    """Return distances as the numbers of a look."""
    return [round(float(distance), 5) for distance in distances]
