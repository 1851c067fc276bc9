"""How unlike pictures are: in their pixels at several scales, and in the eyes of a model's own discriminator."""

import numpy as np
import numpy.typing as npt
import torch.nn.functional as F
from torch import Tensor, nn

from gan.families import Discriminator
from gan.families.dcgan import DCGANDiscriminator
from gan.families.mlp import MLPDiscriminator
from gan.families.style import StyleDiscriminator
from gan.models import read_discriminator
from gan.sampler import Model

SMALLEST_SIDE = 8

# Where a family's discriminator keeps the layers it looks through, one after the other.
LAYERS: dict[type[Discriminator], str] = {StyleDiscriminator: "blocks", DCGANDiscriminator: "blocks", MLPDiscriminator: "hidden"}


def picture_error(made: npt.NDArray[np.uint8], wanted: npt.NDArray[np.uint8]) -> float:
    """The root of the mean squared difference a value, 0 … 1: 0 is the same picture, 1 is black for white."""
    return float(np.sqrt(np.mean(((made.astype(np.float64) - wanted) / 255) ** 2)))


def pyramid(pictures: Tensor) -> list[Tensor]:
    """(N, C, R, R) and its box-filtered halves, down to 8 pixels or an odd side."""
    levels = [pictures]
    while levels[-1].shape[-1] % 2 == 0 and levels[-1].shape[-1] > SMALLEST_SIDE:
        levels.append(F.avg_pool2d(levels[-1], 2))
    return levels


def pixel_distance(levels: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """The mean squared difference over the levels of two pyramids, (N,): far parts attract each other at the coarse ones."""
    return sum_rows([(mine - other).square().mean((1, 2, 3)) for mine, other in zip(levels, wanted, strict=True)])


def sum_rows(parts: list[Tensor]) -> Tensor:
    """The mean of values (N,)."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total / len(parts)


class Eyes:
    """What the discriminator of a model folder sees: a stand-in for the pretrained network that perceptual losses use.

    It is a copy of its own, read from the folder, so that nobody else's is touched.
    """

    def __init__(self, network: Discriminator, layers: nn.Module) -> None:
        self.network = network.requires_grad_(False)
        self._seen: list[Tensor] = []
        for layer in layers.children():
            layer.register_forward_hook(lambda module, inputs, output: self._seen.append(output))

    @classmethod
    def of(cls, model: Model) -> "Eyes | None":
        """None where the folder holds no discriminator, or one of which it is not known where to look. Raises CheckpointError."""
        network = read_discriminator(model.folder, model.device)
        name = LAYERS.get(type(network)) if network is not None else None
        return None if network is None or name is None else cls(network, network.get_submodule(name))

    def features(self, pictures: Tensor, class_index: Tensor | None) -> list[Tensor]:
        """Pictures (N, C, R, R) -> what each layer makes of them, (N, F) each."""
        self._seen.clear()
        self.network(pictures, class_index)
        return [seen.flatten(1) for seen in self._seen]

    @staticmethod
    def distance(features: list[Tensor], wanted: list[Tensor]) -> Tensor:
        """The mean squared difference as a part of what there is to see, over the layers, (N,)."""
        return sum_rows(
            [
                (mine - other).square().mean(1) / (other.square().mean(1) + 1e-8)
                for mine, other in zip(features, wanted, strict=True)
            ]
        )
