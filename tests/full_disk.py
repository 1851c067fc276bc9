"""A disk that fills up: below a folder, the system refuses to create files and folders after a given number of them.

A real full file system needs a mount, for which tests seldom have the rights. Instead, a hook on the interpreter's audit events
raises the error of a full disk before the file is touched, for the operations that fail on a full disk: creating a file or
folder, emptying a file, appending.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Disk:
    """The counted and refused operations. `folder` is None while nothing is refused."""

    def __init__(self) -> None:
        self.folder: str | None = None
        self.room = 0
        self.refused = 0
        self.watched = False

    def watch(self, event: str, values: tuple[Any, ...]) -> None:
        """The audit hook. A process cannot remove it."""
        if self.folder is None or event not in ("open", "os.mkdir") or not isinstance(values[0], str | bytes | os.PathLike):
            return
        path = str(Path(os.fsdecode(values[0])).absolute())
        if not path.startswith(self.folder) or (event == "open" and not needs_room(path, values[2])):
            return
        self.room -= 1
        if self.room < 0:
            self.refused += 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)


def needs_room(path: str, flags: int) -> bool:
    """Return whether opening a file needs room; existing locks need none."""
    return bool(flags & (os.O_TRUNC | os.O_APPEND)) or (bool(flags & os.O_CREAT) and not Path(path).exists())


DISK = Disk()


@contextmanager
def full_after(count: int, folder: Path) -> Iterator[Disk]:
    """Make the folder's disk full after `count` more files and folders, and yield the count of refusals."""
    if not DISK.watched:
        sys.addaudithook(DISK.watch)
        DISK.watched = True
    DISK.folder, DISK.room, DISK.refused = str(folder.absolute()), count, 0
    try:
        yield DISK
    finally:
        DISK.folder = None
