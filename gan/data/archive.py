"""A zip from a stranger: what it lists, checked against fixed bounds; its files, read one by one and never extracted."""

import hashlib
import io
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gan.data.report import Skipped, Unusable
from gan.errors import DataError

MAX_MEMBERS = 200_000
MAX_INDEX_BYTES = 64 << 20  # the central directory: about 300 bytes for each of MAX_MEMBERS
MAX_MEMBER_BYTES = 64 << 20
MAX_TOTAL_BYTES = 64 << 30
MAX_RATIO = 100  # unpacked to packed, of the whole; pictures are compressed already, so theirs is near 1
RATIO_FROM_BYTES = 32 << 20  # below this a zip harms nobody, whatever its ratio
CHUNK_BYTES = 1 << 20

# bzip2 and lzma are left out: Python unpacks them without a bound on what 4 kB may become, and a lzma header asks for up to 4 GB.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
FLAGS_ENCRYPTED = 0x1 | 0x40 | 0x2000
FLAG_UTF8 = 0x800
INDEX_ENTRY = b"PK\x01\x02"
INDEX_ENTRY_BYTES = 46  # at least
LOCAL_HEADER_BYTES = 30  # at least

LITTER = {"thumbs.db", "desktop.ini", "icon\r"}
ARCHIVES = {".7z", ".bz2", ".cab", ".gz", ".iso", ".jar", ".lz", ".lzma", ".rar", ".tar", ".tgz", ".xz", ".zip", ".zst"}
PICTURE_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")  # and WebP, a RIFF file
OTHER_STARTS = {
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"8BPS": "PSD",
    b"%PDF": "PDF",
    b"<svg": "SVG",
    b"\x00\x00\x01\x00": "ICO",
}
ARCHIVE_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xfd7zXZ", b"BZh", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the zip that may be a picture."""

    name: str
    folders: tuple[str, ...]
    info: zipfile.ZipInfo


class _IndexGuard(io.BufferedReader):
    """A file that refuses to hand out a central directory that is too large, whichever record `zipfile` finds it by.

    `zipfile` reads the directory in one piece and then makes an object an entry: a million of them would take seconds and much
    memory.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        name = Path(str(self.name)).name
        if size is not None and size > MAX_INDEX_BYTES:
            raise DataError("zip_index_too_large", path=name, found=size >> 20, limit=MAX_INDEX_BYTES >> 20)
        content = super().read(size)
        if len(content) > MAX_MEMBERS * INDEX_ENTRY_BYTES:
            _check_count(content.count(INDEX_ENTRY), name)
        return content


class Archive:
    """An opened zip: `members` may be pictures, sorted by name; `skipped` are certainly none. System litter is in neither."""

    def __init__(self, opened: zipfile.ZipFile, name: str, packed_bytes: int) -> None:
        self._zip = opened
        self._bytes_read = 0
        self.name = name
        infos = opened.infolist()
        _check_whole(infos, name, packed_bytes)
        _check_overlaps(infos, name)
        self.members: list[Member] = []
        self.skipped: list[Skipped] = []
        for info in infos:
            path = _path_of(info)
            parts = tuple(part for part in path.split("/") if part not in ("", "."))
            try:
                _check_name(path, parts)
                if parts and not path.endswith("/") and not _is_litter(parts):
                    _check_entry(info, parts[-1])
                    self.members.append(Member("/".join(parts), parts[:-1], info))
            except Unusable as reason:
                self.skipped.append(reason.skip(printable(path)))
        self.members.sort(key=lambda member: (member.name, member.info.header_offset))

    def read(self, member: Member) -> bytes:
        """A member's content, where it starts like a picture. Raises Unusable, and DataError when the zip has given too much."""
        try:
            with self._zip.open(member.info) as stream:
                content = bytearray(stream.read(16))
                _check_start(bytes(content))
                while chunk := stream.read(CHUNK_BYTES):
                    content += chunk
                    if len(content) > MAX_MEMBER_BYTES:  # counted: the size in the directory is only a claim
                        raise Unusable("skip_too_large", limit=MAX_MEMBER_BYTES >> 20)
        except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError) as error:
            raise Unusable("skip_damaged") from error
        self._bytes_read += len(content)
        if self._bytes_read > MAX_TOTAL_BYTES:
            raise _too_large(self.name, self._bytes_read)
        return bytes(content)


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a zip and check it as a whole. Raises DataError."""
    with _IndexGuard(_open_raw(path)) as file:
        yield Archive(_parse(file, path), path.name, os.fstat(file.fileno()).st_size)


def digest(path: Path) -> bytes:
    """The sha256 of the zip itself. Raises DataError."""
    with _open_raw(path) as file:
        try:
            return hashlib.file_digest(file, "sha256").digest()
        except OSError as error:
            raise _unreadable(path, error) from error


def _open_raw(path: Path) -> io.FileIO:
    try:
        if not path.is_file():  # a pipe is no file either: reading one might wait for ever
            raise DataError("zip_missing", path=str(path))
        return io.FileIO(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError("zip_unreadable", path=path.name, reason=error.strerror or str(error))


def printable(name: str) -> str:
    """A stranger's name, fit for a screen and a terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)


def _parse(file: _IndexGuard, path: Path) -> zipfile.ZipFile:
    try:
        if not zipfile.is_zipfile(file):
            raise DataError("zip_foreign", path=path.name)
        return zipfile.ZipFile(file)
    except OSError as error:
        raise _unreadable(path, error) from error
    except (zipfile.BadZipFile, struct.error, NotImplementedError, OverflowError, ValueError) as error:
        raise DataError("zip_damaged", path=path.name, reason=printable(str(error))[:100]) from error


def _check_count(count: int, name: str) -> None:
    if count > MAX_MEMBERS:
        raise DataError("zip_too_many", path=name, found=count, limit=MAX_MEMBERS)


def _check_whole(infos: list[zipfile.ZipInfo], name: str, packed_bytes: int) -> None:
    _check_count(len(infos), name)
    total = sum(info.file_size for info in infos)
    if total > MAX_TOTAL_BYTES:
        raise _too_large(name, total)
    if total > RATIO_FROM_BYTES and total > MAX_RATIO * packed_bytes:
        raise DataError("zip_bomb", path=name, found=total // packed_bytes, limit=MAX_RATIO)


def _too_large(name: str, total: int) -> DataError:
    return DataError("zip_too_large", path=name, found=total >> 30, limit=MAX_TOTAL_BYTES >> 30)


def _check_overlaps(infos: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse members that share bytes, by which a small zip holds the same bomb many times (CVE-2024-0450)."""
    previous: zipfile.ZipInfo | None = None
    for info in sorted(infos, key=lambda info: info.header_offset):
        if previous is not None and info.header_offset < previous.header_offset + LOCAL_HEADER_BYTES + previous.compress_size:
            first, second = (printable(_path_of(each))[:100] for each in (previous, info))
            raise DataError("zip_overlapping", path=name, first=first, second=second)
        previous = info


def _path_of(info: zipfile.ZipInfo) -> str:
    """The member's path with forward slashes and composed letters.

    Where the zip does not say UTF-8, macOS writes it nevertheless: the code page 437 holds only if the bytes are no UTF-8.
    """
    path = info.orig_filename
    if not info.flag_bits & FLAG_UTF8:
        try:
            path = path.encode("cp437").decode("utf-8")
        except UnicodeError:
            path = info.orig_filename
    return unicodedata.normalize("NFC", path.replace("\\", "/"))


def _check_name(path: str, parts: tuple[str, ...]) -> None:
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in parts:
        raise Unusable("skip_name")


def _is_litter(parts: tuple[str, ...]) -> bool:
    """What systems leave in folders: nobody put it there or wants to hear of it."""
    return "__MACOSX" in parts or any(part.startswith(".") for part in parts) or parts[-1].lower() in LITTER


def _check_entry(info: zipfile.ZipInfo, name: str) -> None:
    """What the directory alone says against a member. The upper half of `external_attr` is the Unix mode, where there is one."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.flag_bits & FLAGS_ENCRYPTED:
        raise Unusable("skip_encrypted")
    if kind not in (0, stat.S_IFREG):
        raise Unusable("skip_link")
    if Path(name).suffix.lower() in ARCHIVES:
        raise Unusable("skip_archive")
    if info.compress_type not in METHODS:
        raise Unusable("skip_compression")
    if info.file_size > MAX_MEMBER_BYTES:
        raise Unusable("skip_too_large", limit=MAX_MEMBER_BYTES >> 20)
    if info.file_size == 0:
        raise Unusable("skip_empty")


def _check_start(start: bytes) -> None:
    """What the first bytes say: names and their endings are not to be relied on."""
    if start.startswith(PICTURE_STARTS) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP"):
        return
    if start.startswith(ARCHIVE_STARTS):
        raise Unusable("skip_archive")
    if start[4:8] == b"ftyp" and start[8:12] in (b"heic", b"heix", b"mif1", b"avif"):
        raise Unusable("skip_format", format="AVIF" if start[8:12] == b"avif" else "HEIC")
    for known, name in OTHER_STARTS.items():
        if start.startswith(known):
            raise Unusable("skip_format", format=name)
    raise Unusable("skip_no_picture")
