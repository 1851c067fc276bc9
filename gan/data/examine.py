"""The one pass over a zip that `inspect` and `prepare` share."""

import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gan.data.archive import Archive, printable
from gan.data.pictures import Picture, decode
from gan.data.report import MAX_CLASSES, MIN_PICTURES, Report, TooFewPicturesError, Unusable

Progress = Callable[[int, int], None]

PROGRESS_EVERY = 32  # files
MAX_CLASS_NAME = 200  # letters
LOOSE = "other"  # the class of pictures that lie beside the class folders


@dataclass(frozen=True)
class Findings:
    """What a zip holds. The pictures stand in the order of their names, duplicates left out."""

    report: Report
    contents: list[bytes]  # sha256 of each picture's file
    classes: list[str]
    labels: np.ndarray  # int64 (N,)


def examine(archive: Archive, keep: Callable[[Picture], None] | None = None, progress: Progress | None = None) -> Findings:
    """Read and decode every file once, one in memory at a time; each usable picture is handed to `keep`.

    Raises TooFewPicturesError.
    """
    skipped = list(archive.skipped)
    seen: set[bytes] = set()
    contents: list[bytes] = []
    folders: list[tuple[str, ...]] = []
    sides: list[int] = []
    duplicates, grey = 0, True
    total = len(archive.members)
    for done, member in enumerate(archive.members):
        if progress is not None and done % PROGRESS_EVERY == 0:
            progress(done, total)
        try:
            content = archive.read(member)
            digest = hashlib.sha256(content).digest()
            picture = None if digest in seen else decode(content)
        except Unusable as reason:
            skipped.append(reason.skip(printable(member.name)))
            continue
        if picture is None or picture.fingerprint in seen:
            duplicates += 1
            continue
        seen |= {digest, picture.fingerprint}
        if keep is not None:
            keep(picture)
        contents.append(digest)
        folders.append(member.folders)
        sides.append(picture.shorter_side)
        grey = grey and picture.grey
    if progress is not None:
        progress(total, total)

    found, classes, labels = sort_into_classes(folders)
    report = Report(
        usable=len(contents),
        skipped=sorted(skipped, key=lambda each: each.name),
        classes={name: int(count) for name, count in zip(classes, np.bincount(labels), strict=False)},
        duplicates=duplicates,
        median_side=int(np.median(sides)) if sides else 0,
        grey=grey and bool(sides),
        folders=found,
    )
    if report.usable < MIN_PICTURES:
        raise TooFewPicturesError(archive.name, report)
    return Findings(report, contents, classes, labels)


def sort_into_classes(folders: Sequence[tuple[str, ...]]) -> tuple[int, list[str], np.ndarray]:
    """How many folders could be classes, the classes' names in order (none where fewer than two), and a label a picture.

    Folders common to all pictures are dropped, and the next level is the class.
    """
    depth = sum(1 for _ in itertools.takewhile(lambda level: len(set(level)) == 1, zip(*folders, strict=False)))
    names = [printable(path[depth])[:MAX_CLASS_NAME] if len(path) > depth else None for path in folders]
    found = len(set(names) - {None})
    if not 2 <= found <= MAX_CLASSES:
        return found, [], np.zeros(len(folders), np.int64)
    chosen = [LOOSE if name is None else name for name in names]
    classes, labels = np.unique(chosen, return_inverse=True)
    return found, [str(name) for name in classes], labels.astype(np.int64)
