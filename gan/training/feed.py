"""Pictures in the stream's order, on the device."""

import numpy as np
import torch
from torch import Tensor

from gan.config import RunConfig
from gan.data import Dataset, order
from gan.machine import send


class Pictures:
    """Pictures of a dataset in the stream's order: on the device as a whole where it is a GPU, else from the memory map."""

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
