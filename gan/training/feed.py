"""Training data on the device, in the stream's order, and the table FEEDS of the data that a game can use."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gan.config import RunConfig
from gan.data import Dataset, order
from gan.machine import send

PictureSource = Callable[[np.ndarray], tuple[Tensor, Tensor | None]]
"""Maps positions in a stream of pictures to uint8 (n, C, H, W) on the device, and int64 classes (n,) or None."""


class Pictures:
    """Pictures of a dataset in the stream's order. A GPU holds all of them; otherwise they are read from the memory map."""

    def __init__(self, dataset: Dataset, indices: np.ndarray, config: RunConfig, device: torch.device) -> None:
        self.dataset = dataset
        self.indices = indices  # int64 (n,), n > 0
        self.seed = config.seed
        self.conditional = bool(config.classes)
        self.device = device
        self.resident: Tensor | None = None
        if device.type != "cpu":
            self.resident = torch.from_numpy(dataset.pictures[indices]).to(device)
            self.classes = torch.from_numpy(dataset.labels[indices]).to(device)

    def __call__(self, positions: np.ndarray) -> tuple[Tensor, Tensor | None]:
        chosen = order(len(self.indices), self.seed, int(positions[0]), len(positions))
        if self.resident is not None:
            index = send(torch.from_numpy(chosen), self.device)
            pictures, classes = self.resident[index], self.classes[index]
        else:
            index = self.indices[chosen]
            pictures, classes = torch.from_numpy(self.dataset.pictures[index]), torch.from_numpy(self.dataset.labels[index])
        return pictures.permute(0, 3, 1, 2), classes if self.conditional else None


class PictureFeed(NamedTuple):
    """The training pictures and, where augmentation adapts, held-out pictures to measure overfitting on."""

    training: PictureSource
    held_out: PictureSource | None = None

    @classmethod
    def of(cls, dataset: Dataset, config: RunConfig, device: torch.device) -> "PictureFeed":
        """Return the feed of a prepared dataset."""
        adapts = config.augment_target is not None
        held_out = Pictures(dataset, dataset.held_out_indices, config, device) if adapts else None
        return cls(Pictures(dataset, dataset.train_indices, config, device), held_out)


FEEDS: dict[str, Callable[[Dataset, RunConfig, torch.device], Any]] = {"pictures": PictureFeed.of}
"""The feeds that a game's `takes` can name. A game of two sets or of pairs adds a line."""
