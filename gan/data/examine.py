"""Reads a source once, from start to end, for both `inspect` and `prepare`."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gan.data.choices import Choices, apply_choices
from gan.data.classes import sort_into_classes
from gan.data.labels import read_labels
from gan.data.pictures import Picture, decode
from gan.data.report import MIN_PICTURES, Report, Skipped, TooFewPicturesError, Unusable
from gan.data.sources import Opened
from gan.errors import DataError
from gan.words import printable

Progress = Callable[[int, int], None]

PROGRESS_EVERY = 32  # files
# Processor time that decoding a source may take: a fixed part, and a part for each MB of its files. Ordinary pictures take a
# tenth of it.
BASE_SECONDS, SECONDS_PER_MEGABYTE = 60.0, 1.0


@dataclass(frozen=True)
class Findings:
    """The contents of a source. The pictures are sorted by name, without duplicates."""

    report: Report
    contents: list[bytes]  # sha256 of each picture's file
    names: list[str]  # names of the pictures in the source
    sides: list[int]  # shorter sides in pixels
    classes: list[str]
    labels: np.ndarray  # int64 (N,)

    def choose(self, choices: Choices) -> tuple["Findings", np.ndarray]:
        """Return the findings after the user's choices, and the positions of the remaining pictures among all pictures,
        ascending. Raises ConfigError and DataError.
        """
        chosen = apply_choices(self.names, self.classes, self.labels, choices)
        contents, names, sides = ([each[index] for index in chosen.kept] for each in (self.contents, self.names, self.sides))
        level_chosen = choices.level is not None and bool(chosen.classes)
        report = replace(
            self.report,
            usable=len(contents),
            classes=_counts(chosen.classes, chosen.labels),
            left_out=len(self.contents) - len(contents),
            median_side=int(np.median(sides)) if sides else 0,
        )
        if level_chosen:
            report = replace(report, labels_from="folders", level=choices.level, example=None)
        if report.usable < MIN_PICTURES:
            raise DataError("too_few_chosen", found=report.usable, left_out=report.left_out, needed=MIN_PICTURES)
        return Findings(report, contents, names, sides, chosen.classes, chosen.labels), chosen.kept


class _Clock:
    """Checks that decoding a source does not take more processor time than its size explains."""

    def __init__(self) -> None:
        self._began = time.thread_time()
        self._bytes = 0

    def check(self, content: bytes) -> float:
        """Return the thread's processor time. Raises Unusable once the allowed time is used up."""
        self._bytes += len(content)
        allowed, now = BASE_SECONDS + SECONDS_PER_MEGABYTE * self._bytes / 2**20, time.thread_time()
        if now - self._began > allowed:
            raise Unusable("skip_out_of_time", limit=round(allowed))
        return now


def examine(opened: Opened, keep: Callable[[Picture], None] | None = None, progress: Progress | None = None) -> Findings:
    """Read and decode every file once, holding one in memory at a time, and pass each usable picture to `keep`.

    Raises TooFewPicturesError.
    """
    skipped = list(opened.listing.skipped)
    seen: dict[bytes, str] = {}
    copies: list[tuple[str, str]] = []
    contents: list[bytes] = []
    names: list[str] = []
    sides: list[int] = []
    grey = True
    total = len(opened.listing.members)
    clock = _Clock()
    for done, member in enumerate(opened.listing.members):
        if progress is not None and done % PROGRESS_EVERY == 0:
            progress(done, total)
        try:
            content = opened.read(member)
            digest = hashlib.sha256(content).digest()
            picture = None if digest in seen else decode(content, clock.check(content))
        except Unusable as reason:
            skipped.append(reason.skip(printable(member.name)))
            continue
        known = digest if picture is None else picture.fingerprint
        if picture is None or known in seen:
            copies.append((member.name, seen[known]))
            continue
        seen |= {digest: member.name, picture.fingerprint: member.name}
        if keep is not None:
            keep(picture)
        contents.append(digest)
        names.append(member.name)
        sides.append(picture.shorter_side)
        grey = grey and picture.grey
    if progress is not None:
        progress(total, total)
    return _conclude(opened, skipped, contents, names, sides, copies, grey)


def _conclude(
    opened: Opened,
    skipped: list[Skipped],
    contents: list[bytes],
    names: list[str],
    sides: list[int],
    copies: list[tuple[str, str]],
    grey: bool,
) -> Findings:
    given, useless = read_labels(opened, names)
    found = sort_into_classes(names, given)
    report = Report(
        usable=len(contents),
        skipped=sorted([*skipped, *useless], key=lambda each: each.name),
        classes=_counts(found.classes, found.labels),
        duplicates=len(copies),
        copies=[(printable(name), printable(of)) for name, of in copies],
        median_side=int(np.median(sides)) if sides else 0,
        grey=grey and bool(sides),
        folders=found.found,
        labels_from=found.origin if found.classes else None,
        level=found.level,
        example=found.example,
    )
    if report.usable < MIN_PICTURES:
        raise TooFewPicturesError(opened.name, report)
    return Findings(report, contents, names, sides, found.classes, found.labels)


def _counts(classes: list[str], labels: np.ndarray) -> dict[str, int]:
    """Return the number of pictures in each class."""
    return {name: int(count) for name, count in zip(classes, np.bincount(labels, minlength=len(classes)), strict=False)}
