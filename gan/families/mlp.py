"""The mlp family: two multilayer perceptrons, the networks that GANs began with (Goodfellow et al. 2014).

They see a picture as a list of numbers and know nothing of neighbours: good for small grey pictures and for understanding. Shape
letters: N samples, C channels of the picture, R its side, D z_dim, E the class embedding, W a hidden layer's width.
"""

import math
from itertools import pairwise
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn

from gan.families.dcgan import CLASS_DEVIATION, CLASS_DIM, Activation, activation
from gan.families.layers import Discriminator, Generator, Settings

RESOLUTIONS = (28, 32)

Widths = Annotated[tuple[Annotated[int, Field(ge=4, le=2048)], ...], Field(min_length=1, max_length=6)]


class MLPSettings(Settings):
    """Sizes and choices of both networks."""

    generator_widths: Widths = (256, 512, 1024)
    """Hidden layers from the latent to the picture."""
    discriminator_widths: Widths = (1024, 512, 256)
    """Hidden layers from the picture to the logit."""
    activation: Activation = "leaky-relu"
    dropout: float = Field(0.3, ge=0, le=0.9)
    """Probability that the discriminator drops a number after each activation (the paper drops too)."""


class MLPGenerator(Generator):
    """z (N, D) -> pictures (N, C, R, R). Tanh ends it in the pictures' own range; the paper's sigmoid would need [0, 1]."""

    def __init__(self, *, resolution: int, channels: int, z_dim: int, num_classes: int, network: MLPSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, z_dim=z_dim, num_classes=num_classes)
        self.class_embedding = nn.Embedding(num_classes, CLASS_DIM) if num_classes else None
        depth = z_dim + CLASS_DIM if num_classes else z_dim
        self.hidden = nn.ModuleList(
            nn.Sequential(nn.Linear(width_in, width), activation(network.activation))
            for width_in, width in pairwise([depth, *network.generator_widths])
        )
        self.picture = nn.Linear(network.generator_widths[-1], channels * resolution * resolution)
        self.reshape = nn.Unflatten(1, (channels, resolution, resolution))
        initialise(self)
        if self.class_embedding is not None:
            nn.init.normal_(self.class_embedding.weight, 0.0, CLASS_DEVIATION)

    def forward(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        x = z
        if self.class_embedding is not None:
            x = torch.cat([z, self.class_embedding(class_index)], 1)  # (N, D + E)
        for layer in self.hidden:
            x = layer(x)  # (N, W)
        return torch.tanh(self.reshape(self.picture(x)))  # (N, C R R) -> (N, C, R, R)


class MLPDiscriminator(Discriminator):
    """Pictures (N, C, R, R) -> logits (N,): no sigmoid at the end, the losses want logits. Classes by projection.

    The class adds the product of its embedding with the last features (Miyato & Koyama 2018, eq. 4).
    """

    def __init__(self, *, resolution: int, channels: int, num_classes: int, network: MLPSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, num_classes=num_classes)
        widths = network.discriminator_widths
        self.hidden = nn.ModuleList(
            nn.Sequential(nn.Linear(width_in, width), activation(network.activation), nn.Dropout(network.dropout))
            for width_in, width in pairwise([channels * resolution * resolution, *widths])
        )
        self.logit = nn.Linear(widths[-1], 1)
        self.class_embedding = nn.Embedding(num_classes, widths[-1]) if num_classes else None
        initialise(self)
        if self.class_embedding is not None:
            nn.init.normal_(self.class_embedding.weight, 0.0, 1 / widths[-1] ** 0.5)

    def forward(self, pictures: Tensor, class_index: Tensor | None) -> Tensor:
        x = pictures.flatten(1)  # (N, C R R)
        for layer in self.hidden:
            x = layer(x)  # (N, W)
        logits = self.logit(x).squeeze(1)  # (N, 1) -> (N,)
        if self.class_embedding is None:
            return logits
        return logits + (x * self.class_embedding(class_index)).sum(1)  # (N,)


def initialise(network: nn.Module) -> None:
    """Weights that keep the variance through rectifiers (He et al. 2015), biases 0."""
    for module in network.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0.0, math.sqrt(2 / module.in_features))
            nn.init.zeros_(module.bias)
