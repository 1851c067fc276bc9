"""A textbook StyleGAN2 with adaptive augmentation, written from the papers, with as many parameters as the product's networks.

Karras et al. 2020 ("Analyzing and improving the image quality of StyleGAN"): mapping of 8 layers with a hundredth of the learning
rate, modulated and demodulated convolutions at every side up to the full one, noise inputs, summed RGB outputs, a residual
discriminator with minibatch deviation, non-saturating loss, lazy R1. Karras et al. 2020 ("Training generative adversarial
networks with limited data"): that paper's automatic settings (γ = 0.0002 · side² / batch, Adam 2.5e-3 with betas 0 and 0.99,
averages over batch · 10/32 thousand pictures) and its adaptive augmentation. Path length regularisation and style mixing are left
out, as in the papers' settings for small pictures.

For speed on a CPU this peer uses bfloat16 convolutions in channels-last, modulation of activations (the same mathematics, with
static weights), transposed convolutions for upsampling and strided ones for downsampling, with the papers' filter [1, 3, 3, 1].
"""

import math
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.peers.base import Peer, count
from gan.config import resolve_run
from gan.families import build_discriminator, build_generator
from gan.families.layers import Conv2d, Linear, activate, minibatch_deviation
from gan.losses import augmentation as augment

DIM = 128  # length of z and w, as in the product
MAPPING_LAYERS = 8
WIDEST = 128
R1_EVERY = 16
TARGET = 0.6  # target for the mean sign of real logits
ADJUST_EVERY = 4
ADJUST_IMAGES = 500_000  # pictures in which the strength of augmentation can go from 0 to 1


def smooth(x: Tensor, padding: int, gain: float = 1.0) -> Tensor:
    """Apply the filter [1, 3, 3, 1] along both axes: (N, C, H, W) -> (N, C, H + 2 padding - 3, …)."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=x.dtype)
    kernel = (taps[:, None] * taps[None] * (gain / 64)).expand(x.shape[1], 1, 4, 4)
    return F.conv2d(x, kernel, padding=padding, groups=x.shape[1])


class ModulatedConv2d(nn.Module):
    """Scales input channels by a style and returns outputs of unit variance: (N, I, r, r) -> (N, O, r, r)."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, w_dim: int, *, demodulate: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.style = Linear(w_dim, in_channels, bias=1.0)
        self.weight_gain = 1 / math.sqrt(in_channels * kernel * kernel)
        self.demodulate = demodulate

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        weight = self.weight * self.weight_gain
        style = self.style(w)  # (N, I)
        x = x * style[:, :, None, None].to(x.dtype)
        if not self.demodulate:
            return F.conv2d(x, weight, self.bias, padding=weight.shape[-1] // 2)
        y = self.convolve(x, weight)
        energy = style.float().square() @ weight.float().square().sum((2, 3)).T  # (N, O)
        bias = self.bias[None, :, None, None].to(y.dtype)
        return torch.addcmul(bias, y, (energy + 1e-8).rsqrt()[:, :, None, None].to(y.dtype))

    def convolve(self, x: Tensor, weight: Tensor) -> Tensor:
        return F.conv2d(x, weight, padding=weight.shape[-1] // 2)


class UpsamplingConv2d(ModulatedConv2d):
    """A modulated convolution that doubles the side: (N, I, r, r) -> (N, O, 2r, 2r)."""

    def convolve(self, x: Tensor, weight: Tensor) -> Tensor:
        return smooth(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2), 1, 4.0)


class Generator(nn.Module):
    """Maps z (N, 128) to pictures (N, C, R, R)."""

    def __init__(self, side: int, channels: int, num_classes: int, capacity: int) -> None:
        super().__init__()
        self.sides = [2**i for i in range(2, side.bit_length())]
        widths = [width_at(each, capacity) for each in self.sides]
        self.embedding = nn.Parameter(torch.randn(num_classes, DIM)) if num_classes else None
        sizes = [2 * DIM if num_classes else DIM] + [DIM] * (MAPPING_LAYERS - 1)
        self.mapping = nn.ModuleList(Linear(size, DIM, lr_multiplier=0.01) for size in sizes)
        self.constant = nn.Parameter(torch.randn(1, widths[0], 4, 4))
        self.first = nn.ModuleList(UpsamplingConv2d(before, width, 3, DIM) for before, width in pairwise(widths))
        self.second = nn.ModuleList(ModulatedConv2d(width, width, 3, DIM) for width in widths)
        self.to_rgb = nn.ModuleList(ModulatedConv2d(width, channels, 1, DIM, demodulate=False) for width in widths)
        self.noise = nn.Parameter(torch.zeros(2 * len(self.sides)))

    def forward(self, z: Tensor, classes: Tensor | None) -> Tensor:
        x = normalise(z)
        if self.embedding is not None:
            assert classes is not None
            x = torch.cat([x, normalise(self.embedding[classes])], 1)
        for linear in self.mapping:
            x = activate(linear(x))
        w, picture = x, torch.zeros(())
        x = self.constant.expand(len(z), -1, -1, -1)
        for index in range(len(self.sides)):
            if index:
                x = activate(self._noisy(self.first[index - 1](x, w), 2 * index))
            x = activate(self._noisy(self.second[index](x, w), 2 * index + 1))  # (N, O, r, r)
            seen = self.to_rgb[index](x, w).float()
            picture = F.interpolate(picture, scale_factor=2.0, mode="bilinear", align_corners=False) + seen if index else seen
        return picture

    def _noisy(self, x: Tensor, index: int) -> Tensor:
        return x + (self.noise[index] * torch.randn(len(x), 1, *x.shape[2:])).to(x.dtype)


class Block(nn.Module):
    """Maps (N, I, r, r) to (N, O, r/2, r/2), with a skip connection."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = Conv2d(inputs, inputs, 3)
        self.second = Conv2d(inputs, outputs, 3)
        self.skip = Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = smooth(activate(self.first(x)), 2)
        y = activate(F.conv2d(y, self.second.weight * self.second.weight_gain, self.second.bias, stride=2))
        skipped = F.conv2d(smooth(x, 1)[:, :, ::2, ::2], self.skip.weight * self.skip.weight_gain)
        return (y + skipped) * 0.5**0.5


class Discriminator(nn.Module):
    """Maps pictures (N, C, R, R) to logits (N,)."""

    def __init__(self, side: int, channels: int, num_classes: int, capacity: int) -> None:
        super().__init__()
        widths = [width_at(2**i, capacity) for i in reversed(range(2, side.bit_length()))]  # from the full side down to 4
        self.from_rgb = Conv2d(channels, widths[0], 1)
        self.blocks = nn.Sequential(*(Block(*pair) for pair in pairwise(widths)))
        self.conv = Conv2d(widths[-1] + 1, widths[-1], 3)
        self.hidden = Linear(widths[-1] * 16, widths[-1])
        self.logit = Linear(widths[-1], 1)
        self.embedding = nn.Parameter(torch.randn(num_classes, widths[-1])) if num_classes else None

    def forward(self, pictures: Tensor, classes: Tensor | None) -> Tensor:
        x = self.blocks(activate(self.from_rgb(pictures)))
        x = activate(self.conv(minibatch_deviation(x)))
        x = activate(self.hidden(x.flatten(1)))  # (N, O)
        if self.embedding is None:
            return self.logit(x).squeeze(1)
        assert classes is not None
        return self.logit(x).squeeze(1) + (x * self.embedding[classes]).sum(1) / math.sqrt(x.shape[1])


def width_at(side: int, capacity: int) -> int:
    """Return the channels at a side."""
    return max(8, min(WIDEST, capacity // side))


def normalise(x: Tensor) -> Tensor:
    """Scale rows to unit mean square."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


class StyleGAN2(Peer):
    """The recipe described at the top of this file; conditional if the set has classes."""

    z_dim = DIM
    conditional = True
    batch = 32

    def build(self) -> None:
        side, channels = self.dataset.resolution, self.dataset.channels
        self.capacity = self._capacity()
        sizes = (side, channels, self.num_classes, self.capacity)
        self.generator, self.discriminator = Generator(*sizes), Discriminator(*sizes)
        lazy = R1_EVERY / (R1_EVERY + 1)  # lazy R1 adds one optimiser step to R1_EVERY, so rate and betas are scaled
        self.gamma = 2e-4 * side**2 / self.batch
        self.strength, self.sign_sum, self.turns = 0.0, 0.0, 0
        self.generator_optimiser = torch.optim.Adam(self.generator.parameters(), lr=2.5e-3, betas=(0.0, 0.99), fused=True)
        self.discriminator_optimiser = torch.optim.Adam(
            self.discriminator.parameters(), lr=2.5e-3 * lazy, betas=(0.0, 0.99**lazy), fused=True
        )

    def _capacity(self) -> int:
        """Return the width that comes closest to the number of parameters of the product's default networks."""
        own = resolve_run(self.dataset, device="cpu", minutes=1)
        side, channels, classes = self.dataset.resolution, self.dataset.channels, self.num_classes
        with torch.device("meta"):
            shape: dict[str, Any] = {"resolution": side, "channels": channels, "num_classes": classes, "network": own.network}
            wanted = count(build_generator(own.family, z_dim=own.z_dim, **shape), build_discriminator(own.family, **shape))
            found = {
                capacity: count(Generator(side, channels, classes, capacity), Discriminator(side, channels, classes, capacity))
                for capacity in range(128, 4097, 64)
            }
        return min(found, key=lambda capacity: abs(found[capacity] - wanted))

    def make(self, generator: nn.Module, z: Tensor, classes: Tensor | None) -> Tensor:
        return generator(z, classes)

    def play(self, real: Tensor, classes: Tensor | None) -> None:
        with torch.no_grad(), self.autocast():
            fake = self.generator(torch.randn(len(real), DIM), classes).float()
        seen = self._augment(real)
        with self.autocast():
            fake_logits = self.discriminator(self._augment(fake), classes).float()
            real_logits = self.discriminator(seen, classes).float()
        loss = F.softplus(fake_logits).mean() + F.softplus(-real_logits).mean()
        self._turn(self.discriminator_optimiser, loss)
        if self.turns % R1_EVERY == 0:
            seen = self._augment(real).requires_grad_(True)
            with self.autocast():
                logits = self.discriminator(seen, classes).float()
            (gradient,) = torch.autograd.grad(logits.sum(), seen, create_graph=True)
            penalty = gradient.square().sum((1, 2, 3)).mean()
            self._turn(self.discriminator_optimiser, penalty * (self.gamma / 2 * R1_EVERY))
        self.discriminator.requires_grad_(False)
        with self.autocast():
            made = self.generator(torch.randn(len(real), DIM), classes)
            logits = self.discriminator(self._augment(made.float()), classes).float()
        self._turn(self.generator_optimiser, F.softplus(-logits).mean())
        self.discriminator.requires_grad_(True)
        self._adjust(real_logits)

    def _turn(self, optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()

    def _augment(self, pictures: Tensor) -> Tensor:
        operations = ("colour", "translation", "cutout")
        changed = augment.apply(pictures, augment.draw(len(pictures), torch.default_generator), self.strength, operations)
        return changed.contiguous(memory_format=torch.channels_last)

    def _adjust(self, real_logits: Tensor) -> None:
        """Raise the augmentation while the discriminator's scores of real pictures are above the target; lower it otherwise."""
        self.sign_sum += float(real_logits.detach().sign().mean())
        self.turns += 1
        if self.turns % ADJUST_EVERY == 0:
            direction = 1 if self.sign_sum / ADJUST_EVERY > TARGET else -1
            self.strength = min(1.0, max(0.0, self.strength + direction * self.batch * ADJUST_EVERY / ADJUST_IMAGES))
            self.sign_sum = 0.0

    def numbers(self) -> dict[str, float]:
        return {"strength": self.strength, "sign_sum": self.sign_sum, "turns": self.turns}

    def set_numbers(self, numbers: dict[str, float]) -> None:
        self.strength, self.sign_sum, self.turns = numbers["strength"], numbers["sign_sum"], int(numbers["turns"])
