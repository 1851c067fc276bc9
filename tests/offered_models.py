"""Models in the form of a repository on the loopback Hub, with named directions if a test needs them."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from gan.directions import factorise
from gan.models import read_directions, write_directions
from gan.sampler import Model

CLASSES = ("cats", "dogs")
SEEDS = list(range(8))


def offered(folder: Path) -> dict[str, bytes]:
    """Return the files of a repository with this model."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def pictures(folder: Path) -> np.ndarray:
    return Model.open(folder, "cpu").generate(SEEDS)


def named(folder: Path, name: str) -> Model:
    """Add a named direction to the model of a folder."""
    model = Model.open(folder, "cpu")
    write_directions(model, [*read_directions(model), replace(factorise(model, 1)[0], name=name)])
    return model


def names(folder: Path) -> list[str]:
    return [direction.name for direction in read_directions(Model.open(folder, "cpu"))]
