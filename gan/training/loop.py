"""The story of a training, from where a run stands to its end."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import broadcast
from torch import Tensor

from gan.config import RunConfig, parse_run
from gan.data import open_dataset
from gan.errors import ConfigError, RunError
from gan.families import FAMILIES
from gan.machine import detect_device, keep_freed_memory, peak_memory
from gan.models import read_discriminator, read_generator
from gan.runs import Run, Status
from gan.training.accelerator import accelerator_for
from gan.training.clock import Allowance, Clock, Pace, Signals
from gan.training.feed import Pictures
from gan.training.games.adversarial import Game, add, side_at
from gan.training.keeper import Keeper
from gan.training.plan import images_in, measure_rates, seconds_left
from gan.training.snapshots import discard_snapshots_after, good_snapshots, latest_snapshot, read_snapshot
from gan.training.transfer import transfer

# A run by the clock plans for this share of its time, because samples and snapshots need some too.
PLANNED_SHARE = 0.95
# The plan is corrected once, when half of it is done and rates begin to fall, if so many steps at full size tell the pace.
SETTLING_SHARE = 0.5
SETTLING_STEPS = 64
SETTLED_SHARE = 0.98  # the pace holds what samples and snapshots cost, but not the last ones
REPORT_SECONDS = 2.0
# Samples come fast at first, when much changes, then ever more slowly: each after this share of the time gone by.
SAMPLE_GROWTH = 0.05
SAMPLE_SECONDS = 5.0
# Measuring what comes out may take this share of the time.
OBSERVE_SHARE = 0.01
OBSERVE_SECONDS = 60.0
SKIPPED_BEFORE_ROLLBACK = 10
ROLLBACKS_BEFORE_FAILURE = 5
ROLLBACK_LR_FACTOR = 0.5
STEPS_BETWEEN_TALKS = 8  # of several processes, about requests and the clock

Report = Callable[[Status], None]


class Trainer:
    """One run in training, in this process and its siblings."""

    def __init__(self, run: Run, report: Report | None) -> None:
        self.run = run
        self.report = report
        self.config: RunConfig = parse_run(run.config)
        detect_device(self.config.device)
        torch.set_num_threads(self.config.threads)
        keep_freed_memory()
        self.accelerator = accelerator_for(self.config)
        self.leads = self.accelerator.is_main_process
        processes = self.accelerator.num_processes
        multiple = processes * FAMILIES[self.config.family].batch_multiple
        if self.config.batch % multiple:
            raise ConfigError("batch_not_shared", batch=self.config.batch, processes=processes, multiple=multiple)
        self.images_seen = 0
        self.seconds_before = 0.0
        self.started = time.monotonic()
        self.signals = Signals()
        self.rollbacks = 0
        self.returned_to = ""  # the snapshot of the last rollback

    @property
    def seconds(self) -> float:
        """Time spent on this run, over all its starts."""
        return self.seconds_before + time.monotonic() - self.started

    def train(self) -> Status:
        """The story of a training, which a signal may end early."""
        with self.signals.obeyed():
            return self._train()

    def _train(self) -> Status:
        run, config = self.run, self.config

        # Set up: pictures, networks, and where the run stands
        if self.leads:
            run.write_status(state="preparing")
        dataset, device = open_dataset(run.home, config.dataset_hash), self.accelerator.device
        self.pictures = Pictures(dataset, dataset.train_indices, config, device)
        adapts = config.augment_target is not None
        self.held_out = Pictures(dataset, dataset.held_out_indices, config, device) if adapts else None
        self.game = Game(config, self.accelerator)
        self.keeper = Keeper(run, config, self.game, dataset)
        self._go_on_or_begin()
        total = config.images_total or self._plan_by_the_clock()
        step_count = 0
        sums: dict[str, Tensor] = {}
        pace = Pace(self.images_seen)
        clock = Clock(self.seconds)
        allowance = Allowance(self.seconds, OBSERVE_SECONDS, OBSERVE_SHARE)
        self._tell(state="training", images_seen=self.images_seen, images_total=total)
        self._write_sample()

        while self.images_seen < total:
            # Each side has a pace of its own, and the full one's tells how long the rest will really take
            pace = Pace(self.images_seen) if self._grows(total) else pace
            total = self._settle_plan(total, pace)

            # One step, and what it told
            for name, value in self._step(self.images_seen, total).items():
                add(sums, name, value)
                add(sums, f"{name}/count", torch.ones(()))
            self.images_seen += config.batch
            step_count += 1

            # Losses that are not finite: the optimisers have skipped them; too many in a row, and we go back
            if self._watched(step_count) and self.game.skipped_in_a_row.max().item() >= SKIPPED_BEFORE_ROLLBACK:
                self._roll_back()
                sums, pace = {}, Pace(self.images_seen)
                continue

            # Observers: they change nothing that training depends on
            if self.leads and clock.due("report", self.seconds, REPORT_SECONDS):
                self._report(sums, pace.update(self.images_seen))
                sums = {}
            if self.leads and clock.due("sample", self.seconds, max(SAMPLE_SECONDS, SAMPLE_GROWTH * self.seconds)):
                self._write_sample()
            self._observe_when_due(allowance)
            if self.leads and clock.due("snapshot", self.seconds, config.snapshot_seconds):
                self._save()

            # What others ask for
            request = self._request(step_count)
            if request == "save":
                self._save()
            elif request == "pause":
                return self._end("paused", sums, pace)
            elif request == "late":
                break
        return self._end("done", sums, pace)

    def _step(self, images_seen: int, images_total: int, side: int | None = None) -> dict[str, Tensor]:
        """One step; a device that is too small for it is given smaller pieces of the batch until it can."""
        while True:
            try:
                return self.game.step(images_seen, images_total, self.pictures, side, self.held_out)
            except torch.OutOfMemoryError as error:
                self._halve_pieces(error)
            self._finish_device_work(empty=True)

    # Beginning

    def _go_on_or_begin(self) -> None:
        """Restore the newest snapshot that is whole, or make the first one."""
        found = latest_snapshot(self.run.snapshots_folder)
        if found.path is not None:
            tensors, meta = read_snapshot(found.path)
            self.game.restore(tensors, meta["numbers"])
            self.images_seen = int(meta["images_seen"])
            self.seconds_before = float(meta["seconds"])
            if self.leads:
                self.run.cut_events(self.images_seen)
                for sample in self.run.samples():
                    if int(sample.stem) > self.images_seen:
                        sample.unlink()
            for error in found.damaged:
                self._event("warning", code=error.code, values=error.values)
        elif found.damaged:  # beginning again would lose what samples and model still show
            raise RunError("snapshots_damaged", name=self.run.name, count=len(found.damaged), reason=str(found.damaged[0]))
        else:
            self._begin()
        self.accelerator.wait_for_everyone()

    def _begin(self) -> None:
        """Start from the parent's weights, where there is one, and keep the first snapshot: then the parent may go."""
        config = self.config
        if self.leads:
            self.run.cut_events(-1)
        if config.parent_folder is not None:
            parent, generator = read_generator(Path(config.parent_folder))
            fresh = transfer(generator, self.game.generator, parent.classes, config.classes)
            discriminator = read_discriminator(Path(config.parent_folder))
            if discriminator is None:
                self._event("note", code="parent_without_discriminator", values={"parent": config.parent})
            else:
                fresh += transfer(discriminator, self.game.discriminator, parent.classes, config.classes)
            self._event("note", code="transferred", values={"parent": config.parent, "fresh": ", ".join(fresh) or "-"})
        self.game.restart_average()
        self._save()

    def _grows(self, total: int) -> bool:
        """Whether the step that comes is the first at a larger side."""
        before = max(0, self.images_seen - self.config.batch)
        return side_at(self.config, before, total) < side_at(self.config, self.images_seen, total)

    def _plan_by_the_clock(self) -> int:
        """Turn `minutes` into a total by measuring steps that are then undone, write it into the recipe, and return it."""
        config, first = self.config, self.images_seen
        tensors, numbers = self.game.state()
        kept = {name: tensor.detach().clone() for name, tensor in tensors.items()}

        def step(index: int, side: int) -> None:
            self._step(first + index * config.batch, first + 10**9, side)

        rates = measure_rates(config, step, self._finish_device_work)
        self.game.restore(kept, numbers | {"micro_batches": self.game.micro_batches})
        assert config.minutes is not None
        left = PLANNED_SHARE * (config.minutes * 60 - self.seconds)
        total = int(self._agree(torch.tensor(images_in(config, rates, left, first))).item())
        self._write_plan(images_total=total, growth_images=config.growth_images or total)
        rate = (total - first) / max(left, 1e-9)
        self._event("plan", images_total=total, images_per_second=rate, memory_bytes=self._memory_bytes())
        return total

    def _plan_can_settle(self, total: int, pace: Pace) -> bool:
        """Whether rates are about to fall, and so many steps at full size were made that their pace can be told."""
        config = self.config
        if config.minutes is None or config.plan_settled or side_at(config, self.images_seen, total) < config.resolution:
            return False
        enough = self.images_seen - pace.first[1] >= SETTLING_STEPS * config.batch
        return enough and self.images_seen >= max(SETTLING_SHARE, config.lr_falls_from) * total

    def _settle_plan(self, total: int, pace: Pace) -> int:
        """The total, corrected once by the pace so far.

        A machine is seldom as fast in the long run as in the first ten steps, and a training whose time is up before its rates
        have fallen ends with a worse model than a shorter one.
        """
        if not self._plan_can_settle(total, pace):
            return total
        self._save()  # what comes after depends on the new total, and a resume must not go back before it
        config = self.config
        assert config.minutes is not None
        rate = pace.overall(self.images_seen)
        steps = max(1, int(SETTLED_SHARE * (config.minutes * 60 - self.seconds) * rate / config.batch))
        total = self.images_seen + int(self._agree(torch.tensor(steps)).item()) * config.batch
        self._write_plan(images_total=total, plan_settled=True)
        self._event("plan", images_total=total, images_per_second=rate, memory_bytes=self._memory_bytes())
        return total

    def _write_plan(self, **changes: Any) -> None:
        """Change the recipe in what the clock decides."""
        self.config = self.game.config = self.config.model_copy(update=changes)
        if self.leads:
            self.run.write_config(self.config.model_dump(mode="json"))

    # Observing

    def _report(self, sums: dict[str, Tensor], rate: float) -> None:
        """Write what the steps since the last report told, and how long it will take."""
        total = self.config.images_total
        assert total is not None
        means = {name: (value / sums[f"{name}/count"]).item() for name, value in sums.items() if "/" not in name}
        self._event("progress", images_per_second=rate, **means)
        eta = seconds_left(self.config, rate, self.images_seen, total) if rate else None
        if eta is not None and self.config.minutes is not None:
            eta = min(eta, max(0.0, self.config.minutes * 60 - self.seconds))
        self._tell(images_seen=self.images_seen, images_total=total, images_per_second=rate, eta_seconds=eta)

    def _observe(self, side: int) -> None:
        self._event("metrics", side=side, **self.keeper.observe(side))

    def _observe_when_due(self, allowance: Allowance) -> None:
        if self.leads and allowance.due(self.seconds):
            begun = self.seconds
            self._observe(self.game.side)
            allowance.pay(begun, self.seconds)

    def _write_sample(self) -> None:
        if self.leads:
            self.keeper.write_sample(self.images_seen)

    def _save(self) -> None:
        if self.leads:
            self.keeper.save(self.images_seen, self.seconds)

    # Trouble

    def _watched(self, step_count: int) -> bool:
        """Whether to look at the device's count of skipped steps now: each look waits for the device."""
        return self.accelerator.device.type == "cpu" or step_count % STEPS_BETWEEN_TALKS == 0

    def _roll_back(self) -> None:
        """Return to the last good snapshot with a lower learning rate; to the one before, where that led here again."""
        self.rollbacks += 1
        good = good_snapshots(self.run.snapshots_folder)
        if self.rollbacks > ROLLBACKS_BEFORE_FAILURE or not good:
            raise RunError("diverged", name=self.run.name, times=self.rollbacks - 1)
        broken_at, factor = self.images_seen, self.game.lr_factor * ROLLBACK_LR_FACTOR
        older = [path for path in good if path.name < self.returned_to]
        path = older[0] if older and good[0].name == self.returned_to else good[0]
        tensors, meta = read_snapshot(path)
        self.game.restore(tensors, meta["numbers"])
        self.game.lr_factor = factor
        self.images_seen, self.returned_to = int(meta["images_seen"]), path.name
        if self.leads:
            discard_snapshots_after(self.run.snapshots_folder, self.images_seen)
        self._save()  # with the lower rate, so that a kill does not undo it
        self._event("rollback", code="rolled_back", values={"broken_at": broken_at, "lr_factor": factor})

    def _halve_pieces(self, error: torch.OutOfMemoryError) -> None:
        """Go on with half the pictures at a time, accumulating gradients."""
        own = self.config.batch // self.accelerator.num_processes
        if self.accelerator.num_processes > 1 or own // (self.game.micro_batches * 2) < self.game.batch_multiple:
            raise RunError("out_of_memory", batch=self.config.batch, resolution=self.config.resolution) from error
        self.game.micro_batches *= 2
        pieces = own // self.game.micro_batches
        self._event("warning", code="smaller_pieces", values={"pieces": pieces, "batch": self.config.batch})

    # Others

    def _request(self, step_count: int) -> str | None:
        """What a person, a signal or the clock asks for now: "save", "pause", "late", or None. All processes hear the same."""
        several = self.accelerator.num_processes > 1
        if several and step_count % STEPS_BETWEEN_TALKS:
            return None
        asked: str | None = None
        if self.leads:
            asked = self.run.take_request()
            late = self.config.minutes is not None and self.seconds >= self.config.minutes * 60
            asked = "pause" if self.signals.received or asked in ("pause", "stop") else "late" if late else asked
        words = [None, "save", "pause", "late"]
        if several:
            asked = words[int(self._agree(torch.tensor(words.index(asked))).item())]
        return asked

    def _agree(self, value: Tensor) -> Tensor:
        """The first process's value, in all of them."""
        return value if self.accelerator.num_processes == 1 else broadcast(value.to(self.accelerator.device)).cpu()

    def _end(self, state: str, sums: dict[str, Tensor], pace: "Pace") -> Status:
        """Keep everything and say how it ended."""
        self._tell(state="stopping", images_seen=self.images_seen)
        if self.leads:
            if sums:
                self._report(sums, pace.update(self.images_seen))
            self._write_sample()
            self._save()
            if state == "done":
                self._observe(self.config.resolution)
        self._tell(state=state, images_seen=self.images_seen, eta_seconds=None if state != "done" else 0.0)
        self.accelerator.wait_for_everyone()
        return self.run.status()

    def _tell(self, **changes: Any) -> None:
        if self.leads:
            self.run.write_status(seconds=self.seconds, memory_bytes=self._memory_bytes(), **changes)
            if self.report is not None:
                self.report(self.run.status())

    def _event(self, kind: str, **values: Any) -> None:
        if self.leads:
            self.run.append_event({"kind": kind, "images_seen": self.images_seen, "seconds": round(self.seconds, 2), **values})

    def _finish_device_work(self, *, empty: bool = False) -> None:
        """Wait for the device, and give back memory that is kept for reuse where `empty`."""
        module = torch.get_device_module(self.accelerator.device)
        if self.accelerator.device.type != "cpu":
            module.synchronize()
            if empty:
                module.empty_cache()

    def _memory_bytes(self) -> int | None:
        """Peak memory: of the GPU, or of this process."""
        return torch.cuda.max_memory_allocated() if self.accelerator.device.type == "cuda" else peak_memory()
