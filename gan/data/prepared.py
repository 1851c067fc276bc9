"""Prepared pictures: square, of one size, in one memory-mapped file, stored under the hash of their content in home/data/HASH."""

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image, ImageColor

from gan.data.choices import AS_FOUND, Choices
from gan.data.examine import Findings, Progress, examine
from gan.data.held_out import choose_held_out
from gan.data.pictures import Colour, Fit, Picture
from gan.data.report import Report
from gan.data.sources import Opened, Source, find_source
from gan.data.writing import COPY_PICTURES, check_room, copy_pictures, picture_file, unfinished_folder
from gan.errors import CheckpointError, ConfigError, DataError
from gan.files import read_json, write_file

VERSION = 2  # version of the preparation; it is part of the hash, so that sets of an earlier version are prepared again
READ_VERSIONS = (1, 2)  # these versions are stored alike, so runs continue with a set of an earlier version
SIDES = range(8, 513)
DEFAULT_SIDES = (16, 32, 64)
ENLARGED = 1.25  # a picture may be enlarged up to this factor: pictures of 28 pixels are enlarged to 32, not reduced to 16
MAX_META_BYTES = 256 << 20  # the file's report names every skipped file

Channels = Literal["auto", 1, 3]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Prepared pictures. `pictures` is read from the disk on access; copy whatever must stay in memory."""

    hash: str
    name: str  # the source's name without its ending
    resolution: int
    channels: int
    pictures: np.ndarray  # uint8 (N, H, W, C), read only
    labels: np.ndarray  # int64 (N,), positions in `classes`; zeros without classes
    classes: list[str]
    train_indices: np.ndarray  # int64
    held_out_indices: np.ndarray  # int64
    report: Report


@dataclass(frozen=True, eq=False)
class Survey:
    """All usable pictures of a source, prepared, and the facts about each one by which the user chooses."""

    dataset: Dataset
    findings: Findings


@dataclass(frozen=True)
class _Settings:
    size: int
    channels: Channels
    fit: Fit
    background: Colour

    def hash(self, channels: Channels, contents: list[bytes]) -> str:
        """Return 32 hex digits that identify these settings and contents, including the names of the classes."""
        digest = hashlib.sha256(json.dumps([VERSION, self.size, channels, self.fit, self.background]).encode())
        for content in contents:
            digest.update(hashlib.sha256(content).digest())
        return digest.hexdigest()[:32]

    def channels_for(self, report: Report) -> Literal[1, 3]:
        if self.channels != "auto":
            return self.channels
        return 1 if report.grey and len(set(self.background)) == 1 else 3


def inspect(
    source: str | Path, *, home: Path | None = None, choices: Choices = AS_FOUND, progress: Progress | None = None
) -> Report:
    """Report what a source offers for training. The source is a zip, a folder, or hf:user/dataset[@revision], which is stored in
    `home`.

    Writes nothing else. Raises DataError (TooFewPicturesError with its report), HubError, and ConfigError for choices of
    something that does not exist.
    """
    with find_source(source, home).open() as opened:
        findings = examine(opened, progress=progress)
    return findings.choose(choices)[0].report if choices.any else findings.report


def default_size(report: Report) -> int:
    """Return the side to train at, in pixels: the largest of 16, 32 and 64 for which the median picture is hardly enlarged."""
    return max((side for side in DEFAULT_SIDES if side <= ENLARGED * report.median_side), default=DEFAULT_SIDES[0])


def prepare(
    source: str | Path,
    *,
    home: Path,
    size: int,
    channels: Channels = "auto",
    fit: Fit = "crop",
    background: str = "white",
    choices: Choices = AS_FOUND,
    progress: Progress | None = None,
) -> Dataset:
    """Prepare the pictures of a source in `home`/data, or reuse them if they were prepared before.

    `source` is a zip, a folder, or hf:user/dataset[@revision]. `channels` "auto" is 1 where all pictures are grey. `background`
    (a name or #rrggbb) fills transparent and padded areas. With `choices`, all pictures are prepared, and the chosen ones are
    copied into a set of their own. Raises DataError (TooFewPicturesError with its report), HubError, and ConfigError for invalid
    settings and choices.
    """
    settings, store = _settings(size, channels, fit, background), Path(home) / "data"
    found = find_source(source, Path(home))
    if not choices.any:
        return _prepare_all(found, store, settings, progress)[0]
    return _prepare_chosen(_survey(found, store, settings, progress), choices, settings, store)


def survey(
    source: str | Path,
    *,
    home: Path,
    size: int,
    channels: Channels = "auto",
    fit: Fit = "crop",
    background: str = "white",
    progress: Progress | None = None,
) -> Survey:
    """Prepare all pictures of a source, as `prepare` does without choices, and return the facts about each one."""
    return _survey(find_source(source, Path(home)), Path(home) / "data", _settings(size, channels, fit, background), progress)


def reattach(
    source: str | Path,
    *,
    home: Path,
    dataset_hash: str,
    size: int,
    choices: Choices = AS_FOUND,
    background: str = "white",
    progress: Progress | None = None,
) -> Dataset:
    """Prepare the pictures of a run again after they were lost, for example because the run was moved, so that it can continue.

    The same fit and channels as before give the same hash. Raises DataError where the source now holds other pictures, because
    the run would continue with other data.
    """
    home = Path(home)
    if (known := _open_if_whole(home / "data" / dataset_hash / "dataset.json")) is not None:
        return known
    found = find_source(source, home)
    with found.open() as opened:
        findings = examine(opened, progress=progress)
    chosen = findings.choose(choices)[0] if choices.any else findings
    possible: list[tuple[Channels, Fit]] = [("auto", "crop"), ("auto", "pad"), (3, "crop"), (1, "crop"), (3, "pad"), (1, "pad")]
    for channels, fit in possible:
        settings = _settings(size, channels, fit, background)
        if settings.hash(settings.channels_for(findings.report), _labelled(chosen)) == dataset_hash:
            how: dict[str, Any] = {"channels": channels, "fit": fit, "background": background, "choices": choices}
            return prepare(source, home=home, size=size, progress=progress, **how)
    raise DataError("dataset_other", path=found.name, found=findings.report.usable)


def _prepare_all(
    found: Source, store: Path, settings: _Settings, progress: Progress | None, again: bool = False
) -> tuple[Dataset, Path]:
    """Prepare all pictures of a source, and write the file with the facts about each. `again` prepares existing ones too."""
    meta_name = f"zip-{settings.hash(settings.channels, [found.digest()])}.json"
    for known in [] if again else sorted(store.glob(f"*/{meta_name}")):
        if dataset := _open_if_whole(known, found.stem):
            return dataset, known
    with found.open() as opened, unfinished_folder(store) as folder:
        check_room(store, len(opened.listing.members) * settings.size**2 * 4)  # in colour, plus in grey
        findings = _write_pictures(opened, folder, settings, progress)
        meta = _write_rest(folder, findings, settings, found.stem, settings.channels_for(findings.report))
        target = store / meta["hash"]
        _settle(folder, target)
    told = {"names": findings.names, "sides": findings.sides, "contents": [content.hex() for content in findings.contents]}
    write_file(target / meta_name, json.dumps(meta | told).encode(), durable=False)
    return _open(target / meta_name, found.stem), target / meta_name


def _survey(found: Source, store: Path, settings: _Settings, progress: Progress | None) -> Survey:
    dataset, meta_path = _prepare_all(found, store, settings, progress)
    known = _known_of(dataset, meta_path)
    if known is None:  # an earlier version stored no names
        dataset, meta_path = _prepare_all(found, store, settings, progress, again=True)
        known = _known_of(dataset, meta_path)
    if known is None:
        raise DataError("dataset_damaged", path=str(meta_path.parent))
    return Survey(dataset, known)


def _known_of(dataset: Dataset, meta_path: Path) -> Findings | None:
    """Return the facts about each picture of a prepared set; None where its file does not hold them."""
    try:
        meta = read_json(meta_path, min(meta_path.stat().st_size, MAX_META_BYTES))
        names, sides = [str(name) for name in meta["names"]], [int(side) for side in meta["sides"]]
        contents = [bytes.fromhex(content) for content in meta["contents"]]
    except (CheckpointError, OSError, ValueError, KeyError, TypeError):
        return None
    if not len(names) == len(sides) == len(contents) == len(dataset.labels):
        return None
    return Findings(dataset.report, contents, names, sides, dataset.classes, dataset.labels)


def _prepare_chosen(everything: Survey, choices: Choices, settings: _Settings, store: Path) -> Dataset:
    """Copy the pictures that the user chose into a set of their own."""
    dataset = everything.dataset
    chosen, kept = everything.findings.choose(choices)
    target = store / settings.hash(_channels_of(dataset), _labelled(chosen))
    if known := _open_if_whole(target / "dataset.json", dataset.name):
        return known
    with unfinished_folder(store) as folder:
        check_room(store, kept.size * dataset.pictures[0].nbytes)
        copy_pictures(dataset.pictures, kept, folder / "pictures.npy")
        _write_rest(folder, chosen, settings, dataset.name, _channels_of(dataset))
        _settle(folder, target)
    return _open(target / "dataset.json", dataset.name)


def _channels_of(dataset: Dataset) -> Literal[1, 3]:
    return 1 if dataset.channels == 1 else 3


def _settle(folder: Path, target: Path) -> None:
    """Give the folder its final name, unless the same pictures are already stored there, for example by another process."""
    if _open_if_whole(target / "dataset.json") is None:
        shutil.rmtree(target, ignore_errors=True)  # damaged
        try:
            folder.rename(target)
        except OSError:
            if _open_if_whole(target / "dataset.json") is None:
                raise


def open_dataset(home: Path, dataset_hash: str) -> Dataset:
    """Open the prepared pictures of this hash. Raises DataError where they are missing or damaged."""
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


# Writing


def _write_pictures(opened: Opened, folder: Path, settings: _Settings, progress: Progress | None) -> Findings:
    """Write pictures.npy, in colour until it is certain that all pictures are grey."""
    path, size = folder / "pictures.npy", settings.size
    at_once = 1 if settings.channels == 1 else 3
    with picture_file(path, size, at_once) as file:

        def keep(picture: Picture) -> None:
            fitted = picture.fit(size, settings.fit, settings.background)
            if at_once == 1:
                fitted = np.asarray(Image.fromarray(fitted).convert("L"))
            file.add(fitted.reshape(1, size, size, at_once))

        findings = examine(opened, keep, progress)
    if settings.channels_for(findings.report) != at_once:
        colour_path = path.rename(folder / "colour.npy")
        colour = np.load(colour_path, mmap_mode="r")
        with picture_file(path, size, 1) as file:
            for start in range(0, len(colour), COPY_PICTURES):
                file.add(colour[start : start + COPY_PICTURES, :, :, :1])
        del colour  # Windows cannot remove a file that is mapped
        colour_path.unlink()
    return findings


def _write_rest(folder: Path, findings: Findings, settings: _Settings, name: str, channels: Literal[1, 3]) -> dict[str, Any]:
    """Write everything but the pictures, and return the content of dataset.json."""
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
    """Return the content that a set's hash covers: each picture's content and class."""
    names = [name.encode(errors="replace") for name in findings.classes] or [b""]
    return [content + names[label] for content, label in zip(findings.contents, findings.labels, strict=True)]


# Reading


def _open_if_whole(meta_path: Path, name: str | None = None) -> Dataset | None:
    """Open a prepared set; return None where it is missing, or is damaged and must be prepared again."""
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
        # read_json reserves memory for its whole limit
        meta = read_json(meta_path, min(meta_path.stat().st_size, MAX_META_BYTES))
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
