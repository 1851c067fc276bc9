"""Reliable files: replaced in one step, read within bounds, locked while a process lives."""

import errno
import functools
import hashlib
import json
import os
import secrets
import stat
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from gan.errors import CheckpointError, DataError, RunError
from gan.words import shorten as shorten

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

MAX_JSON_BYTES = 1 << 20
CHUNK_BYTES = 1 << 20

# Writing


def replace(source: Path, target: Path) -> None:
    """Replace `target` as `os.replace` does. Windows refuses this while another program reads the target, so on Windows it is
    retried for two seconds.
    """
    deadline = time.monotonic() + 2
    while True:
        try:
            source.replace(target)
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def sync_folder(folder: Path) -> None:
    """Write the names in a folder to the disk, so that they survive a power cut, on systems that support it."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def stage(path: Path, content: bytes, *, durable: bool) -> Path:
    """Write `content` under a temporary name in the folder of `path`, and return the temporary path."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def write_file(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace a file in one step: readers find either the old or the new content. With `durable` this holds even after a power
    cut.

    Raises CheckpointError where the system cannot write.
    """
    try:
        temporary = stage(path, content, durable=durable)
        try:
            replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        if durable:
            sync_folder(path.parent)
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(path), reason=error.strerror or str(error)) from error


# Reading

_with_links: set[Path] = set()  # folders in which links are followed


def follow_links(folder: Path) -> None:
    """Follow links to the files of this folder from now on: the user named the folder, so its links are the user's own."""
    _with_links.add(folder.resolve())


def cached_target(path: Path) -> Path | None:
    """Return the target of a link in the Hub's cache: REPO/snapshots/COMMIT/… may point into REPO/blobs only."""
    for folder in path.absolute().parents:
        if folder.parent.name == "snapshots":
            target, blobs = path.resolve(), (folder.parent.parent / "blobs").resolve()
            return target if target.parent == blobs else None
    return None


@contextmanager
def open_plain(path: Path) -> Iterator[BinaryIO]:
    """Open a plain file for reading. Folders and pipes are refused, since opening a pipe would block.

    A link is refused too, unless it is in the Hub's cache or in a folder that the user named. Raises CheckpointError for errors
    of the system, when opening the file and inside the block.
    """
    if path.is_symlink():
        path = cached_target(path) or path
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if _with_links and path.parent.resolve() in _with_links:
        path = path.resolve()
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise CheckpointError("file_not_plain", path=str(path))
        with os.fdopen(os.open(path, flags), "rb") as file:
            yield file
    except FileNotFoundError as error:
        raise CheckpointError("file_missing", path=str(path)) from error
    except OSError as error:
        raise CheckpointError("file_unreadable", path=str(path), reason=error.strerror or str(error)) from error


def read_file(path: Path, limit: int) -> bytes:
    """Return a plain file's content, at most `limit` bytes. Raises CheckpointError."""
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(limit + 1) if size <= limit else b""
    if max(size, len(content)) > limit:
        raise CheckpointError("file_too_large", path=str(path), found=max(size, len(content)), limit=limit)
    return content


def hash_file(path: Path) -> str:
    """Return the sha256 of a plain file, in hex. Raises CheckpointError."""
    digest = hashlib.sha256()
    with open_plain(path) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


PNG_START = b"\x89PNG\r\n\x1a\n"


def png_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the chunks of a PNG file in order: (type, start of its data, end of its data); stop where the file is cut off.

    Raises ValueError for a file that does not begin as a PNG file.
    """
    if content[:8] != PNG_START or content[12:16] != b"IHDR":
        raise ValueError("no PNG file")
    at = 8
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        if at + 12 + length > len(content):
            return
        yield content[at + 4 : at + 8], at + 8, at + 8 + length
        at += 12 + length


def _closed_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key is there twice")
    return values


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def parse_json(content: bytes, path: Path) -> dict[str, Any]:
    """Return the JSON object in `content`; errors name `path`. Nesting is bounded by Python's recursion limit. Raises
    CheckpointError.
    """
    try:
        values = json.loads(content, object_pairs_hook=_closed_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise CheckpointError("json_damaged", path=str(path)) from error
    if not isinstance(values, dict):
        raise CheckpointError("json_damaged", path=str(path))
    return values


def read_json(path: Path, limit: int = MAX_JSON_BYTES) -> dict[str, Any]:
    """Return the JSON object in a file. Raises CheckpointError."""
    return parse_json(read_file(path, limit), path)


# Refusals

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}  # a full disk, a quota, a file system mounted for reading only
REFUSALS = {*FULL, errno.EACCES, errno.EPERM}


def is_refusal(error: OSError) -> bool:
    """Return whether the operating system refused a file. Writing to an open file raises errors without its name; a missing
    permission without a name concerns something else, such as an address.
    """
    return error.errno in FULL or (error.errno in REFUSALS and error.filename is not None)


@contextmanager
def system_refusals() -> Iterator[None]:
    """Raise DataError for a file that the operating system refuses inside the block. Commands and handlers are wrapped in this as
    a whole, so that no code that writes is left out.
    """
    try:
        yield
    except OSError as error:
        if not is_refusal(error):
            raise
        path = "-" if error.filename is None else str(Path(os.fsdecode(error.filename)).absolute())
        raise DataError("system_refused", path=path, reason=error.strerror or str(error)) from error


# Locks

_held: set[int] = set()  # descriptors of the locks that this process holds


@functools.cache
def _let_go_in_forked_children() -> None:
    """Close the locks in a forked child. The child shares its parent's locks, and would otherwise hold them after the parent was
    killed.
    """
    if hasattr(os, "register_at_fork"):

        def close_all() -> None:
            while _held:
                os.close(_held.pop())

        os.register_at_fork(after_in_child=close_all)


# Errors from file systems without locks: some network drives and FUSE mounts.
NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL}


@contextmanager
def _locks_of(path: Path) -> Iterator[None]:
    """Raise a RunError if the file system of `path` has no locks."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        raise RunError("locks_missing", path=str(path.parent)) from error


def _try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock if that is possible at once. The lock lasts until the descriptor is closed or the process ends in any way."""
    if sys.platform == "win32":
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # locks one byte exclusively: msvcrt has no shared locks
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EDEADLK):
                return False
            raise
        return True
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock_descriptor(descriptor: int, seconds: float, *, shared: bool = False) -> bool:
    """Lock an open file, trying for `seconds`. Trying is needed because `is_held` takes a lock for an instant."""
    deadline = time.monotonic() + seconds
    while not _try_lock(descriptor, shared=shared):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.01)
    return True


@contextmanager
def hold(path: Path, seconds: float) -> Iterator[bool]:
    """Hold the lock on a file, which is created and never removed; yield False where another process keeps the lock for
    `seconds`.

    Raises RunError where the file system has no locks, CheckpointError where the system cannot create the file.
    """
    _let_go_in_forked_children()
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(path), reason=error.strerror or str(error)) from error
    _held.add(descriptor)
    try:
        with _locks_of(path):
            held = lock_descriptor(descriptor, seconds)
        yield held
    finally:
        if descriptor in _held:  # false in a forked child
            _held.remove(descriptor)
            os.close(descriptor)


def is_held(path: Path) -> bool:
    """Return whether a living process holds the lock on a file. The check is cheap, and any number of processes may check at
    once.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        # On Windows two processes that check at once would each find the other's lock, so only a lock that remains counts.
        with _locks_of(path):
            return not lock_descriptor(descriptor, 0.02 if sys.platform == "win32" else 0, shared=True)
    finally:
        os.close(descriptor)


# The home


def open_home(home: Path) -> Path:
    """Create the home folder, and test early that a file and a lock can be made in it, as a run needs. Raises RunError."""
    trial = home / f".trial-{secrets.token_hex(8)}"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with hold(trial, 0):
            pass
    except CheckpointError as error:
        raise RunError("home_unusable", home=str(home), reason=error.values["reason"]) from error
    except OSError as error:
        raise RunError("home_unusable", home=str(home), reason=error.strerror or str(error)) from error
    finally:
        with suppress(OSError):  # if this also fails, the error above is already being raised
            trial.unlink()
    return home
