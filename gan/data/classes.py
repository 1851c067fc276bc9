"""Sorts pictures into classes: by labels in a file, else by the level of folders that most pictures share."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from gan.data.labels import Label, Labels
from gan.data.report import MAX_CLASSES
from gan.words import printable

LOOSE = "other"  # the class of pictures that are in none of the class folders
MAX_CLASS_NAME = 200  # letters
NEARLY_ALL = 0.95  # fraction of the pictures; the remaining ones are strays
STRAYS_FROM = 10  # with fewer pictures than this, none counts as a stray
SPLITS = {
    *("train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval", "holdout"),
    *("trainset", "testset", "train_set", "test_set", "training_set", "trainval", "unlabeled", "extra", "trn", "tst"),
}
# StyleGAN's dataset_tool puts 1,000 pictures a folder, 00003/img00003456.png; FFHQ comes as 03000/03456.png.
STORAGE_FOLDER, STORAGE_FILE = re.compile(r"\d{5}"), re.compile(r"(img)?(\d{5,8})")


@dataclass(frozen=True)
class Sorted:
    """The classes of pictures: their names in order, and one label for each picture. Fewer than two classes count as none."""

    found: int  # number of labels or folders that could be classes
    classes: list[str]
    labels: np.ndarray  # int64 (N,)
    origin: str | None = None  # source of the classes: a label file's name, or "folders"
    level: int | None = None  # level of the folders that are classes, 1 being the outermost
    example: str | None = None  # a picture's folders up to that level


def sort_into_classes(names: Sequence[str], labels: Labels | None = None) -> Sorted:
    """Sort pictures into classes. Pictures are given by their paths."""
    if labels is not None:
        given = [labels.by_path.get(name) for name in names]
        return _sorted([LOOSE if label is None else label for label in given], len(set(given) - {None}), labels.origin)
    paths = [tuple(name.split("/")) for name in names]
    level = class_level(paths)
    if level is None:
        return Sorted(0, [], np.zeros(len(names), np.int64))
    own = [path[level] if len(path) > level + 1 else None for path in paths]
    found = len(set(own) - {None})
    example = next(("/".join(path[: level + 1]) for path, folder in zip(paths, own, strict=True) if folder is not None), "")
    return _sorted([LOOSE if folder is None else folder for folder in own], found, "folders", level + 1, printable(example)[:200])


def class_level(paths: Sequence[tuple[str, ...]]) -> int | None:
    """Return the level of folders, 0 being the outermost, that holds the classes; None where there is no such level.

    `paths` end in file names. Two kinds of level are skipped: a folder that nearly all pictures share and that has classes below
    it, and splits such as train and test. Two kinds of folder are not classes: numbered ones in which tools store a thousand
    pictures each, and folders that together hold fewer than half of the pictures.
    """
    deepest = max(map(len, paths), default=0) - 1
    for level in range(deepest):
        inside = [path for path in paths if len(path) > level + 1]
        folders = Counter(path[level] for path in inside)
        strays = ceil((1 - NEARLY_ALL) * len(inside)) if len(inside) >= STRAYS_FROM else 0
        (largest, count), *_ = folders.most_common(1)
        in_splits = sum(number for folder, number in folders.items() if folder.lower().rstrip("0123456789_- ") in SPLITS)
        if len(folders) == 1 or len(inside) - in_splits <= strays:
            continue
        below = [path[level + 1 :] for path in inside if path[level] == largest]
        if len(inside) - count <= strays and class_level(below) is not None:
            continue
        stored = sum(_is_stored(path[level:]) for path in inside)
        return level if 2 * len(inside) >= len(paths) and len(inside) - stored > strays else None
    return None


def _is_stored(path: tuple[str, ...]) -> bool:
    """Return whether a folder and a file belong to a large set that a tool stores in numbered folders."""
    if len(path) != 2 or not STORAGE_FOLDER.fullmatch(path[0]):
        return False
    file = STORAGE_FILE.fullmatch(path[1].partition(".")[0])
    return file is not None and (file[1] is not None or int(file[2]) // 1000 * 1000 == int(path[0]))


def _sorted(chosen: Sequence[Label], found: int, origin: str, level: int | None = None, example: str | None = None) -> Sorted:
    if not 2 <= found <= MAX_CLASSES:
        return Sorted(found, [], np.zeros(len(chosen), np.int64))
    different = sorted(set(chosen), key=lambda label: (isinstance(label, str), label))  # numbers by size, names by letters
    shown = class_names([str(label) for label in different])
    if all(isinstance(label, str) for label in different):
        order = sorted(range(len(shown)), key=shown.__getitem__)
    else:
        order = list(range(len(shown)))
    position = {different[index]: place for place, index in enumerate(order)}
    labels = np.array([position[label] for label in chosen], np.int64)
    return Sorted(found, [shown[index] for index in order], labels, origin, level, example)


def class_names(names: Sequence[str]) -> list[str]:
    """Return class names that can be printed. Different names that become equal by this get a few hexadecimal digits of their
    hash.
    """
    shown = [printable(name)[:MAX_CLASS_NAME] for name in names]
    times = Counter(shown)
    return [
        name
        if times[name] == 1
        else f"{name[: MAX_CLASS_NAME - 9]}…{hashlib.sha256(whole.encode(errors='replace')).hexdigest()[:8]}"
        for name, whole in zip(shown, names, strict=True)
    ]
