"""The pictures on which all systems train, and those on which no system trains. Both are prepared as the product prepares a
zip.
"""

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
SAMPLES = 1000  # least number of samples of each system, rounded up to a multiple of the unseen pictures


@dataclass(frozen=True)
class Source:
    """A zip in the folder of pictures, the side to train at, and the folders in it that are used, if not all."""

    zip_name: str
    side: int
    only: tuple[str, ...] = ()
    licence_stated: bool = True
    """Whether the licence is stated. Pictures without a stated licence are used for measuring only, and are not in the
    repository.
    """


SETS = {
    "people64": Source("emoji.zip", 64, only=("people",)),
    "flowers64": Source("flowers.zip", 64, licence_stated=False),
    "digits32": Source("digits.zip", 32),
    "people32": Source("emoji.zip", 32, only=("people",)),  # for measurements that take many trainings
    # The groups of emoji on which the starter `emoji` was not trained: new to it, but similar in kind. They test fine-tuning.
    "objects64": Source("emoji.zip", 64, only=("activities", "objects", "travel")),
    "clothing64": Source("clothing.zip", 64),
    # Complete sets, whose classes the judge learns.
    "emoji64": Source("emoji.zip", 64),
    "cifar32": Source("cifar10.zip", 32, licence_stated=False),
}
COMPARED = ("people64", "flowers64", "digits32")


@dataclass(frozen=True, eq=False)
class PictureSet:
    """The training pictures of the systems (`dataset.train_indices`, from `zip_path`) and `unseen` pictures, uint8 (M, H, W,
    C).
    """

    name: str
    zip_path: Path
    dataset: Dataset
    unseen: Array
    unseen_labels: npt.NDArray[np.int64]  # (M,), positions in `dataset.classes`; 0 without classes

    @property
    def training(self) -> Array:
        """The training pictures, uint8 (N, H, W, C)."""
        return np.asarray(self.dataset.pictures[self.dataset.train_indices])

    def names(self, labels: npt.NDArray[np.int64]) -> list[str]:
        """Return the judge's names of the classes that pictures with these labels should show: SET/CLASS, one for each
        picture.
        """
        source = SETS[self.name]
        classes = self.dataset.classes or source.only
        return [f"{source.zip_name.removesuffix('.zip')}/{classes[label]}" for label in labels]

    @property
    def samples(self) -> int:
        """The number of scored samples: a multiple of the unseen pictures, so that both are compared in equal numbers."""
        return len(self.unseen) * -(-SAMPLES // len(self.unseen))


def prepare_set(name: str, folder: Path, cache: Path) -> PictureSet:
    """Divide a set by its pictures' contents, and prepare both parts in `cache`. No system trains on a fifth of the pictures, at
    most 1,000.
    """
    source = SETS[name]
    parts = [Path(cache) / "sets" / f"{name}{ending}.zip" for ending in ("", "-unseen")]
    if not all(part.is_file() for part in parts):
        divide(Path(folder) / source.zip_name, source.only, parts[0], parts[1])
    dataset = data.prepare(parts[0], home=cache, size=source.side)
    apart = data.prepare(parts[1], home=cache, size=source.side, channels=1 if dataset.channels == 1 else 3)
    # The pictures that the product itself holds out are not trained on by any system.
    unseen = np.concatenate([apart.pictures, dataset.pictures[dataset.held_out_indices]])[:MOST_UNSEEN]
    of_apart = np.array([dataset.classes.index(each) for each in apart.classes] or [0])[apart.labels]
    labels = np.concatenate([of_apart, dataset.labels[dataset.held_out_indices]])[:MOST_UNSEEN]
    return PictureSet(name, parts[0], dataset, unseen, labels.astype(np.int64))


def divide(path: Path, only: tuple[str, ...], training: Path, unseen: Path) -> None:
    """Divide a zip's files between two zips: the files with the smallest hashes become unseen, and duplicates are used once."""
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
