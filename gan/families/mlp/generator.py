"""The mlp family's generator, and the initialisation of both networks' weights."""

import math
from itertools import pairwise
from typing import Any, cast

import torch
from torch import Tensor, nn

from gan.families.base import Generator
from gan.families.layers import CLASS_DEVIATION, CLASS_DIM, activation, embedding, fill_normal
from gan.families.mlp.settings import MLPSettings


class MLPGenerator(Generator):
    """Maps z (N, D) to pictures (N, C, R, R). It ends in tanh, whose range [-1, 1] is that of the pictures; the range of the
    paper's sigmoid is [0, 1].
    """

    def __init__(self, *, resolution: int, channels: int, z_dim: int, num_classes: int, network: MLPSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, z_dim=z_dim, num_classes=num_classes)
        self.class_embedding = embedding(num_classes, CLASS_DIM) if num_classes else None
        depth = z_dim + CLASS_DIM if num_classes else z_dim
        self.hidden = nn.ModuleList(
            nn.Sequential(nn.Linear(width_in, width), activation(network.activation))
            for width_in, width in pairwise([depth, *network.generator_widths])
        )
        self.picture = nn.Linear(network.generator_widths[-1], channels * resolution * resolution)
        self.reshape = nn.Unflatten(1, (channels, resolution, resolution))
        initialise(self)
        if self.class_embedding is not None:
            fill_normal(self.class_embedding.weight, 0.0, CLASS_DEVIATION)

    def with_class(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        """Append the class embedding, where there are classes: z (N, D) -> (N, D + E)."""
        return z if self.class_embedding is None else torch.cat([z, self.class_embedding(class_index)], 1)

    def first_layer_weight(self) -> Tensor:
        weight: Any = cast(nn.Sequential, self.hidden[0])[0].weight
        return cast(Tensor, weight[:, : self.z_dim])

    def first_layer_features(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        return cast(Tensor, self.hidden[0](self.with_class(z, class_index)))

    def forward(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        x = self.with_class(z, class_index)
        for layer in self.hidden:
            x = layer(x)  # (N, W)
        return torch.tanh(self.reshape(self.picture(x)))  # (N, C R R) -> (N, C, R, R)


def initialise(network: nn.Module) -> None:
    """Initialise weights so that they keep the variance of the signal through ReLUs (He et al. 2015), and biases with 0."""
    for module in network.modules():
        if isinstance(module, nn.Linear):
            fill_normal(module.weight, 0.0, math.sqrt(2 / module.in_features))
            nn.init.zeros_(module.bias)
