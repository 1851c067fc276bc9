"""The training pictures nearest to a generated picture, for models whose training set is on this machine."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from gan.bulk import CopyGuard, Likeness, likeness_of
from gan.data import Dataset, open_dataset
from gan.errors import CheckpointError, DataError, ModelError
from gan.images import data_uri, encode_png
from gan.metrics import nearest
from gan.playing.studio import Answer, Call, Studio
from gan.recipes import Recipe
from gan.runs import Run
from gan.sampler import Model
from gan.words import Language

Array = np.ndarray[Any, Any]


class LikenessCall(Call):
    """A picture to compare with the training pictures."""

    recipe: Recipe


def training_set(studio: Studio, key: str, model: Model) -> Dataset | None:
    """Return the prepared pictures that a run was trained on, if they still exist."""
    entry = studio.shelf.entry(key)
    if entry.kind != "run":
        return None
    try:
        dataset = open_dataset(studio.shelf.home, str(Run.open(studio.shelf.home, entry.name).config["dataset_hash"]))
    except (CheckpointError, DataError, KeyError):
        return None
    same = (dataset.resolution, dataset.channels) == (model.config.resolution, model.config.channels)
    return dataset if same and len(dataset.train_indices) > 1 else None


def nearest_training(studio: Studio, call: LikenessCall, language: Language) -> Answer:
    """Return the nearest training picture by pixels and by pretrained features, each with whether it is nearer than 95 % of new
    pictures are. Raises ModelError where the training pictures are not here.
    """
    model = studio.open(call.model)
    dataset = training_set(studio, call.model, model)
    if dataset is None:
        raise ModelError("training_set_absent", model=model.name)
    guard, likeness = measures_of(studio.shelf.home, dataset.hash)
    picture = studio.pool.render(model, [call.recipe])

    def original(rows: Array, distances: Array, closest: float) -> Answer:
        src = data_uri(encode_png(dataset.pictures[rows[0]]))
        return {"src": src, "distance": float(distances[0]), "near": bool(distances[0] < closest)}

    return {
        "pixels": original(*nearest(picture, dataset.pictures, dataset.train_indices), guard.closest),
        "features": original(*likeness.nearest(picture), likeness.closest),
        "pictures": len(dataset.train_indices),
        "name": dataset.name,
    }


@lru_cache(2)
def measures_of(home: Path, dataset_hash: str) -> tuple[CopyGuard, Likeness]:
    """Return the measures of a dataset, which take seconds to prepare."""
    dataset = open_dataset(home, dataset_hash)
    return CopyGuard(dataset), likeness_of(dataset)
