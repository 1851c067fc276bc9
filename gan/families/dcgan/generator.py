"""The dcgan family's generator: transposed convolutions."""

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from gan.families.base import Generator
from gan.families.dcgan.blocks import batch_norm, initialise
from gan.families.dcgan.settings import DCGANSettings, block_widths
from gan.families.layers import CLASS_DEVIATION, CLASS_DIM, activation, embedding, fill_normal

CALIBRATION_BATCHES, CALIBRATION_BATCH = 8, 64


class DCGANGenerator(Generator):
    """Maps z (N, D) to pictures (N, C, R, R).

    Transposed convolutions have 4 × 4 kernels and stride 2. Four taps then fall on every pixel, which avoids checkerboard
    patterns.
    """

    def __init__(self, *, resolution: int, channels: int, z_dim: int, num_classes: int, network: DCGANSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, z_dim=z_dim, num_classes=num_classes)
        side, widths = block_widths(resolution, network.width)
        norm, kind = network.generator_batch_norm, network.generator_activation
        self.class_embedding = embedding(num_classes, CLASS_DIM) if num_classes else None
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
            fill_normal(self.class_embedding.weight, 0.0, CLASS_DEVIATION)

    def forward(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        x = self.first_maps(z, class_index)
        for block in self.blocks:
            x = block(x)  # (N, W, r, r), W halved and r doubled
        return torch.tanh(self.picture(x))  # (N, C, R, R)

    def first_maps(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        """Map z (N, D) to the first feature maps (N, W, r, r), r = 4 or 7."""
        x = z
        if self.class_embedding is not None:
            x = torch.cat([z, self.class_embedding(class_index)], 1)  # (N, D + E)
        x = self.first(self.reshape(self.project(x)))
        return cast(Tensor, x)

    def first_layer_weight(self) -> Tensor:
        weight = self.project.weight[:, : self.z_dim]
        norm = self.first[0]
        if isinstance(norm, nn.BatchNorm2d) and norm.running_var is not None:
            gain = norm.weight / (norm.running_var + norm.eps).sqrt()  # (W,), one factor for all pixels of a feature map
            weight = weight * gain.repeat_interleave(len(weight) // len(gain))[:, None]
        return weight

    def first_layer_features(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        return self.first_maps(z, class_index).flatten(1)

    def sample(self, z: Tensor, class_index: Tensor | None, psi: float) -> Tensor:
        """Return pictures from latents scaled by psi, with running statistics of batch norm, so that a picture does not depend on
        its batch.
        """
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
        """Measure the running statistics of batch norm over fixed latents of all classes; every picture depends on them.

        The statistics gathered in training belong to the trained weights; sampling uses their moving average.
        """
        norms = [module for module in self.modules() if isinstance(module, nn.BatchNorm2d)]
        if not norms:
            return
        was_training = self.training
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # averages over all batches
        self.train()
        device = self.project.weight.device
        latents = np.random.RandomState(0).standard_normal((CALIBRATION_BATCHES, CALIBRATION_BATCH, self.z_dim))
        for batch in torch.from_numpy(latents.astype(np.float32)):
            class_index = torch.arange(CALIBRATION_BATCH, device=device) % self.num_classes if self.num_classes else None
            self(batch.to(device), class_index)
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        self.train(was_training)
