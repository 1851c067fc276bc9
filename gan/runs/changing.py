"""Finds a valid name for a run, renames a run, and moves a run into home/trash and back."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from gan.errors import CheckpointError, RunError
from gan.files import replace
from gan.runs.folder import Run, check_name
from gan.runs.queue import locked_queue

TRASH = "trash"
RUNS = "runs"


def plain_name(wanted: str, otherwise: str) -> str:
    """Return the valid name closest to `wanted`; `otherwise` where it has no letter that a name may have."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", wanted).strip("-._")[:64].rstrip("-._") or otherwise


def rename(run: Run, name: str) -> Run:
    """Give a run another name. Raises RunError where it trains or waits, or where the name is taken or not allowed."""
    target = run.folder.with_name(check_name(name))
    with locked_queue(run.home), _moving(run.folder):
        check_idle(run)
        if target.exists():
            raise RunError("run_exists", name=name)
        replace(run.folder, target)
    return Run(target)


def remove(run: Run) -> Path:
    """Move a run into home/trash, and return its folder in the trash, for `restore`. Raises RunError where it trains or waits."""
    target = run.home / TRASH / f"{datetime.now():%Y-%m-%d %H-%M-%S %f}" / run.name
    with locked_queue(run.home), _moving(run.folder):
        check_idle(run)
        target.parent.mkdir(parents=True)
        replace(run.folder, target)
    return target


def restore(home: Path, stamp: str, name: str) -> Run:
    """Move a run back from home/trash/STAMP. Raises RunError where that folder does not hold it, or where another run has taken
    its name.
    """
    place = (home / TRASH / stamp / check_name(name)).resolve()
    target = home / RUNS / name
    if place.parent.parent != (home / TRASH).resolve() or not (place / "config.json").is_file():
        raise RunError("run_unknown", name=name, home=str(home / TRASH))
    if target.exists():
        raise RunError("run_exists", name=name)
    with _moving(place):
        target.parent.mkdir(exist_ok=True)
        replace(place, target)
    return Run(target)


def check_idle(run: Run) -> None:
    """Raise RunError unless a run has ended."""
    state = run.status().state
    if state == "queued":
        raise RunError("run_waiting", name=run.name)
    if run.active():
        raise RunError("run_held", name=run.name)


@contextmanager
def _moving(path: Path) -> Iterator[None]:
    """Turn an error of the system into a CheckpointError."""
    try:
        yield
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(path), reason=error.strerror or str(error)) from error
