"""A model into home/trash, from which a person can take it back."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from gan.errors import CheckpointError, ModelError, RunError
from gan.files import replace
from gan.models.finding import Entry
from gan.models.origin import origin_path
from gan.runs import Run

TRASH = "trash"


class Removed(NamedTuple):
    """Where a removed model is, and its size."""

    folder: Path
    bytes: int


def folders_of(entry: Entry, home: Path) -> list[Path]:
    """The files of a model: its whole run, or the kept folder and the record of where it was pulled from."""
    if entry.kind == "run":
        return [home / "runs" / entry.name]
    return [path for path in (entry.folder, origin_path(entry.folder)) if path.exists()]


def bytes_of(paths: list[Path]) -> int:
    """The size of files and folders, links not followed."""
    files = (file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]))
    return sum(file.lstat().st_size for file in files if not file.is_dir())


def remove_model(entry: Entry, home: Path) -> Removed:
    """Move a model into home/trash.

    Raises ModelError for a starter, RunError for a run that is training or waiting, CheckpointError where the system refuses.
    """
    if entry.kind == "starter":
        raise ModelError("starter_stays", model=entry.name)
    if entry.kind == "run" and Run.open(home, entry.name).active():
        raise RunError("run_held", name=entry.name)
    bin_folder = home / TRASH / f"{datetime.now():%Y-%m-%d %H-%M-%S %f}"
    paths = folders_of(entry, home)
    size = bytes_of(paths)
    try:
        bin_folder.mkdir(parents=True)
        for path in paths:
            replace(path, bin_folder / path.name)
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(bin_folder), reason=error.strerror or str(error)) from error
    return Removed(bin_folder, size)
