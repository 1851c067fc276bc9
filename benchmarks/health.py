"""Counts false alarms and misses of the findings on a training's health: `python -m benchmarks.health tuning|test --data FOLDER`.

Each case of a table is a short training with the product's code: a good one, or one made to fail by a known cause. Its events are
then read as they came, so that the findings after each event are those that *Train* showed at that time. A finding of a problem
at any time of a good training is a false alarm. A bad training whose problem is never found is a miss. The thresholds in
`gan/runs/health.py` were committed before TEST was trained.

A cause does not always make a training fail, and a finding must not be judged by findings. So each bad case but those on a few
pictures is trained once more as planned, without the cause. It has failed if its last pictures are at least FAILED times as far
from real ones as those of the training as planned, or vary less than half as much as real ones. A case that did not fail is
listed, and is not counted.

A case's findings, its events and its last sample grid are kept in .benchmarks_cache/health; a case that is kept is only printed,
and an interrupted one continues. Look at the grids as well: a training counts as good or bad by its pictures.
"""

import argparse
import io
import json
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image

from benchmarks.cells import machine
from benchmarks.judge import CACHE
from gan.errors import GanError
from gan.files import write_file
from gan.order import Order
from gan.runs import Run, Status
from gan.runs.health import PROBLEMS, Health, examine, judged_by
from gan.training import train

KEPT = CACHE / "health"
FAILED = 1.5  # multiple of the sliced Wasserstein distance of the same training as planned
LEAST_DIVERSITY = 0.5  # fraction of the variety of real pictures
PICTURES_SIDE = 128  # side of the pictures of a made set, in pixels


@dataclass(frozen=True)
class PictureSet:
    """A zip in the folder of pictures, or a set made from one of its classes: a few pictures, or slightly changed copies of
    them.
    """

    zip_name: str
    only: str = ""  # a class
    pictures: int | None = None  # the first pictures in a random order; None: all
    copies: int = 1  # of each picture


SETS = {
    "digits": PictureSet("digits.zip"),
    "emoji": PictureSet("emoji.zip"),
    "clothing": PictureSet("clothing.zip"),
    "flowers": PictureSet("flowers.zip"),
    "people": PictureSet("emoji.zip", "people"),
    "hands": PictureSet("emoji.zip", "hands"),
    "t-shirts": PictureSet("clothing.zip", "t-shirt"),
    "ships": PictureSet("cifar10.zip", "ship"),
    "sixteen people": PictureSet("emoji.zip", "people", 16),
    "copies of ten objects": PictureSet("emoji.zip", "objects", 10, copies=40),
    "sixteen roses": PictureSet("flowers.zip", "rose", 16),
    "sixteen nines": PictureSet("digits.zip", "9", 16),
    "copies of nine cats": PictureSet("cifar10.zip", "cat", 9, copies=45),
}


@dataclass(frozen=True)
class Case:
    """A training: its set, its length in pictures, and the fields in which its plan differs from the usual one of the preset."""

    name: str
    set_name: str
    images: int | None  # None: `minutes`, for findings that need two measurements, which come by the clock
    cause: str = ""  # why it fails; empty for a good training
    expected: tuple[str, ...] = ()  # findings of which at least one names the problem
    size: int = 32
    minutes: float = 1.8
    seed: int = 0
    preset: str = "good"
    choices: dict[str, Any] = field(default_factory=dict)  # fields of Order
    settings: dict[str, Any] = field(default_factory=dict)  # fields of RunConfig

    @property
    def as_planned(self) -> "Case":
        """The same training without the cause of failure."""
        return replace(self, name=f"{self.name}-as-planned", cause="", expected=(), settings={})


UNSTABLE = ("diverging", "exploding", "collapse", "discriminator_losing", "nothing_learnt", "worsening")
MEMORISED = ("copied", "copying", "mixtures")
WINNING = ("discriminator_winning",)

TUNING = (
    Case("tuning-digits", "digits", 6400),
    Case("tuning-people", "people", 6400, seed=1),
    Case("tuning-mlp", "digits", 100_000, preset="tutorial-mlp", size=28),
    Case("tuning-dcgan", "clothing", 30_000, preset="tutorial-dcgan", size=28),
    Case("tuning-rates", "digits", 4384, "both rates 50 times too high", UNSTABLE,
         settings={"generator_lr": 0.5, "discriminator_lr": 0.15}),
    Case("tuning-collapse", "clothing", 30_000, "the generator's rate 30 times too high", UNSTABLE,
         preset="tutorial-dcgan", size=28, settings={"generator_lr": 3e-2}),
    Case("tuning-strong", "digits", 80_000, "the discriminator's rate 500 times the generator's", WINNING,
         preset="tutorial-mlp", size=28, settings={"generator_lr": 1e-5, "discriminator_lr": 5e-3}),
    Case("tuning-critic", "clothing", 40_000, "a Wasserstein critic whose penalty has no weight", UNSTABLE,
         preset="tutorial-wgan", settings={"penalty_weight": 0.0, "penalty_weight_end": 0.0}),
    Case("tuning-sixteen", "sixteen people", 70_000, "sixteen pictures only", MEMORISED, preset="tutorial-mlp",
         size=28),
    Case("tuning-copies", "copies of ten objects", 45_000, "400 copies of ten pictures", MEMORISED,
         preset="tutorial-dcgan", size=28),
    Case("tuning-usual", "emoji", 11_000, choices={"network": "dcgan"}),
)  # fmt: skip
TEST = (
    Case("test-emoji", "emoji", 4600, seed=601),
    Case("test-clothing", "clothing", 4600, seed=602),
    Case("test-ships", "ships", 4600, seed=603),
    Case("test-hinge", "digits", 4600, seed=604, choices={"objective": "hinge", "penalty": "r1"}),
    Case("test-non-saturating", "t-shirts", 4600, seed=605, choices={"objective": "non-saturating", "penalty": "r1"}),
    Case("test-mlp", "clothing", 60_000, seed=606, preset="tutorial-mlp", size=28),
    Case("test-dcgan-people", "people", 26_000, seed=607, preset="tutorial-dcgan", size=28),
    Case("test-dcgan-flowers", "flowers", 26_000, seed=608, preset="tutorial-dcgan", size=28),
    Case("test-wgan-digits", "digits", 30_000, seed=609, preset="tutorial-wgan"),
    Case("test-wgan-emoji", "emoji", 30_000, seed=610, preset="tutorial-wgan"),
    Case("test-rates", "clothing", None, "both rates 150 times too high", UNSTABLE, seed=611, preset="tutorial-mlp", size=28,
         settings={"generator_lr": 0.15, "discriminator_lr": 0.15}),
    Case("test-collapse", "digits", None, "the generator's rate 150 times too high", UNSTABLE, seed=612,
         preset="tutorial-dcgan", size=28, settings={"generator_lr": 0.15}),
    Case("test-generator", "flowers", None, "the generator's rate 250 times too high", UNSTABLE, seed=613,
         preset="tutorial-dcgan", size=28, settings={"generator_lr": 0.25}),
    Case("test-strong", "emoji", None, "the discriminator's rate 1,000 times the generator's", WINNING, seed=614,
         preset="tutorial-dcgan", size=28, settings={"generator_lr": 1e-5, "discriminator_lr": 1e-2}),
    Case("test-minimax", "people", None, "the original loss against a discriminator 100 times as fast", WINNING,
         seed=615, preset="tutorial-dcgan", size=28, choices={"objective": "minimax"},
         settings={"generator_lr": 1e-4, "discriminator_lr": 1e-2}),
    Case("test-slow", "ships", None, "the generator's rate 1,000 times too low, and no penalty", WINNING, seed=616,
         choices={"objective": "non-saturating", "penalty": "none"}, settings={"generator_lr": 1e-5}),
    Case("test-critic", "hands", None, "a Wasserstein critic without penalty at thirty times its rate", UNSTABLE, seed=617,
         preset="tutorial-wgan", settings={"penalty_weight": 0.0, "penalty_weight_end": 0.0, "discriminator_lr": 3e-2}),
    Case("test-outrun", "t-shirts", None, "the discriminator's rate 10,000 times too low", UNSTABLE, seed=618,
         preset="tutorial-mlp", size=28, settings={"discriminator_lr": 1e-7}),
    Case("test-sixteen-roses", "sixteen roses", None, "sixteen pictures only", MEMORISED, seed=619,
         preset="tutorial-dcgan", size=28, minutes=2.9),
    Case("test-sixteen-nines", "sixteen nines", None, "sixteen pictures only", MEMORISED, seed=620,
         preset="tutorial-dcgan", size=28, minutes=2.9),
    Case("test-copies", "copies of nine cats", None, "405 copies of nine pictures", MEMORISED, seed=621,
         preset="tutorial-dcgan", size=28, minutes=2.9),
)  # fmt: skip
TABLES = {"tuning": TUNING, "test": TEST}


# Pictures


def zip_of(name: str, folder: Path) -> Path:
    """Return the zip of a set. A part of a zip, or copies, are written to a separate zip once."""
    wanted = SETS[name]
    if not wanted.only:
        return folder / wanted.zip_name
    target = KEPT / "sets" / f"{name.replace(' ', '-')}.zip"
    if not target.exists():
        with zipfile.ZipFile(folder / wanted.zip_name) as whole:
            members = sorted(each for each in whole.namelist() if f"/{wanted.only}/" in f"/{each}" and not each.endswith("/"))
            order = np.random.RandomState(0).permutation(len(members))[: wanted.pictures]
            contents = [whole.read(members[place]) for place in order]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as part:
            for number, content in enumerate(contents):
                for copy in range(wanted.copies):
                    part.writestr(f"{number:04d}-{copy:03d}.png", changed(content, copy) if wanted.copies > 1 else content)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_file(target, packed.getvalue())
    return target


def changed(content: bytes, copy: int) -> bytes:
    """Return a picture as PNG with noise of at most two levels of 255, so that it does not count as a duplicate."""
    with Image.open(io.BytesIO(content)) as opened:
        rgba = opened.convert("RGBA").resize((PICTURES_SIDE, PICTURES_SIDE))
    white = Image.new("RGBA", rgba.size, "white")
    pixels = np.asarray(Image.alpha_composite(white, rgba).convert("RGB")).astype(np.int64)
    noisy = pixels + np.random.RandomState(copy).randint(-2, 3, pixels.shape)
    stored = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(stored, "PNG")
    return stored.getvalue()


# Trainings


def run_case(case: Case, folder: Path) -> dict[str, Any]:
    """Return the events, the last status and the conditions of a case, from the cache or from a training."""
    path = KEPT / f"{case.name}.json"
    if not path.is_file():
        run = train_case(case, folder)
        result = {"objective": judged_by(run.config), "status": run.status().model_dump(), **machine(), "events": run.events()}
        if samples := run.samples():
            shutil.copy(samples[-1], path.with_suffix(".png"))
        write_file(path, json.dumps(result).encode())
        shutil.rmtree(run.folder)
    return dict(json.loads(path.read_text(encoding="utf-8")))


def train_case(case: Case, folder: Path) -> Run:
    """Train a case on one thread, or continue its interrupted training."""
    home = KEPT / "home"
    if not (home / "runs" / case.name).exists():
        order = Order.of(
            source=str(zip_of(case.set_name, folder)),
            name=case.name,
            preset=case.preset,
            size=case.size,
            images=case.images,
            minutes=case.minutes if case.images is None else None,
            seed=case.seed,
            device="cpu",
            settings=case.settings,
            **case.choices,
        )
        run = order.create(home)
        run.write_config(run.config | {"threads": 1})
    run = Run.open(home, case.name)
    try:
        if train(run).state != "done":
            raise KeyboardInterrupt
    except GanError as error:  # a training that cannot go on is one of the things to find
        print(f"  {case.name}: {error}")
    return run


class Told(NamedTuple):
    """The problems found at any time of a training, with the pictures seen when each was first told, and its last state."""

    problems: dict[str, int]
    state: str
    images_seen: int


def read_again(result: dict[str, Any]) -> Told:
    """Return what was told, by reading a training's events in their order as they came."""
    events, objective, status = result["events"], result["objective"], Status.model_validate(result["status"])
    problems: dict[str, int] = {}
    for end, event in enumerate(events, 1):
        images_seen = event.get("values", {}).get("broken_at", event["images_seen"])  # a rollback's own number is the snapshot's
        add_problems(problems, examine(events[:end], Status(state="training", images_seen=images_seen), objective), images_seen)
    last = examine(events, status, objective)
    add_problems(problems, last, status.images_seen)
    return Told(problems, last.state, status.images_seen)


def add_problems(problems: dict[str, int], health: Health, images_seen: int) -> None:
    """Add the problems that were not found before."""
    for finding in health.findings:
        if finding.code in PROBLEMS:
            problems.setdefault(finding.code, images_seen)


# Results


def has_failed(case: Case, result: dict[str, Any], planned: dict[str, Any] | None) -> bool:
    """Return whether a bad case's last pictures are bad, by measures of the pictures alone. `planned` is the result of the case
    as planned; None for cases on a few pictures, which are bad because there is nothing else to learn.
    """
    if planned is None:
        return bool(case.cause)
    if result["status"]["error_code"] == "diverged":
        return True
    ours, theirs = (last_metrics(each["events"]) for each in (result, planned))
    worse = ours["sliced_wasserstein"] >= FAILED * theirs["sliced_wasserstein"]
    return worse or ours["diversity"] < LEAST_DIVERSITY


def last_metrics(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the last measurement of a training's pictures."""
    return next(event for event in reversed(events) if event["kind"] == "metrics")


def first_expected(case: Case, told: Told) -> str | None:
    """Return the first finding that names the problem; for a good training, the first problem found."""
    found = [code for code in told.problems if not case.expected or code in case.expected]
    return min(found, key=lambda code: told.problems[code], default=None)


def table(cases: Sequence[Case], results: Sequence[Told], failed: Sequence[bool]) -> str:
    """Return the results as a Markdown table, with the numbers of false alarms and misses below it.

    `failed` tells for each case whether its pictures are bad; a bad case whose pictures are not is marked, and not counted.
    """
    lines = [
        "| set | plan | made to fail by | pictures | told, after pictures | state at the end |",
        "|---|---|---|---|---|---|",
    ]
    alarms = misses = 0
    for case, told, bad in zip(cases, results, failed, strict=True):
        first = first_expected(case, told)
        alarms += not case.expected and first is not None
        misses += bad and first is None
        others = [code for code in told.problems if code != first]
        found = [f"{code.replace('_', ' ')} {told.problems[code]:,}" for code in [*([first] if first else []), *others]]
        preset = "usual" if case.preset == "good" else case.preset
        plan = ", ".join([preset, *(str(value) for value in case.choices.values())])
        cause = f"{case.cause}{'' if bad else ' (did not fail)'}" if case.cause else "–"
        cells = [case.set_name, plan, cause, f"{told.images_seen:,}", "; ".join(found) or "–"]
        lines.append(f"| {' | '.join([*cells, told.state.replace('_', ' ')])} |")
    good = sum(not case.expected for case in cases)
    return "\n".join([*lines, "", f"False alarms: {alarms} of {good}. Misses: {misses} of {sum(failed)}."])


def main() -> None:
    """Train the missing cases of a table, and print all of them."""
    parser = argparse.ArgumentParser(description="False alarms and misses of the findings on a training's health.")
    parser.add_argument("table", choices=tuple(TABLES))
    parser.add_argument("--data", type=Path, required=True, help="folder with the zips")
    parser.add_argument("--only", nargs="+", metavar="CASE", help="these cases, for example half of them on each of two cores")
    options = parser.parse_args()
    torch.set_num_threads(1)
    cases = [case for case in TABLES[options.table] if options.only is None or case.name in options.only]
    results, failed = [], []
    for case in cases:
        result = run_case(case, options.data)
        planned = run_case(case.as_planned, options.data) if case.settings else None
        results.append(read_again(result))
        failed.append(has_failed(case, result, planned))
        seconds = result["status"]["seconds"]
        print(f"{case.name}: {results[-1]}, bad pictures: {failed[-1]}, {seconds:.0f} s, {result['commit']}", flush=True)
    print(table(cases, results, failed))


if __name__ == "__main__":
    main()
