"""The training loop: from a run folder to a model, through kills, requests, signals and losses that are not finite."""

import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import broadcast
from torch import Tensor

from gan.checkpoint import (
    good_snapshots,
    latest_snapshot,
    prune_snapshots,
    read_discriminator,
    read_generator,
    read_snapshot,
    snapshot_name,
    write_model,
    write_snapshot,
)
from gan.config import ModelConfig, RunConfig, TrainingRecord, parse_run
from gan.data import Dataset, open_dataset, order
from gan.errors import ConfigError, GanError, RunError
from gan.game import GROUP, Game
from gan.hub import model_card
from gan.images import grid, to_uint8
from gan.runs import Run, Status
from gan.sampler import full_precision, latents
from gan.transfer import transfer

SAMPLE_SEEDS = range(16)
SAMPLE_PSI = 0.7
MEASURED_STEPS = 10
# A run by the clock plans for this share of its time, because samples and snapshots need some too.
PLANNED_SHARE = 0.95
REPORT_SECONDS = 2.0
# Samples come fast at first, when much changes, then ever more slowly: each after this share of the time gone by.
SAMPLE_GROWTH = 0.05
SAMPLE_SECONDS = 5.0
SKIPPED_BEFORE_ROLLBACK = 10
ROLLBACKS_BEFORE_FAILURE = 5
ROLLBACK_LR_FACTOR = 0.5
STEPS_BETWEEN_TALKS = 8  # of several processes, about requests and the clock

Report = Callable[[Status], None]


def train(run: Run, report: Report | None = None) -> Status:
    """Train `run` from where it stands to its end, or to a request or signal; returns its last status.

    Raises GanError; whatever ends it, the run's status says so and its last snapshot stands.
    """
    trainer = Trainer(run, report)
    if not trainer.leads:
        return trainer.train()
    with run.lock():
        try:
            return trainer.train()
        except GanError as error:
            run.fail(error)
            raise
        except Exception as error:
            run.fail(RunError("training_crashed", reason=f"{type(error).__name__}: {error}", log=str(run.log_path)))
            raise


class Trainer:
    """One run in training, in this process and its siblings."""

    def __init__(self, run: Run, report: Report | None) -> None:
        self.run = run
        self.report = report
        self.config: RunConfig = parse_run(run.config)
        torch.set_num_threads(self.config.threads)
        mixed = "bf16" if self.config.precision == "bfloat16" else "no"
        self.accelerator = Accelerator(cpu=self.config.device == "cpu", mixed_precision=mixed)
        self.leads = self.accelerator.is_main_process
        processes = self.accelerator.num_processes
        if processes > 1 and self.config.batch % (processes * GROUP):
            raise ConfigError("batch_not_shared", batch=self.config.batch, processes=processes, multiple=processes * GROUP)
        self.images_seen = 0
        self.seconds_before = 0.0
        self.started = time.monotonic()
        self.signalled = False
        self.rollbacks = 0
        self.returned_to = ""  # the snapshot of the last rollback

    @property
    def seconds(self) -> float:
        """Time spent on this run, over all its starts."""
        return self.seconds_before + time.monotonic() - self.started

    def train(self) -> Status:
        """The whole story of a training."""
        run, config = self.run, self.config

        # Set up: pictures, networks, and where the run stands
        status = run.status()
        self.seconds_before = status.seconds if status.images_seen else 0.0
        self._tell(state="preparing", hint=None)
        self.dataset = open_dataset(run.home, config.dataset_hash)
        self.pictures = Pictures(self.dataset, config, self.accelerator.device)
        self.game = Game(config, self.accelerator)
        self._go_on_or_begin()
        if config.images_total is None:
            config = self.config = self._plan_by_the_clock()
        total = config.images_total
        assert total is not None
        step_count = 0
        sums: dict[str, Tensor] = {}
        pace = Pace(self.images_seen)
        clock = Clock(self.seconds)
        self._tell(state="training", images_seen=self.images_seen, images_total=total)
        self._write_sample()

        with obeyed_signals(self):
            while self.images_seen < total:
                # One step; a device that is too small is given smaller pieces of the batch
                try:
                    told = self.game.step(self.images_seen, total, self.pictures)
                except torch.OutOfMemoryError as error:
                    self._halve_pieces(error)
                    continue
                self.images_seen += config.batch
                step_count += 1
                for name, value in told.items():
                    sums[name] = sums[name] + value if name in sums else value
                sums["steps"] = sums.get("steps", torch.zeros(())) + 1

                # Losses that are not finite: the optimisers have skipped them; too many in a row, and we go back
                if self._watched(step_count) and self.game.skipped_in_a_row.item() >= SKIPPED_BEFORE_ROLLBACK:
                    self._roll_back()
                    sums, pace = {}, Pace(self.images_seen)
                    continue

                # Observers: they change nothing that training depends on
                if self.leads and clock.due("report", self.seconds, REPORT_SECONDS):
                    self._report(sums, pace.update(self.images_seen))
                    sums = {}
                if self.leads and clock.due("sample", self.seconds, max(SAMPLE_SECONDS, SAMPLE_GROWTH * self.seconds)):
                    self._write_sample()
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

    # Beginning

    def _go_on_or_begin(self) -> None:
        """Restore the newest snapshot that is whole, or make the first one."""
        found = latest_snapshot(self.run.snapshots_folder)
        for error in found.damaged:
            self._event("warning", text=str(error), code=error.code)
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
        if self.leads:
            self._save()

    def _plan_by_the_clock(self) -> RunConfig:
        """Turn `minutes` into a total by measuring steps that are then undone, and write it into the recipe."""
        config, first = self.config, self.images_seen
        tensors, numbers = self.game.state()
        kept = {name: tensor.detach().clone() for name, tensor in tensors.items()}
        steps = math.ceil(MEASURED_STEPS / config.penalty_every) * config.penalty_every
        for step in range(steps + 3):
            if step == 3:  # the first ones load kernels and plan convolutions
                self._finish_device_work()
                begun = time.monotonic()
            self.game.step(first + step * config.batch, first + 10**9, self.pictures)
        self._finish_device_work()
        rate = steps * config.batch / (time.monotonic() - begun)
        self.game.restore(kept, numbers)
        assert config.minutes is not None
        steps_left = max(1, int(rate * PLANNED_SHARE * (config.minutes * 60 - self.seconds) / config.batch))
        total = int(self._agree(torch.tensor(first + steps_left * config.batch)).item())
        planned = config.model_copy(update={"images_total": total})
        if self.leads:
            self.run.write_config(planned.model_dump(mode="json"))
        self._event("plan", images_total=total, images_per_second=rate, memory_bytes=self._memory_bytes())
        return planned

    # Observing

    def _report(self, sums: dict[str, Tensor], rate: float) -> None:
        """Write what the steps since the last report told, and how long it will take."""
        total = self.config.images_total
        assert total is not None
        means = {name: (value / sums["steps"]).item() for name, value in sums.items() if name not in ("steps", "penalty")}
        if "penalty" in sums:
            means["penalty"] = sums["penalty"].item() / max(1, round(sums["steps"].item() / self.config.penalty_every))
        self._event("progress", images_per_second=rate, **means)
        eta = (total - self.images_seen) / rate if rate else None
        if eta is not None and self.config.minutes is not None:
            eta = min(eta, max(0.0, self.config.minutes * 60 - self.seconds))
        self._tell(images_seen=self.images_seen, images_total=total, images_per_second=rate, eta_seconds=eta)

    def _pictures(self) -> np.ndarray:
        """The averaged generator's pictures of the same seeds each time, uint8 (16, H, W, C)."""
        generator = self.game.averaged
        generator.eval()
        z, classes = latents(list(SAMPLE_SEEDS), generator.z_dim, generator.num_classes)
        device = self.accelerator.device
        with torch.no_grad(), full_precision(device):
            generator.calibrate()
            return to_uint8(generator.sample(z.to(device), None if classes is None else classes.to(device), SAMPLE_PSI))

    def _write_sample(self) -> None:
        if self.leads:
            self.run.write_sample(self.images_seen, grid(self._pictures(), columns=4))

    def _save(self) -> None:
        """A snapshot to go on from, and the model as it is now; not in the midst of trouble, so that a rollback finds a good one."""
        networks = (self.game.generator, self.game.discriminator)
        finite = all(torch.isfinite(parameter).all() for network in networks for parameter in network.parameters())
        if not self.leads or not finite or self.game.skipped_in_a_row.item():
            return
        pictures = self._pictures()  # calibrates the averaged generator too
        tensors, numbers = self.game.state()
        meta = {"images_seen": self.images_seen, "seconds": self.seconds, "numbers": numbers}
        write_snapshot(self.run.snapshots_folder / snapshot_name(self.images_seen), tensors, meta)
        prune_snapshots(self.run.snapshots_folder)
        config = self._model_config()
        preview = grid(pictures, columns=4)
        write_model(self.run.model_folder, config, self.game.averaged, self.game.discriminator, preview, model_card(config))

    def _model_config(self) -> ModelConfig:
        config = self.config
        shared = {name: getattr(config, name) for name in ("family", "resolution", "channels", "z_dim", "classes", "network")}
        record = TrainingRecord(
            dataset=config.dataset,
            images=config.pictures,
            images_seen=self.images_seen,
            objective=config.objective if config.penalty == "none" else f"{config.objective} with {config.penalty}",
            parent=config.parent,
            licence=config.licence,
        )
        return ModelConfig(training=record, **shared)

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
        self._event("rollback", code="rolled_back", values={"broken_at": broken_at, "lr_factor": factor})

    def _halve_pieces(self, error: torch.OutOfMemoryError) -> None:
        """Go on with half the pictures at a time, accumulating gradients."""
        own = self.config.batch // self.accelerator.num_processes
        if self.accelerator.num_processes > 1 or own // (self.game.micro_batches * 2) < GROUP:
            raise RunError("out_of_memory", batch=self.config.batch, resolution=self.config.resolution) from error
        self.game.micro_batches *= 2
        torch.cuda.empty_cache()
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
            asked = "pause" if self.signalled or asked in ("pause", "stop") else "late" if late else asked
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
        self._tell(state=state, images_seen=self.images_seen, eta_seconds=None if state != "done" else 0.0)
        self.accelerator.wait_for_everyone()
        return self.run.status()

    def _tell(self, **changes: Any) -> None:
        if self.leads:
            self.run.write_status(seconds=self.seconds, **changes)
            if self.report is not None:
                self.report(self.run.status())

    def _event(self, kind: str, **values: Any) -> None:
        if self.leads:
            self.run.append_event({"kind": kind, "images_seen": self.images_seen, "seconds": round(self.seconds, 2), **values})

    def _finish_device_work(self) -> None:
        if self.accelerator.device.type == "cuda":
            torch.cuda.synchronize()

    def _memory_bytes(self) -> int | None:
        """Peak memory: of the GPU, or of this process."""
        if self.accelerator.device.type == "cuda":
            return torch.cuda.max_memory_allocated()
        try:
            import resource
        except ImportError:  # Windows
            return None
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Pictures:
    """Training pictures in the stream's order: on the device as a whole where it is a GPU, else from the memory map."""

    def __init__(self, dataset: Dataset, config: RunConfig, device: torch.device) -> None:
        self.dataset = dataset
        self.seed = config.seed
        self.conditional = bool(config.classes)
        self.device = device
        self.resident: Tensor | None = None
        if device.type != "cpu":
            self.resident = torch.from_numpy(dataset.pictures[dataset.train_indices]).to(device)
            self.classes = torch.from_numpy(dataset.labels[dataset.train_indices]).to(device)

    def __call__(self, positions: np.ndarray) -> tuple[Tensor, Tensor | None]:
        chosen = order(len(self.dataset.train_indices), self.seed, int(positions[0]), len(positions))
        if self.resident is not None:
            index = torch.from_numpy(chosen).to(self.device, non_blocking=True)
            pictures, classes = self.resident[index], self.classes[index]
        else:
            index = self.dataset.train_indices[chosen]
            pictures, classes = torch.from_numpy(self.dataset.pictures[index]), torch.from_numpy(self.dataset.labels[index])
        return pictures.permute(0, 3, 1, 2), classes if self.conditional else None


class Pace:
    """Pictures a second over the last reports."""

    def __init__(self, images_seen: int) -> None:
        self.marks = [(time.monotonic(), images_seen)]

    def update(self, images_seen: int) -> float:
        """The speed since about 20 reports ago."""
        self.marks = [*self.marks[-20:], (time.monotonic(), images_seen)]
        (begun, first), (now, last) = self.marks[0], self.marks[-1]
        return (last - first) / max(now - begun, 1e-9)


class Clock:
    """When each kind of observation was last made."""

    def __init__(self, now: float) -> None:
        self.begun = now
        self.last: dict[str, float] = {}

    def due(self, kind: str, now: float, every_seconds: float) -> bool:
        """Whether so much time has gone by since it was last due."""
        if now - self.last.get(kind, self.begun) < every_seconds:
            return False
        self.last[kind] = now
        return True


@contextmanager
def obeyed_signals(trainer: Trainer) -> Iterator[None]:
    """Let SIGTERM and Ctrl-C end the training after the step; a second one ends the process at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def obey(number: int, frame: FrameType | None) -> None:
        trainer.signalled = True
        signal.signal(number, previous[number])

    previous: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in previous:
        signal.signal(number, obey)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def extend(run: Run, images: int | None = None, minutes: float | None = None) -> bool:
    """Give a run a new total of pictures, or more minutes; returns whether there is anything left to train.

    Without either, a run goes on to the total it has, and one that is done stays as it is.
    """
    config, status = run.config, run.status()
    if images is not None:
        config |= {"images_total": images, "minutes": None}
    elif minutes is not None:
        config |= {"images_total": None, "minutes": status.seconds / 60 + minutes}
    elif status.state == "done":
        return False
    parsed = parse_run(config)
    if images is not None and images <= status.images_seen:
        return False
    run.write_config(parsed.model_dump(mode="json"))
    return True


def share_creation(create: Callable[[], Run], open_run: Callable[[], Run], device: str) -> Run:
    """The run, created by the first process alone where several were started (torchrun), and opened by the others."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return create()
    state = PartialState(cpu=device == "cpu")
    run = create() if state.is_main_process else None
    state.wait_for_everyone()
    return run or open_run()
