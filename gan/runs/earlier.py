"""Earlier models of a run: copies of its model folder from several times of the training, `earlier/000064000/`."""

import re
import secrets
import shutil
from pathlib import Path

from gan.errors import CheckpointError
from gan.runs.folder import Run, snapshot_name

MOST_EARLIER = 8
NAME = re.compile(r"\d{9,}")


def earlier_models(run: Run) -> list[Path]:
    """Return the folders of the earlier models, oldest first. A folder's name is the number of pictures seen by then."""
    if not run.earlier_folder.is_dir():
        return []
    return sorted(path for path in run.earlier_folder.iterdir() if NAME.fullmatch(path.name))


def nearest_model(run: Run, images_seen: int) -> Path | None:
    """Return the earlier model whose number of pictures is nearest to `images_seen`; None if the run has no earlier model."""
    return min(earlier_models(run), key=lambda path: abs(int(path.name) - images_seen), default=None)


def store_earlier(run: Run, images_seen: int) -> None:
    """Copy the run's present model to `earlier/`, and remove models until at most MOST_EARLIER remain.

    Only the trainer may call this. Raises CheckpointError if the disk cannot store the copy.
    """
    folder = run.earlier_folder / snapshot_name(images_seen)
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    try:
        for leftover in run.earlier_folder.glob(".*.tmp"):
            shutil.rmtree(leftover)
        shutil.copytree(run.model_folder, temporary)
        if folder.exists():  # a training that went back to a snapshot comes here again
            shutil.rmtree(folder)
        temporary.rename(folder)
        for path in superfluous(earlier_models(run)):
            shutil.rmtree(path)
    except OSError as error:  # shutil.Error, which copytree raises, is one
        raise CheckpointError("file_not_written", path=str(folder), reason=error.strerror or str(error)) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def superfluous(paths: list[Path], most: int = MOST_EARLIER) -> list[Path]:
    """Return the paths to remove so that `most` remain, evenly spaced: each time the one whose neighbours are nearest to each
    other. The first and the last path always remain.
    """
    kept, removed = list(paths), []
    while len(kept) > max(most, 2):
        seen = [int(path.name) for path in kept]
        place = min(range(1, len(kept) - 1), key=lambda i: seen[i + 1] - seen[i - 1])
        removed.append(kept.pop(place))
    return removed


def drop_earlier_after(run: Run, images_seen: int) -> None:
    """Remove the models of later steps, which a training that returned to a snapshot makes again."""
    for path in earlier_models(run):
        if int(path.name) > images_seen:
            shutil.rmtree(path)
