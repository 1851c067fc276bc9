"""The style family: a small relative of StyleGAN2 that is fast where memory bandwidth is scarce.

Pictures are formed coarse to fine. The block at side r works at side r, and speaks for side 2r: what it has to say of fine lines
goes through a few channels that are enlarged, activated and drawn, so that the dearest octave costs one small convolution. The
discriminator mirrors it: each block is shown the picture at its own scale. A network of resolution R is therefore one of R/2 with
a block more at its fine end, and a new block that is silent changes nothing: this is how resolution grows.

Karras et al. 2019 (mapping, styles), 2020 (modulation, skip-RGB, residual discriminator); Miyato & Koyama 2018 (projection).
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from gan.families.layers import (
    ACTIVATION_GAIN,
    Conv2d,
    Discriminator,
    FoldingConv2d,
    Generator,
    Linear,
    ModulatedConv2d,
    ModulatedPixels,
    Placement,
    Settings,
    activate,
    downsample,
    leak,
    map_pixels,
    minibatch_deviation,
    upsample,
    without_autocast,
)

RESOLUTIONS = (16, 32, 64, 128, 256, 512)
CALIBRATION_LATENTS = 4096


class StyleSettings(Settings):
    """Sizes of both networks: at side r they have capacity / r channels, at least `narrowest` and at most `width`."""

    w_dim: int = Field(128, ge=8, le=1024)
    mapping_layers: int = Field(2, ge=1, le=8)
    deviation_parts: int = Field(1, ge=1, le=1024)
    """In how many parts of its features the discriminator sees how much neighbours in a batch differ, at most one a feature."""
    class_gain: float = Field(1.0, gt=0, le=1)
    """How loud a class speaks beside the latent, and so how fast it is learnt: too loud, and each class is one picture."""
    maps: int = Field(0, ge=0, le=8)
    """Maps by which a latent says where, in each block of the generator."""
    fine_width: int = Field(16, ge=1, le=256)
    """Channels in which a block of the generator prepares what it draws at twice its side."""
    narrowest: int = Field(16, ge=8, le=1024)
    generator_width: int = Field(128, ge=8, le=1024)
    generator_capacity: int = Field(2048, ge=64, le=65536)
    discriminator_width: int = Field(128, ge=8, le=1024)
    discriminator_capacity: int = Field(2048, ge=64, le=65536)


def block_sides(resolution: int) -> list[int]:
    """Sides at which blocks work: 4, 8, … resolution / 2."""
    return [2**i for i in range(2, resolution.bit_length() - 1)]


def width_at(side: int, width: int, capacity: int, narrowest: int) -> int:
    """Channels at a side. It depends on the side alone, so that networks of two resolutions agree where both have a block."""
    return min(width, max(narrowest, capacity // side))


class StyleBlock(nn.Module):
    """Features (N, I, r, r), or (N, I, r/2, r/2) where there is a picture (N, C, r, r) already -> (N, O, r, r) and
    (N, C, 2r, 2r). Features travel with their scale, (N, I) and (N, O): see `Modulated`.

    The last octave is enlarged before its activation: an edge is where a smooth slope passes zero, at any fraction of a pixel.
    Four values for each pixel (Shi et al. 2016), which need no convolution at full size, draw stairs along slanting edges.
    """

    def __init__(self, side: int, width: int, next_width: int, channels: int, network: StyleSettings) -> None:
        super().__init__()
        w_dim, fine_width = network.w_dim, network.fine_width
        placement = Placement(network.maps, next_width, side, w_dim) if network.maps else None
        self.conv0 = ModulatedConv2d(width, width, 3, w_dim, gain=ACTIVATION_GAIN)
        self.conv1 = ModulatedConv2d(width, next_width, 3, w_dim, gain=ACTIVATION_GAIN, placement=placement)
        self.colours = ModulatedPixels(next_width, channels, w_dim, demodulate=False)
        self.fine = ModulatedPixels(next_width, fine_width, w_dim, gain=ACTIVATION_GAIN)
        self.detail = Conv2d(fine_width, channels, 3, bias=False)
        nn.init.zeros_(self.detail.weight)  # begin smooth: detail is learned

    def forward(
        self, x: Tensor, scale: Tensor | None, picture: Tensor | None, w0: Tensor, w1: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        x, scale = self.conv0(x, scale, w0, enlarged=picture is not None)
        x, scale = self.conv1(x, scale, w1)  # (N, O, r, r), (N, O)
        with without_autocast(x):
            colour_weight, colour_bias = self.colours(scale, w1)
            fine_weight, fine_bias = self.fine(scale, w1)
            weight = torch.cat([colour_weight, fine_weight], 2)  # (N, O, C + F)
            bias = torch.cat([colour_bias, fine_bias])
        # (N, C, r, r), (N, F, r, r), each to be enlarged from a memory of its own, which is faster
        colours, fine = map_pixels(x, weight, bias).split([len(colour_bias), len(fine_bias)], 1)
        fine = leak(upsample(fine.contiguous(memory_format=torch.channels_last)), inplace=True)  # (N, F, 2r, 2r)
        # PyTorch's own convolution, as in all of a generator: exporters know it, and nobody needs the slope of its slope.
        detail = F.conv2d(fine, self.detail.weight * self.detail.weight_gain, padding=1)  # (N, C, 2r, 2r)
        with without_autocast(x):  # octave by octave, half precision's rounding would add up
            colours = colours.float().contiguous(memory_format=torch.channels_last)
            colours = colours if picture is None else picture + colours
            return x, scale, upsample(colours) + detail.float()

    @torch.no_grad()
    def silence(self) -> None:
        """Let the block add nothing to the picture, as one that is new in a trained network must begin."""
        self.colours.weight.zero_()
        self.detail.weight.zero_()


class StyleGenerator(Generator):
    """z (N, z_dim) -> w (N, w_dim) -> pictures (N, C, R, R). No noise inputs: one latent is one picture."""

    w_mean: Tensor
    class_embedding: nn.Parameter | None

    def __init__(self, *, resolution: int, channels: int, z_dim: int, num_classes: int, network: StyleSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, z_dim=z_dim, num_classes=num_classes)
        sides = block_sides(resolution)
        size = (network.generator_width, network.generator_capacity, network.narrowest)
        widths = [width_at(side, *size) for side in [*sides, resolution]]
        self.w_dim = network.w_dim
        self.class_gain = network.class_gain
        self.num_layers = 2 * len(sides)
        rows = torch.randn(num_classes, network.w_dim)
        self.register_parameter("class_embedding", nn.Parameter(rows) if num_classes else None)
        widths_in = [z_dim] + [network.w_dim] * (network.mapping_layers - 1)
        self.mapping_layers = nn.ModuleList(Linear(n, network.w_dim, lr_multiplier=0.01) for n in widths_in)
        self.constant = nn.Parameter(torch.randn(1, widths[0], 4, 4))
        self.blocks = nn.ModuleList(
            StyleBlock(side, *pair, channels, network) for side, pair in zip(sides, pairwise(widths), strict=True)
        )
        self.register_buffer("w_mean", torch.zeros(max(1, num_classes), network.w_dim))

    def mapping(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        """z (N, z_dim), class_index (N,) -> w (N, w_dim)."""
        with without_autocast(z):
            x = self.mapping_layers[0](normalise(z))  # (N, w_dim)
            if self.class_embedding is not None:
                assert class_index is not None
                x = x + self.class_embedding[class_index] * self.class_gain
            x = activate(x)
            for layer in self.mapping_layers[1:]:
                x = activate(layer(x))
            return x

    def synthesis(self, ws: Tensor, side: int | None = None) -> Tensor:
        """ws (N, num_layers, w_dim), one w a layer, coarse to fine -> pictures (N, C, R, R), or of a smaller `side`."""
        x = self.constant.expand(ws.shape[0], -1, -1, -1)  # (N, O, 4, 4)
        scale: Tensor | None = None
        picture: Tensor | None = None
        for index, block in enumerate(self.blocks):
            if picture is not None and picture.shape[3] == side:
                break
            # (N, O, r, r), (N, O), (N, C, 2r, 2r)
            x, scale, picture = block(x, scale, picture, ws[:, 2 * index], ws[:, 2 * index + 1])
        assert picture is not None
        return picture

    def forward(self, z: Tensor, class_index: Tensor | None, side: int | None = None) -> Tensor:
        w = self.mapping(z, class_index)
        return self.synthesis(w[:, None].expand(-1, self.num_layers, -1), side)

    def begin_at(self, side: int) -> None:
        """Let all blocks that speak for more than `side` be silent."""
        for block_side, block in zip(block_sides(self.resolution), self.blocks, strict=True):
            if block_side >= side:
                cast(StyleBlock, block).silence()

    def truncate(self, w: Tensor, class_index: Tensor | None, psi: float) -> Tensor:
        """Draw w (N, …, w_dim) towards the mean of its class: psi 0 is the mean, 1 leaves w as it is."""
        centre = self.w_mean[class_index if class_index is not None else torch.zeros(len(w), dtype=torch.long, device=w.device)]
        return torch.lerp(centre, w, psi) if w.ndim == 2 else torch.lerp(centre[:, None], w, psi)

    def sample(self, z: Tensor, class_index: Tensor | None, psi: float) -> Tensor:
        w = self.truncate(self.mapping(z, class_index), class_index, psi)
        return self.synthesis(w[:, None].expand(-1, self.num_layers, -1))

    @torch.no_grad()
    def calibrate(self, classes: Sequence[int] | None = None) -> None:
        """Measure w_mean over fixed latents: one row a class, of all classes or of some."""
        latents = np.random.RandomState(0).standard_normal((CALIBRATION_LATENTS, self.z_dim)).astype(np.float32)
        z = torch.from_numpy(latents).to(self.w_mean.device)
        for row in range(len(self.w_mean)) if classes is None else classes:
            class_index = torch.full((len(z),), row, device=z.device) if self.num_classes else None
            self.w_mean[row] = self.mapping(z, class_index).mean(0)


class ResidualBlock(nn.Module):
    """(N, I, r, r) -> (N, O, r/2, r/2).

    It brings the √2 that keeps the variance through the activation after it: that is `leak`.
    """

    def __init__(self, width: int, next_width: int) -> None:
        super().__init__()
        self.conv0 = Conv2d(width, width, 3, gain=ACTIVATION_GAIN)
        self.conv1 = Conv2d(width, next_width, 3, gain=ACTIVATION_GAIN)
        self.skip = Conv2d(width, next_width, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv0(x, leaky=True)
        y = downsample(self.conv1(y, leaky=True))  # (N, O, r/2, r/2)
        return y + self.skip(downsample(x))

    @torch.no_grad()
    def silence(self) -> None:
        """Let the block say nothing to the next, as one that is new in a trained network must begin."""
        self.conv1.weight.zero_()
        self.skip.weight.zero_()


class StyleDiscriminator(Discriminator):
    """Pictures (N, C, R, R) -> logits (N,). Every block also sees the picture at its own scale, four pixels folded into one.

    Pictures of a smaller side are seen by the blocks of that side and coarser ones alone.
    """

    class_embedding: nn.Parameter | None

    def __init__(self, *, resolution: int, channels: int, num_classes: int, network: StyleSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, num_classes=num_classes)
        sides = block_sides(resolution)
        size = (network.discriminator_width, network.discriminator_capacity, network.narrowest)
        widths = [width_at(side, *size) for side in sides]
        # Named by side, so that a network of another resolution has the same names for the same blocks.
        readers = {
            str(side): FoldingConv2d(channels, width, gain=ACTIVATION_GAIN) for side, width in zip(sides, widths, strict=True)
        }
        self.readers = nn.ModuleDict(readers)
        self.blocks = nn.ModuleDict({str(sides[i]): ResidualBlock(widths[i], widths[i - 1]) for i in range(1, len(sides))})
        self.deviation_parts = math.gcd(widths[0], network.deviation_parts)
        self.conv = Conv2d(widths[0] + self.deviation_parts, widths[0], 3, gain=ACTIVATION_GAIN)
        self.hidden = Linear(widths[0] * 16, widths[0])
        self.logit = Linear(widths[0], 1)
        rows = torch.randn(num_classes, widths[0])
        self.register_parameter("class_embedding", nn.Parameter(rows) if num_classes else None)

    def forward(self, pictures: Tensor, class_index: Tensor | None) -> Tensor:
        x: Tensor | None = None
        for side, reader in reversed(list(self.readers.items())):
            if 2 * int(side) > pictures.shape[3]:
                continue
            # (N, I, r, r)
            x = reader(pictures, leaky=True) if x is None else leak(x + reader(pictures))
            if side in self.blocks:
                x = self.blocks[side](x)  # (N, O, r/2, r/2)
                pictures = downsample(pictures)
        assert x is not None
        x = self.conv(minibatch_deviation(x, parts=self.deviation_parts), leaky=True)  # (N, O, 4, 4)
        with without_autocast(x):
            return self.judge(x.float(), class_index)

    def judge(self, x: Tensor, class_index: Tensor | None) -> Tensor:
        """Features (N, O, 4, 4) -> logits (N,), in float32: scores drift, and a pair's difference is small beside them."""
        x = activate(self.hidden(x.flatten(1)))  # (N, O)
        logits = self.logit(x).squeeze(1)  # (N,)
        if self.class_embedding is None:
            return logits
        assert class_index is not None
        return logits + (x * self.class_embedding[class_index].to(x.dtype)).sum(1) / x.shape[1] ** 0.5

    def begin_at(self, side: int) -> None:
        """Let all blocks that look at more than `side` be silent."""
        for block_side, block in self.blocks.items():
            if int(block_side) >= side:
                cast(ResidualBlock, block).silence()


def normalise(x: Tensor) -> Tensor:
    """Scale each row to unit mean square: (N, D) -> (N, D)."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()
