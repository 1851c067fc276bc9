"""What a source of pictures is: files that are listed, checked by name, and read one by one within bounds."""

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

LABEL_FILES = ("dataset.json", "metadata.csv", "metadata.jsonl")  # in this order
LITTER = {"thumbs.db", "desktop.ini", "icon\r", ".ds_store", ".directory", ".localized", "ehthumbs.db"}
LITTER_FOLDERS = {"__MACOSX", "$RECYCLE.BIN", "System Volume Information"}
HIDDEN_FOLDERS = {"@eaDir", "#recycle", ".thumbnails"}  # thumbnails and waste that a NAS or a viewer keeps beside pictures
ARCHIVES = {".7z", ".bz2", ".cab", ".gz", ".iso", ".jar", ".lz", ".lzma", ".rar", ".tar", ".tgz", ".xz", ".zip", ".zst"}


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a source; `handle` is the source's own way to it."""

    name: str
    folders: tuple[str, ...]
    handle: Any


@dataclass
class Listing:
    """What a source holds: `members` may be pictures, `labels` say their classes, `skipped` are of no use. Litter is in none."""

    members: list[Member] = field(default_factory=list)
    labels: list[Member] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def sort(self) -> None:
        self.members.sort(key=lambda member: member.name)
        self.labels.sort(key=lambda member: (len(member.folders), LABEL_FILES.index(basename(member).lower()), member.name))


class Opened(Protocol):
    """An opened source."""

    name: str  # what errors call it
    listing: Listing

    def read(self, member: Member, *, label: bool = False) -> bytes:
        """The content of a picture, which must begin like one, or of a label file.

        Raises Unusable, and DataError when the source has given too much in all.
        """


class Source(Protocol):
    """Where pictures come from. A new source is a file with such a class, and a line of SOURCES."""

    name: str  # what errors call it
    stem: str  # what the dataset is called

    def digest(self) -> bytes:
        """Changes with anything that the prepared pictures depend on. Raises DataError."""

    def open(self) -> AbstractContextManager[Opened]:
        """The source, listed and checked as a whole. Raises DataError."""


class Budget:
    """Counts the bytes that a source has given, which its listing only claims."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bytes = 0

    def spend(self, count: int) -> None:
        self._bytes += count
        if self._bytes > MAX_TOTAL_BYTES:
            raise too_large(self._name, self._bytes)


def basename(member: Member) -> str:
    """A file's name without its folders."""
    return member.name.rpartition("/")[2]


def ending(name: str) -> str:
    """A file name's ending, in small letters, with its dot."""
    return name[name.rfind(".") :].lower() if "." in name else ""


def is_inside(path: str, parts: Iterable[str]) -> bool:
    """Whether a name leads nowhere but into the source."""
    return not (path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in parts)


def is_litter(parts: tuple[str, ...]) -> bool:
    """What systems leave in folders: no person put it there or needs to read about it."""
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
    """List a file where it belongs. Litter is passed over."""
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
    """Raises DataError for more files than are read."""
    if count > MAX_MEMBERS:
        raise DataError("zip_too_many", path=name, found=count, limit=MAX_MEMBERS)


def check_total(total: int, name: str) -> None:
    """Raises DataError for more bytes than are read."""
    if total > MAX_TOTAL_BYTES:
        raise too_large(name, total)


def too_large(name: str, total: int) -> DataError:
    """The error for more bytes than are read."""
    return DataError("zip_too_large", path=name, found=total >> 30, limit=MAX_TOTAL_BYTES >> 30)
