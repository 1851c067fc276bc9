"""A folder of pictures on this machine, read as a zip of it would be. Links out of the folder are followed only within the Hub's
cache.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gan.data.formats import check_start
from gan.data.report import Unusable
from gan.data.sources.base import (
    CHUNK_BYTES,
    LITTER_FOLDERS,
    MAX_MEMBER_BYTES,
    Budget,
    Listing,
    Member,
    add,
    check_count,
    check_total,
)
from gan.errors import DataError
from gan.files import cached_target
from gan.words import printable


class Folder:
    """An opened folder. It is listed once, so that all files are counted before the first is read."""

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self.listing = Listing()
        self._budget = Budget(name)
        self._digest = hashlib.sha256(b"folder")
        total = 0
        for count, (path, parts, status) in enumerate(_walk(root, name), 1):
            check_count(count, name)
            if isinstance(status, Unusable):
                self.listing.skipped.append(status.skip(printable("/".join(parts))))
                continue
            total += status.st_size
            check_total(total, name)
            self._digest.update(f"{'/'.join(parts)}\0{status.st_size}\0{status.st_mtime_ns}\0".encode(errors="surrogateescape"))
            add(self.listing, parts, status.st_size, path)
        self.listing.sort()

    def digest(self) -> bytes:
        """Return a hash of the files' names, sizes and times. Reading all files would take as long as preparing them."""
        return self._digest.digest()

    def read(self, member: Member, *, label: bool = False) -> bytes:
        """Return a file's content. Raises Unusable, and DataError once the folder has exceeded its total size."""
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        try:
            with os.fdopen(os.open(member.handle, flags), "rb") as file:
                content = bytearray(file.read(16))
                if not label:
                    check_start(bytes(content), member.name)
                while chunk := file.read(CHUNK_BYTES):
                    content += chunk
                    if len(content) > MAX_MEMBER_BYTES:  # the actual length: the file may have grown since it was listed
                        raise Unusable("skip_too_large", limit=MAX_MEMBER_BYTES >> 20)
        except OSError as error:
            raise Unusable("skip_unreadable", reason=error.strerror or str(error)) from error
        self._budget.spend(len(content))
        return bytes(content)


class FolderSource:
    """A folder on this machine as a source of pictures."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        self._path = path
        self.name = self.stem = name or path.resolve().name or "folder"

    def digest(self) -> bytes:
        """Return a hash of the files' names, sizes and times."""
        return self._listed().digest()

    @contextmanager
    def open(self) -> Iterator[Folder]:
        """List the folder and check it as a whole. Raises DataError."""
        yield self._listed()

    def _listed(self) -> Folder:
        return Folder(self._path, self.name)


def _walk(root: Path, name: str) -> Iterator[tuple[Path, tuple[str, ...], os.stat_result | Unusable]]:
    """Yield the files below a folder, sorted by name: their location, the parts of their path, and their status, or the reason
    why they cannot be used. Folders that cannot be listed come last. Raises DataError if the outermost folder cannot be listed.

    A link to a file in the folder, or in the Hub's cache, is followed. A link to a folder is not, since it may form a loop.
    """

    unlisted: list[OSError] = []
    home = root.resolve()
    for place, folders, files in os.walk(root, onerror=unlisted.append):
        folders.sort()
        parts = Path(place).relative_to(root).parts
        for folder in [each for each in folders if Path(place, each).is_symlink()]:
            yield Path(place, folder), (*parts, folder), Unusable("skip_link")
        folders[:] = [each for each in folders if not _is_left_out(Path(place, each))]
        for file in sorted(files):
            path = Path(place, file)
            location, status = _followed(path, home)
            yield location, (*parts, file), status
    for error in unlisted:
        reason = error.strerror or str(error)
        parts = Path(error.filename).relative_to(root).parts
        if not parts:
            raise DataError("zip_unreadable", path=name, reason=reason) from error
        yield Path(error.filename), parts, Unusable("skip_unreadable", reason=reason)


def _followed(path: Path, home: Path) -> tuple[Path, os.stat_result | Unusable]:
    """Return a file's location and status, those of its target if it is a link, or the reason why it cannot be used."""
    target: Path | None = path
    try:
        if path.is_symlink():
            inside = path.resolve()
            target = inside if inside.is_relative_to(home) else cached_target(path)
        if target is not None and stat.S_ISREG((status := target.stat()).st_mode):
            return target, status
    except PermissionError as error:  # its folder can be listed, but not entered
        return path, Unusable("skip_unreadable", reason=error.strerror or str(error))
    except (OSError, RuntimeError):  # the file has been removed meanwhile, or the link has no target, or leads to itself
        return path, Unusable("skip_link")
    return path, Unusable("skip_link")


def _is_left_out(folder: Path) -> bool:
    return (
        folder.is_symlink()
        or folder.name in LITTER_FOLDERS
        or (folder.name.startswith(".") and folder.name in (".git", ".cache"))
    )
