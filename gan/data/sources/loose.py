"""Puts loose pictures that were uploaded one by one into a folder, which is then read as any other folder."""

import hashlib
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from gan.data.sources.base import check_count, check_total, is_inside
from gan.errors import DataError
from gan.files import shorten
from gan.limits import UPLOADS_KEPT_SECONDS

LONGEST_PART = 120  # letters of a file's or folder's name; file systems allow 255 bytes


class Loose(NamedTuple):
    """An uploaded file: its name on the sender's machine, which may begin with folders, and its path on this machine."""

    name: str
    path: Path


def gather(files: Sequence[Loose], store: Path, name: str) -> Path:
    """Put files into a folder below `store`, as links where the system allows them. The same files give the same folder.

    Folders of earlier days are removed. `name` is the folder's name, also in errors. Raises DataError for too many files or
    bytes, with the limits of a zip, and for files that cannot be read or written.
    """
    check_count(len(files), name)
    try:
        check_total(sum(file.path.stat().st_size for file in files), name)
        _remove_old(store)
        digest = hashlib.sha256("\0".join(f"{file.name}\0{file.path}" for file in files).encode(errors="replace"))
        target = store / digest.hexdigest()[:32] / _inside(name).name
        taken: set[str] = set()
        for file in files:
            place = target / _free(_inside(file.name), taken)
            place.parent.mkdir(parents=True, exist_ok=True)
            _link(file.path, place)
    except OSError as error:
        raise DataError("dataset_not_written", path=str(store), reason=error.strerror or str(error)) from error
    return target


def _inside(name: str) -> PurePosixPath:
    """Return an untrusted file name as a path that stays inside a folder."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or not is_inside(name, parts):
        parts = [part.replace(":", "") for part in parts[-1:] if part != ".."] or ["picture"]
    *folders, last = (part.replace("\0", "") or "_" for part in parts)
    stem, dot, ending = last.rpartition(".")
    short = f"{shorten(stem, LONGEST_PART)}{dot}{ending}" if dot and len(ending) <= 8 else shorten(last, LONGEST_PART)
    return PurePosixPath(*(shorten(folder, LONGEST_PART) for folder in folders), short)


def _free(path: PurePosixPath, taken: set[str]) -> PurePosixPath:
    """Return a path that no other file has, even on systems that ignore case: cats (2).png if Cats.png is taken."""
    free, count = path, 1
    while str(free).casefold() in taken:
        count += 1
        free = path.with_name(f"{path.stem} ({count}){path.suffix}")
    taken.add(str(free).casefold())
    return free


def _link(source: Path, place: Path) -> None:
    if place.exists():
        return
    try:
        os.link(source, place)
    except OSError:  # raised between two disks, and on systems without links
        shutil.copy2(source, place)


def _remove_old(store: Path) -> None:
    if store.is_dir():
        for folder in store.iterdir():
            if folder.stat().st_mtime < time.time() - UPLOADS_KEPT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
