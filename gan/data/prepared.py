"""Pictures made ready for training: square, of one size, in one memory-mapped file, kept by their content in home/data/HASH."""

import hashlib
import json
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from PIL import Image, ImageColor

from gan.data.examine import Findings, Progress, examine
from gan.data.held_out import choose_held_out
from gan.data.pictures import Colour, Fit, Picture
from gan.data.report import Report
from gan.data.sources import Opened, find_source
from gan.errors import CheckpointError, ConfigError, DataError
from gan.files import read_json, write_file

VERSION = 2  # of how pictures are prepared: part of the hash, so that sets of an earlier version are prepared again
READ_VERSIONS = (1, 2)  # stored alike: runs that began on an earlier one go on with it
SIDES = range(8, 513)
DEFAULT_SIDES = (16, 32, 64)
ENLARGED = 1.25  # pictures of 28 pixels are rather enlarged to 32 than reduced to 16
MAX_META_BYTES = 256 << 20  # the report names every skipped file
COPY_PICTURES = 1024
STALE_SECONDS = 24 * 3600
UNFINISHED = ".preparing-"

Channels = Literal["auto", 1, 3]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Prepared pictures. `pictures` is read from the disk as it is used; copy what shall stay in memory."""

    hash: str
    name: str  # the source's, without its ending
    resolution: int
    channels: int
    pictures: np.ndarray  # uint8 (N, H, W, C), read only
    labels: np.ndarray  # int64 (N,), positions in `classes`; zeros without classes
    classes: list[str]
    train_indices: np.ndarray  # int64
    held_out_indices: np.ndarray  # int64
    report: Report


@dataclass(frozen=True)
class _Settings:
    size: int
    channels: Channels
    fit: Fit
    background: Colour

    def hash(self, channels: Channels, contents: list[bytes]) -> str:
        """32 hex digits that name these settings and contents, the names of classes among them."""
        digest = hashlib.sha256(json.dumps([VERSION, self.size, channels, self.fit, self.background]).encode())
        for content in contents:
            digest.update(hashlib.sha256(content).digest())
        return digest.hexdigest()[:32]

    def channels_for(self, report: Report) -> Literal[1, 3]:
        if self.channels != "auto":
            return self.channels
        return 1 if report.grey and len(set(self.background)) == 1 else 3


def inspect(source: str | Path, *, home: Path | None = None, progress: Progress | None = None) -> Report:
    """What a source holds for training: a zip, a folder, or hf:user/dataset[@revision], which is kept in `home`.

    Writes nothing else. Raises DataError (TooFewPicturesError with its report), and HubError.
    """
    with find_source(source, home).open() as opened:
        return examine(opened, progress=progress).report


def default_size(report: Report) -> int:
    """The side to train at, in pixels: the largest of 16, 32 and 64 for which the median picture is hardly enlarged."""
    return max((side for side in DEFAULT_SIDES if side <= ENLARGED * report.median_side), default=DEFAULT_SIDES[0])


def prepare(
    source: str | Path,
    *,
    home: Path,
    size: int,
    channels: Channels = "auto",
    fit: Fit = "crop",
    background: str = "white",
    progress: Progress | None = None,
) -> Dataset:
    """Prepare the pictures of a source in `home`/data, or find them there from an earlier time.

    `source` is a zip, a folder, or hf:user/dataset[@revision]. `channels` "auto" is 1 where all pictures are grey. `background`
    (a name or #rrggbb) shows where pictures are transparent or padded. Raises DataError (TooFewPicturesError with its report),
    HubError, and ConfigError for settings that make no sense.
    """
    store = Path(home) / "data"
    settings = _settings(size, channels, fit, background)
    found = find_source(source, Path(home))
    meta_name = f"zip-{settings.hash(channels, [found.digest()])}.json"
    for known in sorted(store.glob(f"*/{meta_name}")):
        if dataset := _open_if_whole(known, found.stem):
            return dataset
    with found.open() as opened, _unfinished_folder(store) as folder:
        _check_room(store, len(opened.listing.members) * size * size * 4)  # colour, and grey beside it
        findings = _write_pictures(opened, folder, settings, progress)
        meta = _write_rest(folder, findings, settings, found.stem)
        target = store / meta["hash"]
        _settle(folder, target)
    write_file(target / meta_name, json.dumps(meta).encode(), durable=False)
    return _open(target / meta_name, found.stem)


def reattach(source: str | Path, *, home: Path, dataset_hash: str, size: int, progress: Progress | None = None) -> Dataset:
    """Prepare the pictures of a run whose prepared ones are gone, as when it was moved, so that it goes on as before.

    How they were prepared (fit, channels) is what gives the same hash. Raises DataError where the source holds other pictures,
    which would make another training of it.
    """
    home = Path(home)
    if (known := _open_if_whole(home / "data" / dataset_hash / "dataset.json")) is not None:
        return known
    found = find_source(source, home)
    with found.open() as opened:
        findings = examine(opened, progress=progress)
    choices: list[tuple[Channels, Fit]] = [("auto", "crop"), ("auto", "pad"), (3, "crop"), (1, "crop"), (3, "pad"), (1, "pad")]
    for channels, fit in choices:
        settings = _settings(size, channels, fit, "white")
        if settings.hash(settings.channels_for(findings.report), _labelled(findings)) == dataset_hash:
            return prepare(source, home=home, size=size, channels=channels, fit=fit, progress=progress)
    raise DataError("dataset_other", path=found.name, found=findings.report.usable)


def _settle(folder: Path, target: Path) -> None:
    """Give the folder its final name, unless the same pictures are there already or another process was quicker."""
    if _open_if_whole(target / "dataset.json") is None:
        shutil.rmtree(target, ignore_errors=True)  # damaged
        try:
            folder.rename(target)
        except OSError:
            if _open_if_whole(target / "dataset.json") is None:
                raise


def open_dataset(home: Path, dataset_hash: str) -> Dataset:
    """The prepared pictures of this hash. Raises DataError where they are gone or damaged."""
    folder = Path(home) / "data" / dataset_hash
    if not re.fullmatch(r"[0-9a-f]{32}", dataset_hash) or not folder.is_dir():
        raise DataError("dataset_missing", found=dataset_hash, home=str(home))
    return _open(folder / "dataset.json", None)


def _settings(size: int, channels: Channels, fit: Fit, background: str) -> _Settings:
    for field, found, allowed in (("channels", channels, ("auto", 1, 3)), ("fit", fit, ("crop", "pad"))):
        if found not in allowed:
            raise ConfigError("config_field", field=field, found=found, expected=" or ".join(map(str, allowed)))
    if size not in SIDES:
        raise ConfigError("config_field", field="size", found=size, expected=f"{SIDES.start} to {SIDES.stop - 1} pixels")
    try:
        red, green, blue = ImageColor.getrgb(background)[:3]
    except ValueError as error:
        expected = "a colour like white or #ffffff"
        raise ConfigError("config_field", field="background", found=background, expected=expected) from error
    return _Settings(size, channels, fit, (red, green, blue))


def _check_room(store: Path, needed: int) -> None:
    free = shutil.disk_usage(store).free
    if free < needed:
        raise DataError("dataset_disk", path=str(store), needed=(needed >> 20) + 1, free=free >> 20)


@contextmanager
def _unfinished_folder(store: Path) -> Iterator[Path]:
    """A folder to write in, gone afterwards unless it was renamed. Whatever the system refuses meanwhile is a DataError."""
    folder = store / f"{UNFINISHED}{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True)
        for left in store.glob(f"{UNFINISHED}*"):  # by a process that was killed
            if left.stat().st_mtime < time.time() - STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
        yield folder
    except OSError as error:
        raise DataError("dataset_not_written", path=str(store), reason=error.strerror or str(error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# Writing


class _PictureFile:
    """An .npy file that grows by a picture at a time; numpy leaves room in its header for the final count."""

    def __init__(self, file: BinaryIO, shape: tuple[int, int, int]) -> None:
        self._file = file
        self._shape = shape
        self._count = 0
        self._write_header()

    def add(self, pictures: np.ndarray) -> None:
        """uint8 (N, H, W, C)."""
        assert pictures.dtype == np.uint8
        assert pictures.shape[1:] == self._shape
        self._file.write(np.ascontiguousarray(pictures).data)
        self._count += len(pictures)

    def finish(self) -> None:
        end = self._file.tell()
        self._file.seek(0)
        self._write_header()
        assert self._file.tell() + self._count * int(np.prod(self._shape)) == end

    def _write_header(self) -> None:
        header = {"descr": "|u1", "fortran_order": False, "shape": (self._count, *self._shape)}
        np.lib.format.write_array_header_1_0(self._file, header)


@contextmanager
def _picture_file(path: Path, size: int, channels: int) -> Iterator[_PictureFile]:
    with path.open("wb") as file:
        pictures = _PictureFile(file, (size, size, channels))
        yield pictures
        pictures.finish()


def _write_pictures(opened: Opened, folder: Path, settings: _Settings, progress: Progress | None) -> Findings:
    """Write pictures.npy, in colour as long as it is not known whether all pictures are grey."""
    path, size = folder / "pictures.npy", settings.size
    at_once = 1 if settings.channels == 1 else 3
    with _picture_file(path, size, at_once) as file:

        def keep(picture: Picture) -> None:
            fitted = picture.fit(size, settings.fit, settings.background)
            if at_once == 1:
                fitted = np.asarray(Image.fromarray(fitted).convert("L"))
            file.add(fitted.reshape(1, size, size, at_once))

        findings = examine(opened, keep, progress)
    if settings.channels_for(findings.report) != at_once:
        colour_path = path.rename(folder / "colour.npy")
        colour = np.load(colour_path, mmap_mode="r")
        with _picture_file(path, size, 1) as file:
            for start in range(0, len(colour), COPY_PICTURES):
                file.add(colour[start : start + COPY_PICTURES, :, :, :1])
        del colour  # Windows removes no file that is mapped
        colour_path.unlink()
    return findings


def _write_rest(folder: Path, findings: Findings, settings: _Settings, name: str) -> dict[str, Any]:
    """Write everything but the pictures; returns the content of dataset.json."""
    channels = settings.channels_for(findings.report)
    meta = {
        "version": VERSION,
        "hash": settings.hash(channels, _labelled(findings)),
        "name": name,
        "resolution": settings.size,
        "channels": channels,
        "classes": findings.classes,
        "report": findings.report.as_stored(),
    }
    pictures = np.load(folder / "pictures.npy", mmap_mode="r")
    np.save(folder / "labels.npy", findings.labels)
    np.save(folder / "held_out.npy", choose_held_out(findings.contents, findings.labels, pictures))
    (folder / "dataset.json").write_text(json.dumps(meta), encoding="utf-8")
    return meta


def _labelled(findings: Findings) -> list[bytes]:
    """What a set's hash is of: each picture's content and class."""
    names = [name.encode(errors="replace") for name in findings.classes] or [b""]
    return [content + names[label] for content, label in zip(findings.contents, findings.labels, strict=True)]


# Reading


def _open_if_whole(meta_path: Path, name: str | None = None) -> Dataset | None:
    """None where it is not there, or damaged and so to be prepared again."""
    if not meta_path.is_file():
        return None
    try:
        return _open(meta_path, name)
    except DataError:
        return None


def _open(meta_path: Path, name: str | None) -> Dataset:
    """Open a prepared folder and check that its parts belong together. Raises DataError."""
    folder = meta_path.parent
    try:
        meta = read_json(meta_path, min(meta_path.stat().st_size, MAX_META_BYTES))  # a limit's worth of memory is reserved
        pictures = np.load(folder / "pictures.npy", mmap_mode="r")
        labels, kept = np.load(folder / "labels.npy"), np.load(folder / "held_out.npy")
        dataset = Dataset(
            hash=folder.name,
            name=str(meta["name"]) if name is None else name,
            resolution=int(meta["resolution"]),
            channels=int(meta["channels"]),
            pictures=pictures,
            labels=labels,
            classes=[str(each) for each in meta["classes"]],
            train_indices=np.setdiff1d(np.arange(len(labels)), kept).astype(np.int64),
            held_out_indices=kept,
            report=Report.from_stored(meta["report"]),
        )
        whole = meta["version"] in READ_VERSIONS and meta["hash"] == folder.name and _belongs_together(dataset)
    except (CheckpointError, OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise DataError("dataset_damaged", path=str(folder)) from error
    if not whole:
        raise DataError("dataset_damaged", path=str(folder))
    return dataset


def _belongs_together(dataset: Dataset) -> bool:
    count, side = dataset.report.usable, dataset.resolution
    labels, kept = dataset.labels, dataset.held_out_indices
    return (
        dataset.pictures.shape == (count, side, side, dataset.channels)
        and dataset.pictures.dtype == np.uint8
        and labels.shape == (count,)
        and labels.dtype == kept.dtype == np.int64
        and bool(((labels >= 0) & (labels < max(1, len(dataset.classes)))).all())
        and bool(((kept >= 0) & (kept < count)).all())
    )
