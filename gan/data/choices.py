"""The user's choices about the pictures of a source: which pictures are left out, and what the classes are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from gan.data.classes import LOOSE, MAX_CLASS_NAME, Sorted, class_names
from gan.data.report import MAX_CLASSES
from gan.errors import ConfigError
from gan.words import is_printable, printable

NO_CLASSES = 0
DEEPEST_LEVEL = 64

Name = Annotated[str, Field(min_length=1, max_length=4096)]
ClassName = Annotated[str, Field(min_length=1, max_length=MAX_CLASS_NAME)]


class Choices(BaseModel):
    """Pictures that are left out, and changes to the classes. `level` applies first, then `ignored`, then `renamed`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    left_out: tuple[Name, ...] = ()
    """Names of pictures in the source."""
    level: int | None = Field(None, ge=NO_CLASSES, le=DEEPEST_LEVEL)
    """The level of folders that gives the classes, 1 being the outermost. 0 means no classes; None keeps those found in the
    source.
    """
    ignored: tuple[ClassName, ...] = ()
    """Classes whose pictures are left out."""
    renamed: Mapping[ClassName, ClassName] = Field(default_factory=dict)
    """Maps old names to new ones. Classes with the same new name become one class."""

    @property
    def any(self) -> bool:
        """Return whether any choice was made."""
        return self != AS_FOUND

    @field_validator("left_out", "ignored")
    @classmethod
    def sort_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        """Sort the names, so that equal choices are equal objects and are stored identically."""
        return tuple(sorted(set(names)))

    @field_validator("renamed")
    @classmethod
    def check_names(cls, renamed: Mapping[str, str]) -> Mapping[str, str]:
        """Drop entries whose new name equals the old one."""
        for name in renamed.values():
            if not is_printable(name) or name != name.strip():
                raise ValueError(f"{printable(name)!r} cannot be the name of a class")
        return {old: new for old, new in sorted(renamed.items()) if old != new}


AS_FOUND = Choices()


@dataclass(frozen=True)
class Chosen:
    """The result of choices: the positions of the pictures that remain, and their classes."""

    kept: np.ndarray  # int64 (M,), ascending
    classes: list[str]
    labels: np.ndarray  # int64 (M,)


def apply_choices(names: Sequence[str], classes: Sequence[str], labels: np.ndarray, choices: Choices) -> Chosen:
    """Apply choices to pictures, given by their names and by the classes found in the source.

    Raises ConfigError for a picture or a class that does not exist.
    """
    if choices.level is not None:
        by_level = sort_by_level(names, choices.level)
        classes, labels = by_level.classes, by_level.labels
    _check_known("picture_unknown", choices.left_out, names)
    _check_known("class_not_there", [*choices.ignored, *choices.renamed], classes)
    left_out = set(choices.left_out)
    kept = np.array([name not in left_out for name in names], bool)
    if classes:
        kept &= ~np.isin(labels, [index for index, name in enumerate(classes) if name in choices.ignored])
    new_names = [choices.renamed.get(name, name) for name in classes]
    return _renumbered(np.flatnonzero(kept), new_names, labels[kept], by_name=list(classes) == sorted(classes))


def _renumbered(kept: np.ndarray, names: list[str], labels: np.ndarray, by_name: bool) -> Chosen:
    """Return the classes that still hold pictures, each name once, in their old order or sorted by name."""
    present = sorted({int(label) for label in labels}) if names else []
    used = list(dict.fromkeys(names[label] for label in present))
    if len(used) < 2:
        return Chosen(kept, [], np.zeros(len(kept), np.int64))
    used = sorted(used) if by_name else used
    place = np.zeros(len(names), np.int64)
    for label in present:
        place[label] = used.index(names[label])
    return Chosen(kept, used, place[labels])


def _check_known(code: str, wanted: Iterable[str], known: Iterable[str]) -> None:
    if unknown := sorted(set(wanted) - set(known)):
        raise ConfigError(code, found=printable(unknown[0]))


def sort_by_level(names: Sequence[str], level: int) -> Sorted:
    """Sort pictures into classes by the folders of one level, 1 being the outermost. Level 0 gives no classes."""
    paths = [name.split("/") for name in names]
    own = [path[level - 1] if len(path) > level else LOOSE for path in paths]
    folders = {folder for folder, path in zip(own, paths, strict=True) if len(path) > level}
    if level == NO_CLASSES or not 2 <= len(folders) <= MAX_CLASSES:
        return Sorted(len(folders), [], np.zeros(len(names), np.int64))
    different = sorted(set(own))
    shown = class_names(different)
    order = sorted(range(len(shown)), key=shown.__getitem__)
    place = {different[index]: position for position, index in enumerate(order)}
    labels = np.array([place[folder] for folder in own], np.int64)
    return Sorted(len(folders), [shown[index] for index in order], labels, "folders", level)


def possible_levels(names: Sequence[str]) -> dict[int, int]:
    """Return the levels of folders that could be the classes, each with its number of folders."""
    folders: Counter[int] = Counter()
    for level, _ in {(level, folder) for name in names for level, folder in enumerate(name.split("/")[:-1], 1)}:
        folders[level] += 1
    return {level: count for level, count in sorted(folders.items()) if 2 <= count <= MAX_CLASSES}
