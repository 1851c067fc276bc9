"""The training loop, from a run's present state to its end."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan.config import RunConfig, parse_run
from gan.data import open_dataset
from gan.machine import detect_device, keep_freed_memory
from gan.runs import Run, Status
from gan.training.accelerator import accelerator_for
from gan.training.clock import Pace, Signals
from gan.training.feed import FEEDS
from gan.training.games import build_game
from gan.training.observers import OBSERVERS, Observer
from gan.training.pace import can_settle, plan_total, settled_total
from gan.training.processes import Processes
from gan.training.schedules import side_at
from gan.training.snapshots import save
from gan.training.standing import resume
from gan.training.trouble import Rollbacks, halve_pieces

REQUESTS = (None, "save", "pause", "late")

Report = Callable[[Status], None]


class Trainer:
    """One run in training, in this process and the others of the same training. Observers access it as a `Training`."""

    def __init__(self, run: Run, report: Report | None) -> None:
        self.run = run
        self.report = report
        self.config: RunConfig = parse_run(run.config)
        self.images_seen = 0
        self.seconds_before = 0.0
        self.started = time.monotonic()
        self.signals = Signals()
        detect_device(self.config.device)
        torch.set_num_threads(self.config.threads)
        keep_freed_memory()
        self.processes = Processes(accelerator_for(self.config))
        self.leads = self.processes.leads

    @property
    def seconds(self) -> float:
        """Time spent on this run, over all its starts."""
        return self.seconds_before + time.monotonic() - self.started

    @property
    def images_total(self) -> int:
        """The present total; a training with a time limit has one once it is planned."""
        assert self.config.images_total is not None
        return self.config.images_total

    @property
    def closing_seconds(self) -> float:
        """How long the last observations will take after the last step, by the time that each took before."""
        return sum(observer.took for observer in self.observers)

    def train(self) -> Status:
        """Train to the end, unless a request, a signal or the time limit ends the training early."""
        with self.signals.obeyed():
            return self._train()

    def _train(self) -> Status:
        self._set_up()
        self._go_on_or_begin()
        if self.config.images_total is None:
            self._plan_by_the_clock()
        self.tell(state="training", images_seen=self.images_seen, images_total=self.images_total)
        self.pace, rollbacks, step_count = Pace(self.images_seen), Rollbacks(self.run, self.game), 0
        self.observers: list[Observer] = [observer(self) for observer in OBSERVERS.values()] if self.leads else []
        for observer in self.observers:
            observer.begin()

        while self.images_seen < self.images_total:
            # Each side has its own speed, and only the speed at full size predicts the time left
            if self._grows():
                self.pace = Pace(self.images_seen)
            if can_settle(self.config, self.images_seen, self.images_total, self.pace):
                self._settle_plan()

            # One step
            told = self._step(self.images_seen, self.images_total)
            self.images_seen += self.config.batch
            step_count += 1
            for observer in self.observers:
                observer.after_step(told)

            # Steps that are not finite: the optimisers have skipped them; after too many in a row, roll back
            if self.processes.look(step_count) and rollbacks.needed():
                self._roll_back(rollbacks)
                continue

            # Observers: they do not change anything that the training depends on
            for observer in self.observers:
                observer.look()

            # Requests
            request = self._request(step_count)
            if request == "save":
                self._save()
            elif request == "pause":
                return self._end("paused")
            elif request == "late":
                break
        return self._end("done")

    def _step(self, images_seen: int, images_total: int, side: int | None = None) -> dict[str, Tensor]:
        """Do one step. If the device's memory is too small, divide the batch into smaller pieces until the step fits."""
        while True:
            try:
                return self.game.step(images_seen, images_total, self.data, side)
            except torch.OutOfMemoryError as error:
                pieces = halve_pieces(self.game, error)
            self.event("warning", code="smaller_pieces", values={"pieces": pieces, "batch": self.config.batch})
            self.processes.finish_device_work(empty=True)

    # Beginning and end

    def _set_up(self) -> None:
        """Build the data feed and the networks."""
        if self.leads:
            self.run.write_status(state="preparing")
        self.dataset = open_dataset(self.run.home, self.config.dataset_hash)
        self.game = build_game(self.config, self.processes.accelerator)
        self.processes.check_batch(self.game)
        self.data = FEEDS[self.game.takes](self.dataset, self.config, self.processes.device)

    def _go_on_or_begin(self) -> None:
        """Restore the newest complete snapshot. If there is none, write the first one, so that later starts do not need the
        parent model.
        """
        stood = resume(self.run, self.game, self.leads)
        if stood is not None:
            self.images_seen, self.seconds_before = stood.images_seen, stood.seconds
            for error in stood.damaged:
                self.event("warning", code=error.code, values=error.values)
        else:
            if self.leads:
                self.run.cut_events(-1)
            parent = self.config.parent_folder
            for note in self.game.begin(Path(parent) if parent is not None else None):
                self.event("note", code=note.code, values=note.values)
            self._save()
        self.processes.wait()

    def _end(self, state: str) -> Status:
        """Save everything and record how the training ended."""
        self.tell(state="stopping", images_seen=self.images_seen)
        for observer in self.observers:
            observer.end(done=state == "done")
        self.tell(state=state, images_seen=self.images_seen, eta_seconds=None if state != "done" else 0.0)
        self.processes.wait()
        return self.run.status()

    # The length of a training with a time limit

    def _grows(self) -> bool:
        """Return whether the next step is the first at a larger side."""
        before = max(0, self.images_seen - self.config.batch)
        return side_at(self.config, before, self.images_total) < side_at(self.config, self.images_seen, self.images_total)

    def _seconds_left(self) -> float:
        assert self.config.minutes is not None
        return self.config.minutes * 60 - self.seconds

    def _plan_by_the_clock(self) -> None:
        """Turn `minutes` into a total of pictures, by the time of measured steps."""
        finish = self.processes.finish_device_work
        planned = plan_total(self.game, self.images_seen, self._seconds_left, self._step, finish)
        total = self.processes.agree(planned.images_total)
        growth = self.config.growth_images or total
        self._write_plan(planned.images_per_second, images_total=total, growth_images=growth, threads=planned.threads)

    def _settle_plan(self) -> None:
        """Correct the total once, by the speed so far. Later steps depend on the new total, so a snapshot is written first: no
        resume can then start before this step.
        """
        self._save()
        total = settled_total(self.config, self.images_seen, self._seconds_left(), self.pace)
        rate = self.pace.overall(self.images_seen)
        self._write_plan(rate, images_total=self.processes.agree(total), plan_settled=True)

    def _write_plan(self, images_per_second: float, **changes: Any) -> None:
        """Change the fields of the config that depend on the measured speed."""
        self.config = self.game.config = self.config.model_copy(update=changes)
        if self.leads:
            self.run.write_config(self.config.model_dump(mode="json"))
        memory = self.processes.memory_bytes()
        self.event("plan", images_total=self.images_total, images_per_second=images_per_second, memory_bytes=memory)

    # Trouble and requests

    def _save(self) -> None:
        if self.leads:
            save(self.run, self.game, self.images_seen, self.seconds)

    def _roll_back(self, rollbacks: Rollbacks) -> None:
        broken_at = self.images_seen
        self.images_seen, factor = rollbacks.roll_back(self.leads)
        self._save()  # saves the lower rate, so that a kill does not undo it
        self.event("rollback", code="rolled_back", values={"broken_at": broken_at, "lr_factor": factor})
        self.pace = Pace(self.images_seen)
        for observer in self.observers:
            observer.went_back()

    def _request(self, step_count: int) -> str | None:
        """Return the present request by the user, a signal or the clock: one of REQUESTS, the same in all processes."""
        if not self.processes.talk(step_count):
            return None
        asked: str | None = None
        if self.leads:
            asked = self.run.take_request()
            late = self.config.minutes is not None and self._seconds_left() <= 0
            asked = "pause" if self.signals.received or asked in ("pause", "stop") else "late" if late else asked
        return REQUESTS[self.processes.agree(REQUESTS.index(asked))]

    # Status and events

    def tell(self, **changes: Any) -> None:
        """Change fields of the run's status."""
        if self.leads:
            self.run.write_status(seconds=self.seconds, memory_bytes=self.processes.memory_bytes(), **changes)
            if self.report is not None:
                self.report(self.run.status())

    def event(self, kind: str, **values: Any) -> None:
        """Add a line to the run's events."""
        if self.leads:
            place = {"kind": kind, "images_seen": self.images_seen, "seconds": round(self.seconds, 2)}
            self.run.append_event(place | values)
