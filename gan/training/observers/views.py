"""Views inside the networks: pictures with their scores, the pixels to which the discriminator is sensitive, and what each
resolution adds.
"""

import math

import numpy as np

from gan.images import grid
from gan.runs.looks import VIEWS, VIEWS_KEPT, View, write_look
from gan.training.games.base import Inside
from gan.training.observers.base import Allowance, Cadence, Observer
from gan.training.observers.sample import SAMPLE_GROWTH, SAMPLE_SECONDS
from gan.training.schedules import side_at

VIEW_SHARE = 0.03  # fraction of the training time


class InsideViews(Observer):
    """Writes `views/000064000/`, as often as samples if the cost is small."""

    name = "views"

    def choose_cadence(self) -> Cadence:
        def every(seconds: float) -> float:
            return max(SAMPLE_SECONDS, SAMPLE_GROWTH * seconds)

        return Allowance(every, VIEW_SHARE, self.training.seconds)

    def begin(self) -> None:
        self.observe()

    def observe(self) -> None:
        training = self.training
        side = side_at(training.config, training.images_seen, training.images_total)
        seen = training.game.look_inside(training.dataset, side)
        if seen is not None and are_finite(seen):
            write_look(training.run, VIEWS, training.images_seen, values_of(seen), pictures_of(seen), VIEWS_KEPT)

    def end(self, done: bool) -> None:
        if done:
            self.observe()


def are_finite(seen: Inside) -> bool:
    """Return whether all scores are finite. The scores of a diverged training are useless."""
    return all(map(math.isfinite, [*seen.real_scores, *seen.generated_scores, *seen.held_out_scores]))


def values_of(seen: Inside) -> View:
    """Return the values for the view's JSON."""
    return View(
        side=seen.side,
        shown=len(seen.real),
        real_scores=seen.real_scores,
        generated_scores=seen.generated_scores,
        held_out_scores=seen.held_out_scores,
        stage_sides=seen.stage_sides,
    )


def pictures_of(seen: Inside) -> dict[str, np.ndarray]:
    """Return the view's PNG files: strips of pictures in a row, and a grid of stages."""
    strips = {"real": seen.real, "real-heat": seen.real_heat, "generated": seen.generated, "generated-heat": seen.generated_heat}
    pictures = {name: grid(row, columns=len(row)) for name, row in strips.items() if len(row)}
    if seen.stages is not None:
        pictures["stages"] = grid(seen.stages.reshape(-1, *seen.stages.shape[2:]), columns=len(seen.stage_sides))
    return pictures
