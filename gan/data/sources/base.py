"""The interface of a source of pictures: files that are listed, checked by name, and read one by one within bounds."""

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from gan.data.report import Skipped, Unusable
from gan.errors import DataError
from gan.words import printable

MAX_MEMBERS = 200_000
MAX_MEMBER_BYTES = 64 << 20
MAX_TOTAL_BYTES = 64 << 30
CHUNK_BYTES = 1 << 20

LABEL_FILES = ("dataset.json", "metadata.csv", "metadata.jsonl")  # the first file found in this order is used
LITTER = {"thumbs.db", "desktop.ini", "icon\r", ".ds_store", ".directory", ".localized", "ehthumbs.db"}
LITTER_FOLDERS = {"__MACOSX", "$RECYCLE.BIN", "System Volume Information"}
HIDDEN_FOLDERS = {"@eaDir", "#recycle", ".thumbnails"}  # a NAS or a viewer stores thumbnails and deleted files in these
ARCHIVES = {".7z", ".bz2", ".cab", ".gz", ".iso", ".jar", ".lz", ".lzma", ".rar", ".tar", ".tgz", ".xz", ".zip", ".zst"}


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a source; `handle` is the source's own reference to it."""

    name: str
    folders: tuple[str, ...]
    handle: Any


@dataclass
class Listing:
    """The files of a source: `members` may be pictures, `labels` state their classes, `skipped` cannot be used. Litter is not
    listed.
    """

    members: list[Member] = field(default_factory=list)
    labels: list[Member] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def sort(self) -> None:
        self.members.sort(key=lambda member: member.name)
        self.labels.sort(key=lambda member: (len(member.folders), LABEL_FILES.index(basename(member).lower()), member.name))


class Opened(Protocol):
    """A source that has been opened."""

    name: str  # name of the source in errors
    listing: Listing

    def read(self, member: Member, *, label: bool = False) -> bytes:
        """Return the content of a label file, or of a picture after checking its first bytes.

        Raises Unusable, and DataError once the source has exceeded its total size.
        """


class Source(Protocol):
    """The interface of a place that pictures come from. A new source is a file with such a class, and a line in SOURCES."""

    name: str  # name of the source in errors
    stem: str  # name of the dataset made from it

    def digest(self) -> bytes:
        """Return a hash that changes with anything that the prepared pictures depend on. Raises DataError."""

    def open(self) -> AbstractContextManager[Opened]:
        """Open the source, listed and checked as a whole. Raises DataError."""


class Budget:
    """Counts the bytes actually read from a source, whose listing may be wrong."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bytes = 0

    def spend(self, count: int) -> None:
        self._bytes += count
        if self._bytes > MAX_TOTAL_BYTES:
            raise too_large(self._name, self._bytes)


def basename(member: Member) -> str:
    """Return a file's name without its folders."""
    return member.name.rpartition("/")[2]


def ending(name: str) -> str:
    """Return a file name's ending, with its dot, in lower case."""
    return name[name.rfind(".") :].lower() if "." in name else ""


def is_inside(path: str, parts: Iterable[str]) -> bool:
    """Return whether a name stays inside the source."""
    return not (path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in parts)


def is_litter(parts: tuple[str, ...]) -> bool:
    """Return whether an operating system or a program created this file without the user's intent; reports do not mention such
    files.
    """
    return not LITTER_FOLDERS.isdisjoint(parts) or parts[-1].lower() in LITTER or parts[-1].startswith("._")


def check_listed(parts: tuple[str, ...], size: int) -> None:
    """Check by its name and size whether a listed file can be used. Raises Unusable."""
    if any(part.startswith(".") or part in HIDDEN_FOLDERS for part in parts):
        raise Unusable("skip_hidden")
    if ending(parts[-1]) in ARCHIVES:
        raise Unusable("skip_archive")
    if size > MAX_MEMBER_BYTES:
        raise Unusable("skip_too_large", limit=MAX_MEMBER_BYTES >> 20)
    if size == 0:
        raise Unusable("skip_empty")


def add(listing: Listing, parts: tuple[str, ...], size: int, handle: Any) -> None:
    """Add a file to the matching part of the listing; litter is dropped."""
    if is_litter(parts):
        return
    name = "/".join(parts)
    try:
        check_listed(parts, size)
    except Unusable as reason:
        listing.skipped.append(reason.skip(printable(name)))
        return
    kept = listing.labels if parts[-1].lower() in LABEL_FILES else listing.members
    kept.append(Member(name, parts[:-1], handle))


def check_count(count: int, name: str) -> None:
    """Raise DataError if a source has too many files."""
    if count > MAX_MEMBERS:
        raise DataError("zip_too_many", path=name, found=count, limit=MAX_MEMBERS)


def check_total(total: int, name: str) -> None:
    """Raise DataError if a source has too many bytes."""
    if total > MAX_TOTAL_BYTES:
        raise too_large(name, total)


def too_large(name: str, total: int) -> DataError:
    """Return the error for a source with too many bytes."""
    return DataError("zip_too_large", path=name, found=total >> 30, limit=MAX_TOTAL_BYTES >> 30)
