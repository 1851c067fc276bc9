"""Training pictures in the stream's order, on the device."""

import numpy as np
import torch
from torch import Tensor

from gan.config import RunConfig
from gan.data import Dataset, order


class Pictures:
    """Training pictures in the stream's order: on the device as a whole where it is a GPU, else from the memory map."""

    def __init__(self, dataset: Dataset, config: RunConfig, device: torch.device) -> None:
        self.dataset = dataset
        self.seed = config.seed
        self.conditional = bool(config.classes)
        self.device = device
        self.resident: Tensor | None = None
        self.knows_held_out = len(dataset.held_out_indices) > 0
        if device.type != "cpu":
            self.resident = torch.from_numpy(dataset.pictures[dataset.train_indices]).to(device)
            self.classes = torch.from_numpy(dataset.labels[dataset.train_indices]).to(device)

    def held_out(self, positions: np.ndarray) -> tuple[Tensor, Tensor | None]:
        """Pictures that are never trained on, in an order of their own."""
        chosen = order(len(self.dataset.held_out_indices), self.seed, int(positions[0]), len(positions))
        index = self.dataset.held_out_indices[chosen]
        pictures = torch.from_numpy(self.dataset.pictures[index]).to(self.device, non_blocking=True)
        classes = torch.from_numpy(self.dataset.labels[index]).to(self.device, non_blocking=True)
        return pictures.permute(0, 3, 1, 2), classes if self.conditional else None

    def __call__(self, positions: np.ndarray) -> tuple[Tensor, Tensor | None]:
        chosen = order(len(self.dataset.train_indices), self.seed, int(positions[0]), len(positions))
        if self.resident is not None:
            index = torch.from_numpy(chosen).to(self.device, non_blocking=True)
            pictures, classes = self.resident[index], self.classes[index]
        else:
            index = self.dataset.train_indices[chosen]
            pictures, classes = torch.from_numpy(self.dataset.pictures[index]), torch.from_numpy(self.dataset.labels[index])
        return pictures.permute(0, 3, 1, 2), classes if self.conditional else None
