"""Files that must survive: replaced at once, read within bounds, locked while a process lives."""

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

from gan.errors import CheckpointError, RunError
from gan.words import shorten as shorten

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

MAX_JSON_BYTES = 1 << 20
CHUNK_BYTES = 1 << 20

# Writing


def replace(source: Path, target: Path) -> None:
    """`os.replace`. Windows refuses it while somebody reads the target, so there it is tried again for two seconds."""
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
    """Make names in a folder survive a power cut, where the system has a way to ask for it."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def stage(path: Path, content: bytes, *, durable: bool) -> Path:
    """Write `content` beside `path` under a temporary name, which is returned."""
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
    """Replace a file at once: readers find the old or the new content, after a power cut too where `durable`.

    Raises CheckpointError where the system refuses.
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
    """Follow links to the files of this folder from now on: the user named it, so its links are the user's own."""
    _with_links.add(folder.resolve())


def cached_target(path: Path) -> Path | None:
    """The file that a link in the Hub's cache stands for: REPO/snapshots/COMMIT/… points into REPO/blobs, and nowhere else."""
    for folder in path.absolute().parents:
        if folder.parent.name == "snapshots":
            target, blobs = path.resolve(), (folder.parent.parent / "blobs").resolve()
            return target if target.parent == blobs else None
    return None


@contextmanager
def open_plain(path: Path) -> Iterator[BinaryIO]:
    """Open a plain file to read. A folder or a pipe is refused (opening a pipe would block), and so is a link, unless it lies in
    the Hub's cache or in a folder that the user named.

    Whatever the system refuses, here or while reading, is a CheckpointError.
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
    """A plain file's content, at most `limit` bytes. Raises CheckpointError."""
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(limit + 1) if size <= limit else b""
    if max(size, len(content)) > limit:
        raise CheckpointError("file_too_large", path=str(path), found=max(size, len(content)), limit=limit)
    return content


def hash_file(path: Path) -> str:
    """The sha256 of a plain file, in hex. Raises CheckpointError."""
    digest = hashlib.sha256()
    with open_plain(path) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


PNG_START = b"\x89PNG\r\n\x1a\n"


def png_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The chunks of a PNG file in order: (type, where its data begins, where they end); stops where the file is cut off.

    Raises ValueError for what does not begin as a PNG file.
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
    """The JSON object in `content`; `path` is named in the CheckpointError. Nesting is bounded by Python's recursion limit."""
    try:
        values = json.loads(content, object_pairs_hook=_closed_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise CheckpointError("json_damaged", path=str(path)) from error
    if not isinstance(values, dict):
        raise CheckpointError("json_damaged", path=str(path))
    return values


def read_json(path: Path, limit: int = MAX_JSON_BYTES) -> dict[str, Any]:
    """The JSON object in a file. Raises CheckpointError."""
    return parse_json(read_file(path, limit), path)


# Locks

_held: set[int] = set()  # descriptors of the locks that this process holds


@functools.cache
def _let_go_in_forked_children() -> None:
    """A forked child shares its parent's locks and would hold them after the parent was killed: it closes them first of all."""
    if hasattr(os, "register_at_fork"):

        def close_all() -> None:
            while _held:
                os.close(_held.pop())

        os.register_at_fork(after_in_child=close_all)


# What a file system without locks answers: some network drives and FUSE mounts.
NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL}


@contextmanager
def _locks_of(path: Path) -> Iterator[None]:
    """Says in a RunError that the file system of `path` has no locks."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        raise RunError("locks_missing", path=str(path.parent)) from error


def _try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock if that is possible at once; it lasts until the descriptor is closed or the process ends, however it ends."""
    if sys.platform == "win32":
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # one byte, exclusive: Windows knows nothing better here
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
    """Lock an open file, trying for `seconds`: `is_held` takes a lock for an instant."""
    deadline = time.monotonic() + seconds
    while not _try_lock(descriptor, shared=shared):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.01)
    return True


@contextmanager
def hold(path: Path, seconds: float) -> Iterator[bool]:
    """Hold the lock on a file, which is made and never removed; False where another process keeps it for `seconds`.

    Raises RunError where the file system has no locks, CheckpointError where the system refuses to make the file.
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
        if descriptor in _held:  # not so in a forked child
            _held.remove(descriptor)
            os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock on a file. Cheap; any number may look at once."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        # On Windows two who look at once would take each other for the holder: only a lock that stays counts.
        with _locks_of(path):
            return not lock_descriptor(descriptor, 0.02 if sys.platform == "win32" else 0, shared=True)
    finally:
        os.close(descriptor)


# The home


def open_home(home: Path) -> Path:
    """Make the home folder and try what a run needs there, a file and a lock, before anything is prepared. Raises RunError."""
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
        with suppress(OSError):  # nothing could be written there: that error is on its way already
            trial.unlink()
    return home
