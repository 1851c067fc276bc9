"""Writes pictures in bulk to a folder, or to a zip that is appended to and continues after an interruption."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from pydantic import ValidationError

from gan.bulk.order import BulkOrder
from gan.errors import CheckpointError, RunError
from gan.files import hold, replace, write_file

ORDER = "order.json"
MANIFEST = "manifest.jsonl"
Row = dict[str, Any]

LOCAL_HEADER = struct.Struct("<4s5H3I2H")  # APPNOTE.TXT 4.3.7
LOCAL_SIGNATURE = b"PK\x03\x04"
UTF8 = 0x800
MODE = 0o100644 << 16


class Target(Protocol):
    """Stores pictures under their names, and rows of the manifest once their pictures are stored."""

    rows: dict[int, Row]  # the rows of an earlier, interrupted attempt, by seed

    def read(self, name: str) -> bytes | None:
        """Return a stored file, complete or not; None where it is missing."""

    def has(self, name: str) -> bool: ...

    def add(self, name: str, content: bytes) -> None: ...

    def note(self, rows: list[Row]) -> None: ...

    def finish(self) -> None: ...


@contextmanager
def open_target(path: Path, order: BulkOrder, as_zip: bool) -> Iterator[Target | None]:
    """Open and lock the folder or zip to fill; yield None where a zip is finished already.

    Raises RunError where the path holds something else or another process fills it, and CheckpointError where the system cannot
    write.
    """
    lock = path.with_name(f".{path.name}.lock") if as_zip else path / ".lock"
    busy = False
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        with hold(lock, 0) as held:
            busy = not held
            if busy:
                raise RunError("bulk_busy", path=str(path))
            if not as_zip:
                with _folder(path, order) as folder:
                    yield folder
            elif path.exists():
                _check_finished(path, order)
                yield None
            else:
                with _zip(path, order) as target:
                    yield target
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(path), reason=error.strerror or str(error)) from error
    finally:
        if not busy:
            _remove_empty(lock)


def _remove_empty(lock: Path) -> None:
    """Remove a lock's file; one with content is not ours. It stays in a read-only folder, and where Windows says that another
    process has opened it: a free lock harms nobody.
    """
    with suppress(OSError):
        if lock.stat().st_size == 0:
            lock.unlink()


class _Journal:
    """The rows written so far, one JSON object a line, appended as pictures are stored. An incomplete last line is cut off."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows: dict[int, Row] = {}
        content, whole = path.read_bytes() if path.is_file() else b"", b""
        for line in content.splitlines(keepends=True):
            try:
                row = json.loads(line)
                self.rows[int(row["seed"])] = row
            except (ValueError, TypeError, KeyError):
                break
            if not line.endswith(b"\n"):
                break
            whole += line
        if whole != content or not content:
            path.write_bytes(whole)

    def note(self, rows: list[Row]) -> None:
        """Append rows to the journal."""
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


class _Folder(_Journal):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder / MANIFEST)
        self._folder = folder

    def has(self, name: str) -> bool:
        path = self._folder / name
        return path.is_file() and path.stat().st_size > 0

    def read(self, name: str) -> bytes | None:
        return (self._folder / name).read_bytes() if self.has(name) else None

    def add(self, name: str, content: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(exist_ok=True)
        write_file(path, content, durable=False)

    def finish(self) -> None:
        """Do nothing: a folder needs no last step."""


@contextmanager
def _folder(folder: Path, order: BulkOrder) -> Iterator[_Folder]:
    path = folder / ORDER
    if path.is_file():
        earlier = _parse_order(path.read_bytes())
        if earlier is None or not order.goes_on(earlier):
            raise RunError("bulk_other_order", path=str(folder))
    write_file(path, _order_json(order), durable=False)
    yield _Folder(folder)


class _Zip(_Journal):
    """An unfinished zip: members are written first, and the table of contents at the end."""

    def __init__(self, file: BinaryIO, journal: Path, members: list[zipfile.ZipInfo]) -> None:
        super().__init__(journal)
        self._file = file
        self._zip = zipfile.ZipFile(file, "w")  # starts writing at the file's current position
        for member in members:
            self._zip.filelist.append(member)
            self._zip.NameToInfo[member.filename] = member

    def has(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def read(self, name: str) -> bytes | None:
        member = self._zip.NameToInfo.get(name)
        if member is None:
            return None
        self._file.seek(member.header_offset + LOCAL_HEADER.size + len(member.filename.encode()))
        return self._file.read(member.file_size)

    def add(self, name: str, content: bytes) -> None:
        member = zipfile.ZipInfo(name)  # its date is fixed, so that the same order makes the same zip
        member.external_attr = MODE
        self._zip.writestr(member, content)

    def note(self, rows: list[Row]) -> None:
        self._file.flush()
        super().note(rows)

    def finish(self) -> None:
        self.add(MANIFEST, self._path.read_bytes())

    def close(self) -> None:
        """Write the table of contents, so that an unfinished zip can be opened too. A later attempt removes that table again."""
        self._zip.close()
        self._file.flush()


@contextmanager
def _zip(target: Path, order: BulkOrder) -> Iterator[_Zip]:
    unfinished, journal = (target.with_name(f".{target.name}.unfinished{ending}") for ending in ("", ".jsonl"))
    with unfinished.open("r+b" if unfinished.exists() else "w+b") as file:
        members = _recover(file, order)
        if not members:
            file.truncate(0)
            file.seek(0)
            journal.unlink(missing_ok=True)
        opened = _Zip(file, journal, members)
        if not members:
            opened.add(ORDER, _order_json(order))
        try:
            yield opened
        finally:
            opened.close()
        finished = opened.has(MANIFEST)
    if finished:
        replace(unfinished, target)
        journal.unlink(missing_ok=True)


def _recover(file: BinaryIO, order: BulkOrder) -> list[zipfile.ZipInfo]:
    """Return the complete members of an interrupted zip of the same order, and truncate the file after them. Return an empty list
    for another order.
    """
    members: list[zipfile.ZipInfo] = []
    end = 0
    while (member := _next_member(file)) is not None:
        info, content = member
        if not members:
            earlier = _parse_order(content) if info.filename == ORDER else None
            if earlier is None or not order.goes_on(earlier) or earlier.count != order.count:
                return []
        if info.filename == MANIFEST:  # the attempt was interrupted while it wrote the manifest, which comes last
            break
        members.append(info)
        end = file.tell()
    file.truncate(end)
    file.seek(end)
    return members


def _next_member(file: BinaryIO) -> tuple[zipfile.ZipInfo, bytes] | None:
    """Return the member that begins at the current position; None where it is incomplete."""
    offset = file.tell()
    head = file.read(LOCAL_HEADER.size)
    if len(head) < LOCAL_HEADER.size:
        return None
    signature, version, flags, method, time, date, checksum, packed, size, name_length, extra_length = LOCAL_HEADER.unpack(head)
    if (signature, method, packed, extra_length) != (LOCAL_SIGNATURE, zipfile.ZIP_STORED, size, 0) or flags & ~UTF8:
        return None
    name, content = file.read(name_length), file.read(size)
    if len(name) < name_length or len(content) < size or zlib.crc32(content) != checksum:
        return None
    when = ((date >> 9) + 1980, date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2)
    info = zipfile.ZipInfo(name.decode("utf-8", "replace"), when)
    info.extract_version, info.flag_bits, info.compress_type = version, flags, method
    info.CRC, info.compress_size, info.file_size, info.header_offset = checksum, size, size, offset
    info.external_attr = MODE
    return info, content


def _check_finished(target: Path, order: BulkOrder) -> None:
    """Raise RunError unless this zip is a result of the order."""
    try:
        with zipfile.ZipFile(target) as opened, opened.open(ORDER) as stream:
            earlier = _parse_order(stream.read(1 << 20))
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
        raise RunError("bulk_exists", path=str(target)) from error
    if earlier is None or not order.goes_on(earlier) or earlier.count != order.count:
        raise RunError("bulk_exists", path=str(target))


def _order_json(order: BulkOrder) -> bytes:
    return order.model_dump_json(by_alias=True, indent=2).encode() + b"\n"


def _parse_order(content: bytes) -> BulkOrder | None:
    try:
        return BulkOrder.model_validate_json(io.BytesIO(content).read())
    except ValidationError:
        return None
