"""Which pictures the systems train on, and which they never see: the same for all, prepared as the product prepares a zip."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gan import data
from gan.data import Dataset

Array = npt.NDArray[Any]

UNSEEN_SHARE = 0.2
MOST_UNSEEN = 1000
SAMPLES = 1000  # each system draws at least this number, rounded up to a multiple of the unseen pictures


@dataclass(frozen=True)
class Source:
    """A zip in the folder of pictures, the side to train at, and the folders in it that are used, if not all."""

    zip_name: str
    side: int
    only: tuple[str, ...] = ()
    licence_stated: bool = True
    """Pictures whose licence is not stated are measured with, and never kept in the repository."""


SETS = {
    "people64": Source("emoji.zip", 64, only=("people",)),
    "flowers64": Source("flowers.zip", 64, licence_stated=False),
    "digits32": Source("digits.zip", 32),
    "people32": Source("emoji.zip", 32, only=("people",)),  # for what needs many trainings
    # The groups that the starter `emoji` has never seen: for fine-tuning on what is new, but not of another world.
    "objects64": Source("emoji.zip", 64, only=("activities", "objects", "travel")),
    "clothing64": Source("clothing.zip", 64),
    # Whole sets, of which the judge learns all classes.
    "emoji64": Source("emoji.zip", 64),
    "cifar32": Source("cifar10.zip", 32, licence_stated=False),
}
COMPARED = ("people64", "flowers64", "digits32")


@dataclass(frozen=True, eq=False)
class PictureSet:
    """What a system trains on (`dataset.train_indices`, from `zip_path`) and `unseen` pictures uint8 (M, H, W, C)."""

    name: str
    zip_path: Path
    dataset: Dataset
    unseen: Array
    unseen_labels: npt.NDArray[np.int64]  # (M,), of `dataset.classes`; 0 where there are none

    @property
    def training(self) -> Array:
        """uint8 (N, H, W, C)."""
        return np.asarray(self.dataset.pictures[self.dataset.train_indices])

    def names(self, labels: npt.NDArray[np.int64]) -> list[str]:
        """The judge's names of the classes that pictures with these labels should show: SET/CLASS, one a picture."""
        source = SETS[self.name]
        classes = self.dataset.classes or source.only
        return [f"{source.zip_name.removesuffix('.zip')}/{classes[label]}" for label in labels]

    @property
    def samples(self) -> int:
        """How many pictures of a system are scored: a multiple of the unseen ones, so that both are counted alike."""
        return len(self.unseen) * -(-SAMPLES // len(self.unseen))


def prepare_set(name: str, folder: Path, cache: Path) -> PictureSet:
    """Part a set by its pictures' contents, and prepare both parts in `cache`. A fifth, at most 1,000, is kept from all."""
    source = SETS[name]
    parts = [Path(cache) / "sets" / f"{name}{ending}.zip" for ending in ("", "-unseen")]
    if not all(part.is_file() for part in parts):
        divide(Path(folder) / source.zip_name, source.only, parts[0], parts[1])
    dataset = data.prepare(parts[0], home=cache, size=source.side)
    apart = data.prepare(parts[1], home=cache, size=source.side, channels=1 if dataset.channels == 1 else 3)
    # What the product itself sets aside nobody trains on either.
    unseen = np.concatenate([apart.pictures, dataset.pictures[dataset.held_out_indices]])[:MOST_UNSEEN]
    of_apart = np.array([dataset.classes.index(each) for each in apart.classes] or [0])[apart.labels]
    labels = np.concatenate([of_apart, dataset.labels[dataset.held_out_indices]])[:MOST_UNSEEN]
    return PictureSet(name, parts[0], dataset, unseen, labels.astype(np.int64))


def divide(path: Path, only: tuple[str, ...], training: Path, unseen: Path) -> None:
    """Share a zip's files out over two zips: those with the smallest hashes become unseen, equal ones are taken once."""
    training.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path) as archive:
        names = [
            name
            for name in archive.namelist()
            if not name.endswith("/") and (not only or not set(only).isdisjoint(Path(name).parts))
        ]
        by_content = {hashlib.sha256(archive.read(name)).hexdigest(): name for name in names}
        hashes = sorted(by_content)
        count = min(MOST_UNSEEN, int(UNSEEN_SHARE * len(hashes)))
        for target, chosen in ((unseen, hashes[:count]), (training, hashes[count:])):
            temporary = target.with_suffix(".part")
            with zipfile.ZipFile(temporary, "w") as written:
                for name in sorted(by_content[key] for key in chosen):
                    written.writestr(zipfile.ZipInfo(name), archive.read(name))
            temporary.replace(target)
