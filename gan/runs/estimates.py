"""The speed at which this machine trains a plan: measured once by a separate process, stored in the home, and converted to
pictures.
"""

import hashlib
import json
import math
import os
import platform
import subprocess
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import gan
from gan.config import RunConfig
from gan.errors import CheckpointError, RunError
from gan.files import read_json, write_file
from gan.runs.folder import list_runs
from gan.runs.queue import COMMAND

# A run with a time limit plans for this fraction of the time, because samples and snapshots take the remainder.
PLANNED_SHARE = 0.95
MEASURING_SECONDS = 300.0  # longest time that a measurement may take
MOST_BYTES = 1 << 16
VALID_SECONDS = 30 * 86_400.0  # other programs and the machine's settings change with time
# Approximate number of training pictures, from scratch, until samples show each stage, as observed on the starters: drawings of
# 32 and 64 pixels.
STAGES = {"colours": 10_000, "shapes": 60_000, "details": 360_000}
SAME_SPEED = (
    *("family", "resolution", "channels", "z_dim", "network", "device", "precision", "threads", "discriminator", "features"),
    *("objective", "penalty", "penalty_every", "batch", "growth", "augmentations"),
)


class Estimate(BaseModel):
    """The measured speed and memory of a plan's steps."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    rates: dict[int, float] = Field(min_length=1)  # pictures a second at each side
    memory_bytes: int | None = None  # at its peak: of the GPU, or of the process

    def images_in(self, config: RunConfig, minutes: float) -> int:
        """Return the number of pictures that a training of `minutes` processes."""
        return images_in(config, self.rates, PLANNED_SHARE * 60 * minutes)

    def seconds_for(self, config: RunConfig, images: int) -> float:
        """Return how many seconds a training takes to process a number of pictures, at full size."""
        return images / self.rates[config.resolution]


def known_estimate(home: Path, config: RunConfig) -> Estimate | None:
    """Return a stored measurement that fits the plan on this machine, or None if it is missing, damaged or older than
    VALID_SECONDS.
    """
    path = _path(home, config)
    try:
        if time.time() - path.stat().st_mtime > VALID_SECONDS:
            return None
        return Estimate.model_validate(read_json(path, MOST_BYTES))
    except (OSError, CheckpointError, ValidationError):
        return None


def keep_estimate(home: Path, config: RunConfig, estimate: Estimate) -> None:
    """Store the measurement of a plan."""
    path = _path(home, config)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, estimate.model_dump_json().encode(), durable=False)


def forget_estimates(home: Path, configs: Iterable[RunConfig]) -> None:
    """Drop the measurements of plans, so that they are measured again. Raises RunError while a run trains: nothing could then be
    measured.
    """
    if any(run.active() for run in list_runs(home)):
        raise RunError("pace_while_training")
    for config in configs:
        _path(home, config).unlink(missing_ok=True)


def measure(home: Path, config: RunConfig, *, command: Sequence[str] = COMMAND) -> Estimate | None:
    """Return the measurement of a plan, and measure it first if it is missing. Return None while a run trains, which would
    falsify it.

    Raises RunError where measuring fails, for example for lack of memory.
    """
    if (known := known_estimate(home, config)) is not None:
        return known
    if any(run.active() for run in list_runs(home)):
        return None
    plan = config.model_dump_json().encode()
    arguments = [*command, "pace", "--home", str(home.resolve())]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    place: dict[str, Any] = {"cwd": Path(gan.__file__).parent.parent, "env": environment}
    try:
        told = subprocess.run(arguments, input=plan, capture_output=True, timeout=MEASURING_SECONDS, check=False, **place)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RunError("pace_not_measured", reason=str(error)) from error
    found = known_estimate(home, config)
    if found is None and told.returncode:
        lines = told.stderr.decode(errors="replace").strip().splitlines()
        raise RunError("pace_not_measured", reason=lines[-1] if lines else f"exit status {told.returncode}")
    return found


def images_in(config: RunConfig, rates: dict[int, float], seconds: float, first: int = 0) -> int:
    """Return the total of pictures that a training reaches in `seconds` after its first `first` pictures. It adds whole batches,
    at least one.
    """
    sides = [*(side for side, _ in config.growth), config.resolution]
    shares = [0.0, *(share for _, share in config.growth), 1.0]
    if config.growth_images is None:  # growth is planned in fractions of the total that this function computes
        spent_on_one = sum((end - start) / rates[side] for side, (start, end) in zip(sides, pairwise(shares), strict=True))
        total = first + (seconds / spent_on_one) + 1e-6
    else:
        ends = [share * config.growth_images for share in shares[1:-1]] + [math.inf]
        total = float(first)
        for side, end in zip(sides, ends, strict=True):
            part = min(max(0.0, end - total), seconds * rates[side])
            total, seconds = total + part, seconds - part / rates[side]
    return first + max(1, int((total - first) / config.batch)) * config.batch


def _path(home: Path, config: RunConfig) -> Path:
    """Return the file of the estimate for all plans as fast as this one, on this machine."""
    values = config.model_dump(mode="json")
    same = {name: values[name] for name in SAME_SPEED} | {"classes": bool(config.classes)}
    same |= {"machine": [platform.node(), platform.machine(), os.cpu_count()], "torch": version("torch")}
    digest = hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()
    return home / "data" / "pace" / f"{digest[:32]}.json"
