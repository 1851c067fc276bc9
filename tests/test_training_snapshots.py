"""Snapshots of a training: each is complete or does not exist, wherever its writer is killed."""

import os
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
import torch

from gan.errors import CheckpointError
from gan.runs import snapshot_name
from gan.training.snapshots import latest_snapshot, prune_snapshots, read_snapshot, write_snapshot
from tests.processes import killed_at_every_step, killed_at_random
from tests.test_models import same_tensors


@pytest.fixture
def snapshots(tmp_path: Path) -> Path:
    folder = tmp_path / "snapshots"
    folder.mkdir()
    return folder


def state(number: int, side: int = 16) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    tensors = {
        "generator.weight": torch.full((side, side), number / 3),
        "optimizer.step": torch.tensor(float(number)),
        "rng": torch.full((side,), number % 256, dtype=torch.uint8),
        "half": torch.full((3,), number, dtype=torch.bfloat16),
        "none": torch.empty(0, 4),
    }
    return tensors, {"images_seen": number * 16, "numpy": [number, 2**64 - 1], "lr": 0.1 + number}


def write_state(folder: Path, number: int, name: int | None = None, side: int = 16) -> None:
    write_snapshot(folder / snapshot_name((number if name is None else name) * 16), *state(number, side))


def number_of(snapshot: Path, side: int = 16) -> int:
    """Return the number of the state that a snapshot holds, after checking that all of the snapshot belongs to this state."""
    tensors, meta = read_snapshot(snapshot)
    number = int(tensors["optimizer.step"])
    expected, expected_meta = state(number, side)
    assert same_tensors(tensors, expected)
    assert all(tensors[name].dtype == expected[name].dtype for name in expected)
    assert meta == expected_meta
    return number


def write_states_for_ever(round_number: int, reports: Connection, folder: Path) -> None:
    number = round_number * 100_000
    while True:
        number += 1
        write_state(folder, number, side=512)
        reports.send(number)
        prune_snapshots(folder)


def test_a_snapshot_is_read_as_it_was_written(snapshots: Path) -> None:
    write_state(snapshots, 4000)
    assert [path.name for path in snapshots.iterdir()] == ["000064000"]
    assert latest_snapshot(snapshots) == (snapshots / "000064000", [])
    assert number_of(snapshots / "000064000") == 4000


def test_a_snapshot_is_on_the_disk_before_it_has_its_name(snapshots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut a snapshot is complete or does not exist: its files are synced first, then its folder, then the
    rename.
    """
    folder, sync = snapshots / snapshot_name(16), os.fsync
    synced: set[tuple[int, bool]] = set()

    def recorded(descriptor: int) -> None:
        synced.add((os.fstat(descriptor).st_ino, folder.exists()))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", recorded)
    write_state(snapshots, 1)
    for name in ("state.safetensors", "state.json", "manifest.json"):
        assert ((folder / name).stat().st_ino, False) in synced, name
    assert (folder.stat().st_ino, False) in synced
    assert (snapshots.stat().st_ino, True) in synced


def test_no_snapshot_is_no_snapshot(snapshots: Path) -> None:
    assert latest_snapshot(snapshots / "none") == (None, [])
    assert latest_snapshot(snapshots) == (None, [])


@pytest.mark.parametrize("name", ["state.safetensors", "state.json", "manifest.json"])
@pytest.mark.parametrize("how", ["one bit", "cut", "emptied", "gone", "linked"])
def test_a_damaged_snapshot_is_passed_over_and_told(snapshots: Path, name: str, how: str) -> None:
    for number in (1, 2, 3):
        write_state(snapshots, number)
    path = snapshots / snapshot_name(48) / name
    content = path.read_bytes()
    if how == "linked":
        path.rename(snapshots.parent / name)
        path.symlink_to(snapshots.parent / name)
    elif how == "gone":
        path.unlink()
    else:
        flipped = content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]
        path.write_bytes({"one bit": flipped, "cut": content[:-2], "emptied": b""}[how])
    found = latest_snapshot(snapshots)
    assert found.path == snapshots / snapshot_name(32)
    assert len(found.damaged) == 1
    assert snapshot_name(48) in str(found.damaged[0])
    with pytest.raises(CheckpointError):
        read_snapshot(snapshots / snapshot_name(48))


def test_pruning_keeps_two_good_ones_at_least(snapshots: Path) -> None:
    for number in range(1, 7):
        write_state(snapshots, number)
    for damaged in (6, 4):
        (snapshots / snapshot_name(damaged * 16) / "state.json").write_bytes(b"{}")
    (snapshots / ".000000999.left-by-a-kill.tmp").mkdir()
    prune_snapshots(snapshots, keep=1)
    assert sorted(path.name for path in snapshots.iterdir()) == [snapshot_name(48), snapshot_name(80)]
    (snapshots / snapshot_name(80) / "state.json").write_bytes(b"{}")
    prune_snapshots(snapshots)
    assert sorted(path.name for path in snapshots.iterdir()) == [snapshot_name(48), snapshot_name(80)]


def test_meta_that_would_not_come_back_the_same_is_not_written(snapshots: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_snapshot(snapshots / "000000016", {}, {"loss": float("nan")})
    assert list(snapshots.iterdir()) == []


def test_a_disk_that_refuses_is_one_clear_error(snapshots: Path) -> None:
    (snapshots / "file").write_bytes(b"a file, where a folder should be")
    with pytest.raises(CheckpointError) as caught:
        write_state(snapshots / "file", 1)
    assert caught.value.code == "file_not_written"


def test_the_latest_snapshot_is_one_that_was_written_whenever_the_writer_is_killed(snapshots: Path) -> None:
    for reports in killed_at_random(25, 0.15, write_states_for_ever, snapshots):
        found = latest_snapshot(snapshots)
        assert found.path is not None
        assert found.damaged == []
        number = number_of(found.path, side=512)
        assert number - reports[-1] in (0, 1), "nothing that was reported as written is lost"
    left = [path for path in snapshots.iterdir() if path.name.startswith(".")]
    prune_snapshots(snapshots)
    assert len(list(snapshots.iterdir())) == 2, f"what killed writers left is tidied up: {left}"


def test_wherever_the_writer_is_killed_the_latest_snapshot_is_the_last_or_the_new_one(snapshots: Path) -> None:
    seen = set()

    def prepare() -> None:
        for path in snapshots.iterdir():
            path.rename(path.with_name(f".{path.name.strip('.')}.tmp"))
        prune_snapshots(snapshots)
        write_state(snapshots, 1)

    for _ in killed_at_every_step(prepare, write_state, snapshots, 2):
        found = latest_snapshot(snapshots)
        assert found.path is not None
        assert found.damaged == []
        seen.add(number_of(found.path))
    assert seen == {1, 2}


def test_wherever_it_is_killed_a_snapshot_that_is_written_again_is_the_old_or_the_new_one(snapshots: Path) -> None:
    seen = set()
    for _ in killed_at_every_step(lambda: write_state(snapshots, 1), write_state, snapshots, 2, 1):
        found = latest_snapshot(snapshots)
        assert found.path is not None
        assert found.damaged == []
        seen.add(number_of(found.path))
    assert seen == {1, 2}
    write_state(snapshots, 3)
    write_state(snapshots, 4)
    prune_snapshots(snapshots)
    assert sorted(path.name for path in snapshots.iterdir()) == [snapshot_name(48), snapshot_name(64)]


def test_wherever_pruning_is_killed_two_good_snapshots_stay(snapshots: Path) -> None:
    def prepare() -> None:
        for number in (1, 2, 3, 4):
            write_state(snapshots, number)

    for _ in killed_at_every_step(prepare, prune_snapshots, snapshots):
        assert number_of(snapshots / snapshot_name(64)) == 4
        assert number_of(snapshots / snapshot_name(48)) == 3
        assert latest_snapshot(snapshots) == (snapshots / snapshot_name(64), [])
