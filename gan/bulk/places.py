"""Where pictures go in bulk: a folder, or a zip that is written piece by piece and goes on where it was cut off."""

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


class Place(Protocol):
    """Takes pictures under their names, and rows of the manifest once their pictures are there."""

    rows: dict[int, Row]  # what an earlier, cut-off attempt has listed, by seed

    def read(self, name: str) -> bytes | None:
        """A file that is there, whole or not."""

    def has(self, name: str) -> bool: ...

    def add(self, name: str, content: bytes) -> None: ...

    def note(self, rows: list[Row]) -> None: ...

    def finish(self) -> None: ...


@contextmanager
def open_place(target: Path, order: BulkOrder, as_zip: bool) -> Iterator[Place | None]:
    """The folder or the zip to fill, held against others; None where a zip is finished already.

    Raises RunError where it holds something else or is being filled by another process, CheckpointError for what the system
    refuses.
    """
    lock = target.with_name(f".{target.name}.lock") if as_zip else target / ".lock"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        with hold(lock, 0) as held:
            if not held:
                raise RunError("bulk_busy", path=str(target))
            if not as_zip:
                with _folder(target, order) as folder:
                    yield folder
            elif target.exists():
                _check_finished(target, order)
                yield None
            else:
                with _zip(target, order) as place:
                    yield place
        with suppress(PermissionError):  # on Windows, where somebody else has opened it meanwhile
            lock.unlink(missing_ok=True)
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(target), reason=error.strerror or str(error)) from error


class _Journal:
    """The rows so far, one JSON object a line, appended as pictures come; a torn last line is cut."""

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
        """Add rows."""
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
        """Everything lies where it belongs already."""


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
    """An unfinished zip: members one after the other, its table of contents missing until the end."""

    def __init__(self, file: BinaryIO, journal: Path, members: list[zipfile.ZipInfo]) -> None:
        super().__init__(journal)
        self._file = file
        self._zip = zipfile.ZipFile(file, "w")  # begins to write where the file stands
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
        member = zipfile.ZipInfo(name)  # of the same date always: the same order makes the same zip
        member.external_attr = MODE
        self._zip.writestr(member, content)

    def note(self, rows: list[Row]) -> None:
        self._file.flush()
        super().note(rows)

    def finish(self) -> None:
        self.add(MANIFEST, self._path.read_bytes())

    def close(self) -> None:
        """Write the table of contents; an unfinished zip can be opened with it too, and is cut before it when it goes on."""
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
        place = _Zip(file, journal, members)
        if not members:
            place.add(ORDER, _order_json(order))
        try:
            yield place
        finally:
            place.close()
        finished = place.has(MANIFEST)
    if finished:
        replace(unfinished, target)
        journal.unlink(missing_ok=True)


def _recover(file: BinaryIO, order: BulkOrder) -> list[zipfile.ZipInfo]:
    """The members that a cut-off zip of the same order holds whole; the file is cut behind them. None of another order."""
    members: list[zipfile.ZipInfo] = []
    end = 0
    while (member := _next_member(file)) is not None:
        info, content = member
        if not members:
            earlier = _parse_order(content) if info.filename == ORDER else None
            if earlier is None or not order.goes_on(earlier) or earlier.count != order.count:
                return []
        if info.filename == MANIFEST:  # it was cut off at the very end
            break
        members.append(info)
        end = file.tell()
    file.truncate(end)
    file.seek(end)
    return members


def _next_member(file: BinaryIO) -> tuple[zipfile.ZipInfo, bytes] | None:
    """The member that begins here, or None where what follows is not whole."""
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
    """Raise RunError unless this zip is what the order makes."""
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
