"""Files are replaced as a whole, read within bounds, and locks end with the processes that hold them."""

import errno
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from gan.errors import CheckpointError, RunError
from gan.files import hold, is_held, lock_descriptor, open_home, read_file, read_json, write_file
from gan.words import ERRORS
from tests.processes import CONTEXT, DEADLINE_SECONDS, killed_at_every_step, killed_at_random

LENGTH = 1 << 20

DAMAGED = {
    "no JSON": b"{",
    "a list": b"[1, 2]",
    "nothing": b"",
    "no text": b"\xff\xfe\xfa\x00",
    "deep": b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "a key twice": b'{"a": 1, "a": 2}',
    "not a number": b'{"a": NaN}',
    "an endless number": b'{"a": ' + b"9" * 100_000 + b"}",
}


def write_letters(number: int, reports: Connection, path: Path) -> None:
    while True:
        for letter in (b"a", b"b"):
            write_file(path, letter * LENGTH)
            reports.send(number)


def hold_for_ever(path: Path, reports: Connection) -> None:
    with hold(path, 0) as held:
        reports.send(held)
        CONTEXT.Event().wait()


def hold_and_fork(path: Path, reports: Connection) -> None:
    with hold(path, 0) as held:
        child = os.fork()
        if child == 0:
            reports.send(is_held(path))
            CONTEXT.Event().wait()
        reports.send((held, child))
        CONTEXT.Event().wait()


def start_holder(target: Callable[..., None], path: Path) -> tuple[Any, Connection]:
    reader, writer = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=target, args=(path, writer))
    process.start()
    writer.close()
    assert reader.poll(DEADLINE_SECONDS)
    return process, reader


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_damaged_json_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(CheckpointError) as caught:
        read_json(tmp_path / "x.json")
    assert caught.value.code == "json_damaged"
    assert str(tmp_path / "x.json") in str(caught.value)


def test_a_file_beyond_its_bound_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "x.json").open("wb") as file:
        file.truncate(1 << 40)  # a terabyte, by its stated size
    with pytest.raises(CheckpointError) as caught:
        read_json(tmp_path / "x.json")
    assert caught.value.code == "file_too_large"
    assert caught.value.values["found"] == 1 << 40


def test_only_plain_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"plain")
    (tmp_path / "link").symlink_to(tmp_path / "plain")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert read_file(tmp_path / "plain", 5) == b"plain"
    for name, code in {
        "link": "file_not_plain",
        "folder": "file_not_plain",
        "pipe": "file_not_plain",
        "none": "file_missing",
    }.items():
        with pytest.raises(CheckpointError) as caught:
            read_file(tmp_path / name, 100)
        assert caught.value.code == code
        assert ERRORS["en"][code].split("{path}")[1] in str(caught.value)


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CheckpointError) as caught:
        write_file(tmp_path / "file" / "x", b"")
    assert caught.value.code == "file_not_written"


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut a file has the old content or the new: the content is synced before the rename, the folder after it."""
    path, sync = tmp_path / "x", os.fsync
    path.write_bytes(b"old")
    synced: set[tuple[int, bool]] = set()

    def recorded(descriptor: int) -> None:
        synced.add((os.fstat(descriptor).st_ino, path.read_bytes() == b"new"))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", recorded)
    write_file(path, b"new")
    assert (path.stat().st_ino, False) in synced
    assert (tmp_path.stat().st_ino, True) in synced
    synced.clear()
    write_file(path, b"newer", durable=False)
    assert not synced, "what need not survive costs nothing"


def test_a_file_is_the_old_or_the_new_one_wherever_the_writer_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "x"
    seen = set()
    for _ in killed_at_every_step(lambda: path.write_bytes(b"old"), write_file, path, b"new"):
        seen.add(path.read_bytes())
    assert seen == {b"old", b"new"}


def test_a_file_is_whole_whenever_its_writer_is_killed(tmp_path: Path) -> None:
    for _ in killed_at_random(10, 0.05, write_letters, tmp_path / "x"):
        content = (tmp_path / "x").read_bytes()
        assert len(content) == LENGTH
        assert content in (b"a" * LENGTH, b"b" * LENGTH)


def test_a_lock_is_held_until_its_holder_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path)
    process, reports = start_holder(hold_for_ever, path)
    assert reports.recv() is True
    assert is_held(path)
    with hold(path, 0) as held:
        assert not held
    process.kill()
    process.join(DEADLINE_SECONDS)
    assert not is_held(path)
    with hold(path, 0) as held:
        assert held


def test_a_forked_child_does_not_keep_the_lock_of_a_killed_parent(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    process, reports = start_holder(hold_and_fork, path)
    told = [reports.recv(), reports.recv()]
    assert True in told, "the child sees its parent's lock"
    held, child = next(report for report in told if isinstance(report, tuple))
    assert held
    process.kill()
    process.join(DEADLINE_SECONDS)
    try:
        assert not is_held(path)
    finally:
        os.kill(child, 9)


def test_looking_at_a_lock_does_not_take_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    looker = os.open(path, os.O_RDONLY)
    assert lock_descriptor(looker, 0, shared=True)  # a reader, frozen while it checks the lock
    assert not is_held(path)
    os.close(looker)
    with hold(path, 0) as held:
        assert held


# A home without locks


def test_a_file_system_without_locks_is_a_sentence_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Network drives and FUSE mounts may lack locks, each with its own error."""
    for number in (errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOSYS):

        def refuse(*_: object, number: int = number) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr("fcntl.flock", refuse)
        with pytest.raises(RunError, match="has no locks, .* another drive"):
            open_home(tmp_path / "home")
        assert list((tmp_path / "home").iterdir()) == []


def test_a_home_is_made_and_left_empty(tmp_path: Path) -> None:
    assert open_home(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert list((tmp_path / "a" / "b").iterdir()) == []
    (tmp_path / "file").write_text("words")
    with pytest.raises(RunError, match="cannot be used as the home folder"):
        open_home(tmp_path / "file" / "home")


def test_only_the_links_of_the_hubs_cache_are_followed(tmp_path: Path) -> None:
    repo = tmp_path / "models--ada--pets"
    (repo / "blobs").mkdir(parents=True)
    (repo / "snapshots" / "abc").mkdir(parents=True)
    (repo / "blobs" / "123").write_bytes(b'{"a": 1}')
    (tmp_path / "secret").write_bytes(b'{"b": 2}')
    for name, target in (("good.json", "../../blobs/123"), ("bad.json", "../../../secret")):
        (repo / "snapshots" / "abc" / name).symlink_to(target)
    assert read_json(repo / "snapshots" / "abc" / "good.json") == {"a": 1}
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "good.json").symlink_to(repo / "blobs" / "123")
    for path in (repo / "snapshots" / "abc" / "bad.json", tmp_path / "plain" / "good.json"):
        with pytest.raises(CheckpointError, match="hf download REPO --local-dir"):
            read_json(path)
