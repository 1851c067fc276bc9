"""Snapshots of a training. Each is complete or does not exist."""

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from gan.errors import CheckpointError
from gan.files import hash_file, read_json, sync_folder
from gan.runs import Run, snapshot_name
from gan.runs.earlier import store_earlier
from gan.tensors import check_format, storable
from gan.training.games import Game

STATE, META, MANIFEST = "state.safetensors", "state.json", "manifest.json"
SNAPSHOT_FORMAT = 1


class LatestSnapshot(NamedTuple):
    """The newest valid snapshot, and the errors of newer snapshots that are damaged."""

    path: Path | None
    damaged: list[CheckpointError]


def _discard(folder: Path) -> None:
    """Remove a folder. It is renamed first, so that a kill cannot leave an incomplete folder under a snapshot's name."""
    hidden = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    folder.rename(hidden)
    shutil.rmtree(hidden)


def write_snapshot(folder: Path, tensors: Mapping[str, Tensor], meta: dict[str, Any]) -> None:
    """Write `folder` (snapshots/000064000) so that it is complete or does not exist, even after a power cut.

    `meta` is strict JSON. A snapshot of the same name is replaced; until then it remains complete as NAME.old. Raises
    CheckpointError if the disk cannot store it.
    """
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.tmp")
    old = folder.with_name(f"{folder.name}.old")
    meta_content = json.dumps(meta, allow_nan=False).encode()
    try:
        temporary.mkdir(parents=True)
        safetensors.torch.save_file(storable(tensors), temporary / STATE)
        (temporary / META).write_bytes(meta_content)
        digests = {name: hash_file(temporary / name) for name in (STATE, META)}
        (temporary / MANIFEST).write_text(json.dumps({"format": SNAPSHOT_FORMAT, "sha256": digests}), encoding="utf-8")
        for name in (STATE, META, MANIFEST):
            with (temporary / name).open("rb+") as file:
                os.fsync(file.fileno())
        sync_folder(temporary)
        if folder.exists():
            if old.exists():
                _discard(old)
            folder.rename(old)
        temporary.rename(folder)
        sync_folder(folder.parent)
        if old.exists():
            _discard(old)
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CheckpointError("file_not_written", path=str(folder), reason=reason) from error
    finally:
        if temporary.exists():
            shutil.rmtree(temporary)


def save(run: Run, game: Game, images_seen: int, seconds: float) -> None:
    """Write a snapshot, the model folder and a copy of it under `earlier/`, if the game is sound. An unsound snapshot would be
    useless for a rollback.
    """
    if not game.is_sound():
        return
    tensors, numbers = game.state()
    meta = {"images_seen": images_seen, "seconds": seconds, "numbers": numbers}
    write_snapshot(run.snapshots_folder / snapshot_name(images_seen), tensors, meta)
    prune_snapshots(run.snapshots_folder)
    game.write_model(run.model_folder, images_seen)
    if images_seen:
        store_earlier(run, images_seen)


def _verify_snapshot(folder: Path) -> None:
    """Raise CheckpointError unless every file is present and unchanged."""
    manifest = read_json(folder / MANIFEST)
    check_format(folder / MANIFEST, manifest.get("format"), SNAPSHOT_FORMAT)
    digests = manifest.get("sha256")
    if not isinstance(digests, dict) or digests.keys() != {STATE, META}:
        raise CheckpointError("snapshot_damaged", path=str(folder), file=MANIFEST)
    for name, digest in digests.items():
        if hash_file(folder / name) != digest:
            raise CheckpointError("snapshot_damaged", path=str(folder), file=name)


def read_snapshot(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors (on the CPU) and meta of a snapshot, as they were written. Raises CheckpointError."""
    _verify_snapshot(folder)
    meta = read_json(folder / META, limit=(folder / META).stat().st_size)
    try:
        return safetensors.torch.load_file(folder / STATE), meta
    except SafetensorError as error:
        raise CheckpointError("snapshot_damaged", path=str(folder), file=STATE) from error


def _newest_first(snapshots_folder: Path) -> list[Path]:
    """Return every folder with a snapshot's name, newest first; a replaced one (.old) follows its replacement."""
    if not snapshots_folder.is_dir():
        return []
    named = [(re.fullmatch(r"(\d{9,})(\.old)?", path.name), path) for path in snapshots_folder.iterdir()]
    known = [(int(match[1]), match[2] is None, path) for match, path in named if match and path.is_dir()]
    return [path for _, _, path in sorted(known, reverse=True)]


def _verified(snapshots_folder: Path) -> Iterator[tuple[Path, CheckpointError | None]]:
    for path in _newest_first(snapshots_folder):
        try:
            _verify_snapshot(path)
        except CheckpointError as error:
            yield path, error
        else:
            yield path, None


def latest_snapshot(snapshots_folder: Path) -> LatestSnapshot:
    """Return the newest valid snapshot, with the errors of newer ones, newest first."""
    damaged: list[CheckpointError] = []
    for path, error in _verified(snapshots_folder):
        if error is None:
            return LatestSnapshot(path, damaged)
        damaged.append(error)
    return LatestSnapshot(None, damaged)


def good_snapshots(snapshots_folder: Path) -> list[Path]:
    """Return every valid snapshot, newest first."""
    return [path for path, error in _verified(snapshots_folder) if error is None]


def discard_snapshots_after(snapshots_folder: Path, images_seen: int) -> None:
    """Remove every snapshot of a later step, valid or not. Only the trainer that writes snapshots to the folder may call this."""
    for path in _newest_first(snapshots_folder):
        if path.name[: len(snapshot_name(images_seen))] > snapshot_name(images_seen):
            _discard(path)


def prune_snapshots(snapshots_folder: Path, keep: int = 2) -> None:
    """Remove all but the `keep` (2 or more) newest valid snapshots. Only the trainer that writes snapshots to the folder may call
    this.

    No snapshot is removed unless `keep` valid ones are found. Temporary folders of killed writers are removed too.
    """
    keep = max(keep, 2)
    good = good_snapshots(snapshots_folder)
    if len(good) >= keep:
        for path in _newest_first(snapshots_folder):
            if path not in good[:keep]:
                _discard(path)
    for leftover in snapshots_folder.glob(".*.tmp"):
        shutil.rmtree(leftover)
