"""Reports the means of the steps' values, the speed, and the time left."""

import torch
from torch import Tensor

from gan.training.games.base import add
from gan.training.observers.base import Cadence, EverySeconds, Observer, Training
from gan.training.pace import seconds_to_end

REPORT_SECONDS = 2.0


class Report(Observer):
    """Writes progress events, and updates the status."""

    name = "report"

    def __init__(self, training: Training) -> None:
        super().__init__(training)
        self.sums: dict[str, Tensor] = {}

    def choose_cadence(self) -> Cadence:
        return EverySeconds(REPORT_SECONDS, self.training.seconds)

    def after_step(self, told: dict[str, Tensor]) -> None:
        for name, value in told.items():
            add(self.sums, name, value)
            add(self.sums, f"{name}/count", torch.ones(()))

    def observe(self) -> None:
        training, sums = self.training, self.sums
        rate = training.pace.update(training.images_seen)
        means = {name: (value / sums[f"{name}/count"]).item() for name, value in sums.items() if "/" not in name}
        self.sums = {}
        training.event("progress", images_per_second=rate, **means)
        seen, total, eta = training.images_seen, training.images_total, None
        if rate:
            timed_from = training.pace.first[1]
            steps = seconds_to_end(training.config, rate, seen, total, seconds=training.seconds, timed_from=timed_from)
            eta = steps + training.closing_seconds
        training.tell(images_seen=seen, images_total=total, images_per_second=rate, eta_seconds=eta)

    def went_back(self) -> None:
        self.sums = {}

    def end(self, done: bool) -> None:
        if self.sums:
            self.observe()
