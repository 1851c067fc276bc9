"""Moves a model into home/trash, and back."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from gan.errors import CheckpointError, ModelError, RunError
from gan.files import replace
from gan.models.finding import Entry
from gan.models.folder import has_model
from gan.models.origin import origin_path
from gan.models.pulling import kept_name
from gan.runs import Run
from gan.words import printable, shorten

TRASH = "trash"


class Removed(NamedTuple):
    """The folder of a removed model in the trash, and its size."""

    folder: Path
    bytes: int


def folders_of(entry: Entry, home: Path) -> list[Path]:
    """Return the files of a model: its whole run, or the kept folder and the record of where it was pulled from."""
    if entry.kind == "run":
        return [home / "runs" / entry.name]
    return [path for path in (entry.folder, origin_path(entry.folder)) if path.exists()]


def bytes_of(paths: list[Path]) -> int:
    """Return the size of files and folders, without following links."""
    files = (file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]))
    return sum(file.lstat().st_size for file in files if not file.is_dir())


def remove_model(entry: Entry, home: Path) -> Removed:
    """Move a model into home/trash.

    Raises ModelError for a starter, RunError for a run that is training or waiting, CheckpointError where the system cannot move
    the model.
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


def restore_model(trash_name: str, home: Path) -> str:
    """Move a model from a folder of home/trash back to its place, and return the model's name.

    Raises ModelError where there is no such folder, and where another model has taken the name; CheckpointError where the system
    cannot move the model.
    """
    bins = [path for path in _folders(home / TRASH) if path.name == trash_name]
    if not bins:
        raise ModelError("trash_without_model", found=shorten(printable(trash_name)) or "–")
    (found,) = bins
    places = {path: home / ("runs" if _is_run(path) else "models") / path.name for path in sorted(found.iterdir())}
    taken = next((place for place in places.values() if place.exists()), None)
    if taken is not None:
        raise ModelError("model_exists", name=printable(taken.name))
    (folder,) = [path for path in places if path.is_dir()]
    name = folder.name if _is_run(folder) else kept_name(folder)
    try:
        for path, place in places.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            replace(path, place)
        found.rmdir()
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(home), reason=error.strerror or str(error)) from error
    return name


def _is_run(path: Path) -> bool:
    return path.is_dir() and not has_model(path)


def _folders(parent: Path) -> list[Path]:
    return [path for path in parent.iterdir() if path.is_dir()] if parent.is_dir() else []
