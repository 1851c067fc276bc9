"""The classic DCGAN (Radford et al. 2015): strided convolutions, batch norm, binary cross-entropy, 64 wide."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.peers.base import Peer

WIDTH = 64


class DCGAN(Peer):
    """Adam 2e-4 with betas 0.5 and 0.999, batch 64, weights from N(0, 0.02), without classes."""

    batch = 64
    z_dim = 100

    def build(self) -> None:
        side, channels = self.dataset.resolution, self.dataset.channels
        octaves = (side // 8).bit_length()  # blocks above 4 pixels: four for pictures of 64
        widths = [WIDTH * 2**i for i in reversed(range(octaves))]  # 512, 256, 128, 64
        self.generator = nn.Sequential(nn.Unflatten(1, (self.z_dim, 1, 1)), *self._growing(widths, channels))
        self.discriminator = nn.Sequential(*self._shrinking(widths[::-1], channels))
        for network in (self.generator, self.discriminator):
            network.apply(initialise)
        self.generator_optimiser, self.discriminator_optimiser = (
            torch.optim.Adam(network.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True)
            for network in (self.generator, self.discriminator)
        )

    def _growing(self, widths: list[int], channels: int) -> list[nn.Module]:
        layers: list[nn.Module] = []
        for index, (inputs, outputs) in enumerate(zip([self.z_dim, *widths[:-1]], widths, strict=True)):
            stride, padding = (1, 0) if index == 0 else (2, 1)
            convolution = nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False)
            layers += [convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
        return [*layers, nn.ConvTranspose2d(widths[-1], channels, 4, 2, 1, bias=False), nn.Tanh()]

    def _shrinking(self, widths: list[int], channels: int) -> list[nn.Module]:
        layers: list[nn.Module] = [nn.Conv2d(channels, widths[0], 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
        for inputs, outputs in pairwise(widths):
            convolution = nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False)
            layers += [convolution, nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2, inplace=True)]
        return [*layers, nn.Conv2d(widths[-1], 1, 4, bias=False), nn.Flatten(0)]

    def play(self, real: Tensor, classes: Tensor | None) -> None:
        z = torch.randn(len(real), self.z_dim)
        with self.autocast():
            fake = self.generator(z)  # both turns use these pictures, as in the usual implementations
            real_logits, fake_logits = self.discriminator(real).float(), self.discriminator(fake.detach()).float()
        ones, zeros = torch.ones(len(real)), torch.zeros(len(real))
        loss = F.binary_cross_entropy_with_logits(real_logits, ones) + F.binary_cross_entropy_with_logits(fake_logits, zeros)
        self.discriminator_optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.discriminator_optimiser.step()
        self.discriminator.requires_grad_(False)
        with self.autocast():
            fake_logits = self.discriminator(fake).float()
        self.generator_optimiser.zero_grad(set_to_none=True)
        F.binary_cross_entropy_with_logits(fake_logits, ones).backward()
        self.generator_optimiser.step()
        self.discriminator.requires_grad_(True)


@torch.no_grad()
def initialise(module: nn.Module) -> None:
    """Initialise convolutions from N(0, 0.02), and scales of batch norm from N(1, 0.02)."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
