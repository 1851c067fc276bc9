"""Distances between pictures: of pixels at several scales, and of features of a model's own discriminator."""

import numpy as np
import numpy.typing as npt
import torch.nn.functional as F
from torch import Tensor, nn

from gan.families import Discriminator
from gan.models import read_discriminator
from gan.sampler import Model

SMALLEST_SIDE = 8


def picture_error(made: npt.NDArray[np.uint8], wanted: npt.NDArray[np.uint8]) -> float:
    """Return the root of the mean squared difference per value, 0 … 1: 0 for equal pictures, 1 for black against white."""
    return float(np.sqrt(np.mean(((made.astype(np.float64) - wanted) / 255) ** 2)))


def pyramid(pictures: Tensor) -> list[Tensor]:
    """Return (N, C, R, R) and its box-filtered halves, down to 8 pixels or an odd side."""
    levels = [pictures]
    while levels[-1].shape[-1] % 2 == 0 and levels[-1].shape[-1] > SMALLEST_SIDE:
        levels.append(F.avg_pool2d(levels[-1], 2))
    return levels


def pixel_distance(levels: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """Return the mean squared difference over the levels of two pyramids, (N,). Coarse levels have useful gradients even where
    corresponding parts of the pictures are far apart.
    """
    return sum_rows([(mine - other).square().mean((1, 2, 3)) for mine, other in zip(levels, wanted, strict=True)])


def sum_rows(parts: list[Tensor]) -> Tensor:
    """Return the mean of several tensors (N,)."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total / len(parts)


class FeatureLoss:
    """Compares features of a model folder's discriminator, where perceptual losses use a pretrained network.

    The network is read from the folder and not shared with other code.
    """

    def __init__(self, network: Discriminator, layers: list[nn.Module]) -> None:
        self.network = network.requires_grad_(False)
        self._seen: list[Tensor] = []
        for layer in layers:
            layer.register_forward_hook(lambda module, inputs, output: self._seen.append(output))

    @classmethod
    def of(cls, model: Model) -> "FeatureLoss | None":
        """Return the loss of a model; None where its folder holds no discriminator, or its family names no feature layers. Raises
        CheckpointError.
        """
        network = read_discriminator(model.folder, model.device)
        layers = [] if network is None else network.feature_layers()
        return None if network is None or not layers else cls(network, layers)

    def features(self, pictures: Tensor, class_index: Tensor | None) -> list[Tensor]:
        """Map pictures (N, C, R, R) to the features of each layer, (N, F) each."""
        self._seen.clear()
        self.network(pictures, class_index)
        return [seen.flatten(1) for seen in self._seen]

    @staticmethod
    def distance(features: list[Tensor], wanted: list[Tensor]) -> Tensor:
        """Return the mean squared difference relative to the wanted features, averaged over the layers, (N,)."""
        return sum_rows(
            [
                (mine - other).square().mean(1) / (other.square().mean(1) + 1e-8)
                for mine, other in zip(features, wanted, strict=True)
            ]
        )
