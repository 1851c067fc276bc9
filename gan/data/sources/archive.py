"""A zip of unknown origin: its listing, checked against fixed bounds, and its files, read one by one and never extracted."""

import hashlib
import io
import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gan.data.formats import check_start
from gan.data.report import Unusable
from gan.data.sources.base import (
    CHUNK_BYTES,
    MAX_MEMBER_BYTES,
    MAX_MEMBERS,
    Budget,
    Listing,
    Member,
    add,
    check_count,
    check_total,
    is_inside,
    is_litter,
)
from gan.data.sources.names import decode_names, name_from_field
from gan.errors import DataError
from gan.words import printable

MAX_INDEX_BYTES = 64 << 20  # the central directory: about 300 bytes for each of MAX_MEMBERS
MAX_RATIO = 100  # ratio of unpacked to packed size of the whole; pictures are already compressed, so their ratio is near 1
RATIO_FROM_BYTES = 32 << 20  # smaller zips are harmless at any ratio

# bzip2 and lzma are left out: Python unpacks them without limiting the size of the result, and a lzma header can request up to 4
# GB.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
FLAGS_ENCRYPTED = 0x1 | 0x40 | 0x2000
FLAG_UTF8 = 0x800
INDEX_ENTRY = b"PK\x01\x02"
LOCAL_HEADER = b"PK\x03\x04"
INDEX_ENTRY_BYTES = 46  # the least size of an entry
INDEX_END = b"PK\x05\x06"
MAX_INDEX_END_BYTES = 22 + (1 << 16)  # with the longest comment
LOCAL_HEADER_BYTES = 30  # the least size of a header


class _IndexGuard(io.BufferedReader):
    """A file that raises an error in place of a central directory that is too large, whichever record `zipfile` uses to find it.

    `zipfile` reads the directory in one piece and then makes an object for each entry; a million entries would take seconds and
    much memory.
    """

    repairs_names = False  # whether to clear the flags that declare UTF-8, because one such name is not UTF-8

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_INDEX_BYTES:
            name = Path(str(self.name)).name
            raise DataError("zip_index_too_large", path=name, found=size >> 20, limit=MAX_INDEX_BYTES >> 20)
        content = super().read(size)
        if self.repairs_names:
            content = _without_flags(content)
        if len(content) > MAX_MEMBERS * INDEX_ENTRY_BYTES:
            check_count(content.count(INDEX_ENTRY), Path(str(self.name)).name)
        return content


def _without_flags(headers: bytes) -> bytes:
    """Return a central directory or a local header with its UTF-8 flags cleared; `_paths_of` determines which names are UTF-8."""
    mended = bytearray(headers)
    if len(mended) == LOCAL_HEADER_BYTES and mended.startswith(LOCAL_HEADER):
        mended[7] &= ~(FLAG_UTF8 >> 8) & 0xFF
    at = 0
    while mended[at : at + 4] == INDEX_ENTRY and at + INDEX_ENTRY_BYTES <= len(mended):
        mended[at + 9] &= ~(FLAG_UTF8 >> 8) & 0xFF
        at += INDEX_ENTRY_BYTES + sum(struct.unpack_from("<HHH", mended, at + 28))
    return bytes(mended)


class Archive:
    """A zip that has been opened."""

    def __init__(self, opened: zipfile.ZipFile, name: str, packed_bytes: int) -> None:
        self._zip = opened
        self._budget = Budget(name)
        self.name = name
        self.listing = Listing()
        infos = opened.infolist()
        _check_whole(infos, name, packed_bytes)
        paths = _paths_of(infos)
        _check_overlaps(infos, paths, name)
        for info, path in sorted(zip(infos, paths, strict=True), key=lambda each: (each[1], each[0].header_offset)):
            parts = tuple(part for part in path.split("/") if part not in ("", "."))
            try:
                if not is_inside(path, parts):
                    raise Unusable("skip_name")
                if parts and not path.endswith("/") and not is_litter(parts):
                    _check_entry(info)
                    add(self.listing, parts, info.file_size, info)
            except Unusable as reason:
                self.listing.skipped.append(reason.skip(printable(path)))
        self.listing.sort()

    def read(self, member: Member, *, label: bool = False) -> bytes:
        """Return a member's content. Raises Unusable, and DataError once the zip has exceeded its total size."""
        try:
            with self._zip.open(member.handle) as stream:
                # a small member is read in one go, a large one after its start was checked
                content = bytearray(stream.read(CHUNK_BYTES if member.handle.file_size <= CHUNK_BYTES else 16))
                if not label:
                    check_start(bytes(content[:16]), member.name)
                while chunk := stream.read(CHUNK_BYTES):
                    content += chunk
                    if len(content) > MAX_MEMBER_BYTES:  # the actual length: the directory's size may be wrong
                        raise Unusable("skip_too_large", limit=MAX_MEMBER_BYTES >> 20)
        except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError) as error:
            raise Unusable("skip_damaged") from error
        self._budget.spend(len(content))
        return bytes(content)


class ZipSource:
    """A zip file as a source of pictures."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name, self.stem = path.name, path.stem

    def digest(self) -> bytes:
        """Return the sha256 of the zip itself."""
        with _open_raw(self._path) as file:
            try:
                return hashlib.file_digest(file, "sha256").digest()
            except OSError as error:
                raise _unreadable(self._path, error) from error

    @contextmanager
    def open(self) -> Iterator[Archive]:
        """Open the zip and check it as a whole. Raises DataError."""
        with _IndexGuard(_open_raw(self._path)) as file:
            yield Archive(_parse(file, self._path), self.name, os.fstat(file.fileno()).st_size)


def _open_raw(path: Path) -> io.FileIO:
    try:
        if not path.is_file():  # a pipe is not a file: reading one might block forever
            raise DataError("zip_missing", path=str(path))
        return io.FileIO(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError("zip_unreadable", path=path.name, reason=error.strerror or str(error))


def _parse(file: _IndexGuard, path: Path) -> zipfile.ZipFile:
    try:
        if not zipfile.is_zipfile(file):
            raise DataError("zip_foreign", path=path.name)
        if _is_split(file):
            raise DataError("zip_split", path=path.name)
        try:
            return zipfile.ZipFile(file)
        except UnicodeDecodeError:  # a name is declared as UTF-8 and is not; `zipfile` would refuse the whole zip
            file.repairs_names = True
            return zipfile.ZipFile(file)
    except OSError as error:
        raise _unreadable(path, error) from error
    except (zipfile.BadZipFile, struct.error, NotImplementedError, OverflowError, ValueError) as error:
        raise DataError("zip_damaged", path=path.name, reason=printable(str(error))[:100]) from error


def _is_split(file: _IndexGuard) -> bool:
    """Return whether a zip continues in other files (.z01, .z02, …). The end of its index holds the number of this part; 0xFFFF
    refers to a record for large zips.
    """
    file.seek(max(0, os.fstat(file.fileno()).st_size - MAX_INDEX_END_BYTES))
    end = file.read()
    at = end.rfind(INDEX_END)
    return int.from_bytes(end[at + 4 : at + 6], "little") not in (0, 0xFFFF)


def _check_whole(infos: list[zipfile.ZipInfo], name: str, packed_bytes: int) -> None:
    check_count(len(infos), name)
    total = sum(info.file_size for info in infos)
    check_total(total, name)
    if total > RATIO_FROM_BYTES and total > MAX_RATIO * packed_bytes:
        raise DataError("zip_bomb", path=name, found=total // packed_bytes, limit=MAX_RATIO)


def _check_overlaps(infos: list[zipfile.ZipInfo], paths: list[str], name: str) -> None:
    """Refuse members that share bytes, with which a small zip can hold the same bomb many times (CVE-2024-0450)."""
    previous: tuple[zipfile.ZipInfo, str] | None = None
    for info, path in sorted(zip(infos, paths, strict=True), key=lambda each: each[0].header_offset):
        if previous is not None:
            before, path_before = previous
            if info.header_offset < before.header_offset + LOCAL_HEADER_BYTES + before.compress_size:
                first, second = (printable(each)[:100] for each in (path_before, path))
                raise DataError("zip_overlapping", path=name, first=first, second=second)
        previous = info, path


def _paths_of(infos: list[zipfile.ZipInfo]) -> list[str]:
    """Return the members' paths with forward slashes and composed letters, in order.

    A name is taken from its Unicode path field, else decoded as UTF-8 where its flag is set. `zipfile` decodes the other names by
    code page 437, which loses nothing; their encoding is guessed from all of them together. A backslash is a separator only after
    decoding: in Shift-JIS, GBK and Big5 its byte is also the second half of letters.
    """
    named: list[str | None] = []
    undeclared: list[bytes] = []
    for info in infos:
        raw = info.orig_filename.encode("utf-8" if info.flag_bits & FLAG_UTF8 else "cp437", errors="replace")
        found = name_from_field(info.extra, raw)
        if found is None and (info.flag_bits & FLAG_UTF8 or raw.isascii()):
            found = info.orig_filename
        if found is None:
            undeclared.append(raw)
        named.append(found)
    guessed = iter(decode_names(undeclared))
    paths = (next(guessed) if name is None else name for name in named)
    return [unicodedata.normalize("NFC", path.replace("\\", "/")) for path in paths]


def _check_entry(info: zipfile.ZipInfo) -> None:
    """Raise Unusable for a member that the directory alone rules out. The upper half of `external_attr` is the Unix mode, if
    there is one.
    """
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.flag_bits & FLAGS_ENCRYPTED:
        raise Unusable("skip_encrypted")
    if kind not in (0, stat.S_IFREG):
        raise Unusable("skip_link")
    if info.compress_type not in METHODS:
        raise Unusable("skip_compression")
