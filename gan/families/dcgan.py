"""The dcgan family: strided and transposed convolutions with batch norm (Radford et al. 2015).

Sides double from a first map of 4 × 4 (7 × 7 for 28) to the picture; widths halve on the way. Shape letters: N samples, C
channels of the picture, R its side, D z_dim, E the class embedding, W a block's width, r its side.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from gan.families.layers import Discriminator, Generator, Settings

RESOLUTIONS = (28, 32, 64, 128)
CLASS_DIM = 32
# Beside a latent of deviation 1. A class that speaks as loudly is learnt first; batch norm then divides the latent away as the
# class grows, and every class ends as one picture.
CLASS_DEVIATION = 0.1
WIDEST = 8  # times `width`: the paper's 64 px networks run 8, 4, 2, 1
CALIBRATION_BATCHES, CALIBRATION_BATCH = 8, 64

Activation = Literal["relu", "leaky-relu", "prelu"]


class DCGANSettings(Settings):
    """Sizes and choices of both networks. The paper's own are a width of 128 in the generator, and batch norm in both."""

    width: int = Field(64, ge=4, le=128)
    """Channels of the block nearest to the picture, in both networks; each block further off doubles them, at most to 8 times."""
    generator_activation: Activation = "relu"
    discriminator_activation: Activation = "leaky-relu"
    generator_batch_norm: bool = True
    discriminator_batch_norm: bool = True
    """Must be off with a gradient penalty: batch norm makes the score of a picture depend on its batch."""
    dropout: float = Field(0.0, ge=0, le=0.9)
    """Probability that the discriminator drops a feature map after each activation."""


class DCGANGenerator(Generator):
    """z (N, D) -> pictures (N, C, R, R).

    Transposed convolutions are 4 wide with stride 2: four taps fall on every pixel, and no checkerboard is built in.
    """

    def __init__(self, *, resolution: int, channels: int, z_dim: int, num_classes: int, network: DCGANSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, z_dim=z_dim, num_classes=num_classes)
        side, widths = block_widths(resolution, network.width)
        norm, kind = network.generator_batch_norm, network.generator_activation
        self.class_embedding = nn.Embedding(num_classes, CLASS_DIM) if num_classes else None
        depth = z_dim + CLASS_DIM if num_classes else z_dim
        self.project = nn.Linear(depth, widths[0] * side * side, bias=not norm)
        self.reshape = nn.Unflatten(1, (widths[0], side, side))
        self.first = nn.Sequential(*batch_norm(widths[0], norm), activation(kind))
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.ConvTranspose2d(width_in, width, 4, stride=2, padding=1, bias=not norm),
                *batch_norm(width, norm),
                activation(kind),
            )
            for width_in, width in pairwise(widths)
        )
        self.picture = nn.ConvTranspose2d(widths[-1], channels, 4, stride=2, padding=1)
        initialise(self, norm)
        if self.class_embedding is not None:
            nn.init.normal_(self.class_embedding.weight, 0.0, CLASS_DEVIATION)

    def forward(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        x = z
        if self.class_embedding is not None:
            x = torch.cat([z, self.class_embedding(class_index)], 1)  # (N, D + E)
        x = self.first(self.reshape(self.project(x)))  # (N, W, r, r), r = 4 or 7
        for block in self.blocks:
            x = block(x)  # (N, W, r, r), W halved and r doubled
        return torch.tanh(self.picture(x))  # (N, C, R, R)

    def sample(self, z: Tensor, class_index: Tensor | None, psi: float) -> Tensor:
        """Pictures from latents scaled by psi, with the running statistics: a picture does not depend on its batch."""
        was_training = self.training
        if was_training:
            self.eval()
        try:
            return self(z * psi, class_index)
        finally:
            if was_training:
                self.train()

    @torch.no_grad()
    def calibrate(self, classes: Sequence[int] | None = None) -> None:
        """Measure the running statistics of batch norm again, over fixed latents of all classes: every picture needs them.

        Those gathered in training belong to other weights than the averaged ones that sampling uses.
        """
        norms = [module for module in self.modules() if isinstance(module, nn.BatchNorm2d)]
        if not norms:
            return
        was_training = self.training
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the plain mean over all batches
        self.train()
        device = self.project.weight.device
        latents = np.random.RandomState(0).standard_normal((CALIBRATION_BATCHES, CALIBRATION_BATCH, self.z_dim))
        for batch in torch.from_numpy(latents.astype(np.float32)):
            class_index = torch.arange(CALIBRATION_BATCH, device=device) % self.num_classes if self.num_classes else None
            self(batch.to(device), class_index)
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        self.train(was_training)


class DCGANDiscriminator(Discriminator):
    """Pictures (N, C, R, R) -> logits (N,). Batch norm everywhere but at the picture, as in the paper; classes by projection.

    The class adds the product of its embedding with the last features (Miyato & Koyama 2018, eq. 4). Each place keeps its own
    weight, as in the last convolution: of features summed over places, too little tells one class from another.
    """

    def __init__(self, *, resolution: int, channels: int, num_classes: int, network: DCGANSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, num_classes=num_classes)
        side, widths = block_widths(resolution, network.width)
        norm, kind = network.discriminator_batch_norm, network.discriminator_activation
        self.picture = nn.Sequential(
            nn.Conv2d(channels, widths[-1], 4, stride=2, padding=1), activation(kind), nn.Dropout2d(network.dropout)
        )
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(width_in, width, 4, stride=2, padding=1, bias=not norm),
                *batch_norm(width, norm),
                activation(kind),
                nn.Dropout2d(network.dropout),
            )
            for width_in, width in pairwise(reversed(widths))
        )
        self.logit = nn.Conv2d(widths[0], 1, side)
        self.class_embedding = nn.Embedding(num_classes, widths[0] * side * side) if num_classes else None
        initialise(self, norm)
        if self.class_embedding is not None:
            nn.init.normal_(self.class_embedding.weight, 0.0, deviation(self.logit, norm))

    def forward(self, pictures: Tensor, class_index: Tensor | None) -> Tensor:
        x = self.picture(pictures)  # (N, W, R/2, R/2)
        for block in self.blocks:
            x = block(x)  # (N, W, r, r), W doubled and r halved, at last to 4 or 7
        logits = self.logit(x).flatten()  # (N, 1, 1, 1) -> (N,)
        if self.class_embedding is None:
            return logits
        return logits + (x.flatten(1) * self.class_embedding(class_index)).sum(1)  # (N, W r r) -> (N,)


def block_widths(resolution: int, width: int) -> tuple[int, list[int]]:
    """Side of the smallest map, and the width of the map at each side below the picture's, smallest first."""
    side = 7 if resolution == 28 else 4
    doublings = (resolution // side).bit_length() - 1
    return side, [width * min(WIDEST, 2**power) for power in reversed(range(doublings))]


def batch_norm(width: int, wanted: bool) -> list[nn.Module]:
    """A batch norm to splice into a sequence, or nothing."""
    return [nn.BatchNorm2d(width)] if wanted else []


def activation(kind: Activation) -> nn.Module:
    """The layer of that name; the slopes below zero are 0, 0.2, and one learnt number."""
    if kind == "prelu":
        return nn.PReLU()
    return nn.ReLU() if kind == "relu" else nn.LeakyReLU(0.2)


def initialise(network: nn.Module, has_batch_norm: bool) -> None:
    """Weights N(0, 0.02) and scales N(1, 0.02) as in the paper, biases 0."""
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, deviation(module, has_batch_norm))
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)


def deviation(module: nn.Linear | nn.Conv2d | nn.ConvTranspose2d, has_batch_norm: bool) -> float:
    """Standard deviation of fresh weights: 0.02, which relies on batch norm to restore the signal.

    Without batch norm, weights keep the variance through rectifiers (He et al. 2015).
    """
    if has_batch_norm:
        return 0.02
    if isinstance(module, nn.Linear):
        return math.sqrt(2 / module.in_features)
    inputs = module.in_channels * math.prod(module.kernel_size)
    # A transposed convolution spreads each input: only one in stride² taps falls on a given output.
    return math.sqrt(2 * math.prod(module.stride) / inputs if isinstance(module, nn.ConvTranspose2d) else 2 / inputs)
