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
    """The root of the mean squared difference per value, 0 … 1: 0 is the same picture, 1 is black against white."""
    return float(np.sqrt(np.mean(((made.astype(np.float64) - wanted) / 255) ** 2)))


def pyramid(pictures: Tensor) -> list[Tensor]:
    """(N, C, R, R) and its box-filtered halves, down to 8 pixels or an odd side."""
    levels = [pictures]
    while levels[-1].shape[-1] % 2 == 0 and levels[-1].shape[-1] > SMALLEST_SIDE:
        levels.append(F.avg_pool2d(levels[-1], 2))
    return levels


def pixel_distance(levels: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """The mean squared difference over the levels of two pyramids, (N,); coarse levels attract distant parts to each other."""
    return sum_rows([(mine - other).square().mean((1, 2, 3)) for mine, other in zip(levels, wanted, strict=True)])


def sum_rows(parts: list[Tensor]) -> Tensor:
    """The mean of values (N,)."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total / len(parts)


class FeatureLoss:
    """Features of a model folder's discriminator, in place of the pretrained network of perceptual losses.

    The network is read from the folder, a copy that is not shared.
    """

    def __init__(self, network: Discriminator, layers: list[nn.Module]) -> None:
        self.network = network.requires_grad_(False)
        self._seen: list[Tensor] = []
        for layer in layers:
            layer.register_forward_hook(lambda module, inputs, output: self._seen.append(output))

    @classmethod
    def of(cls, model: Model) -> "FeatureLoss | None":
        """None where the folder holds no discriminator, or the family names no feature layers. Raises CheckpointError."""
        network = read_discriminator(model.folder, model.device)
        layers = [] if network is None else network.feature_layers()
        return None if network is None or not layers else cls(network, layers)

    def features(self, pictures: Tensor, class_index: Tensor | None) -> list[Tensor]:
        """Pictures (N, C, R, R) -> the features of each layer, (N, F) each."""
        self._seen.clear()
        self.network(pictures, class_index)
        return [seen.flatten(1) for seen in self._seen]

    @staticmethod
    def distance(features: list[Tensor], wanted: list[Tensor]) -> Tensor:
        """The mean squared difference relative to the wanted features, averaged over the layers, (N,)."""
        return sum_rows(
            [
                (mine - other).square().mean(1) / (other.square().mean(1) + 1e-8)
                for mine, other in zip(features, wanted, strict=True)
            ]
        )
