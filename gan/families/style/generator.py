"""The style family's generator: a mapping network, and blocks that form the picture coarse to fine."""

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan.families.base import Generator
from gan.families.layers import ACTIVATION_GAIN, Conv2d, Linear, activate, leak, normal, upsample, without_autocast
from gan.families.style.modulation import ModulatedConv2d, ModulatedPixels, Placement, map_pixels
from gan.families.style.settings import StyleSettings, block_sides, width_at

CALIBRATION_LATENTS = 4096


class StyleBlock(nn.Module):
    """Maps features (N, I, r, r) to features (N, O, r, r), and adds detail to the picture: (N, C, 2r, 2r).

    If a picture (N, C, r, r) is given, features are (N, I, r/2, r/2). Features come with a scale, (N, I) on input and (N, O) on
    output: see `Modulated`.

    Detail channels are enlarged before their activation, so that an edge can lie at any fraction of a pixel, where a smooth slope
    crosses zero. Pixel shuffle (Shi et al. 2016) needs no convolution at full size, but draws steps along slanting edges.
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
        nn.init.zeros_(self.detail.weight)  # the picture is smooth at first; detail is learned

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
        # (N, C, r, r), (N, F, r, r); enlarging is faster from contiguous memory
        colours, fine = map_pixels(x, weight, bias).split([len(colour_bias), len(fine_bias)], 1)
        fine = leak(upsample(fine.contiguous(memory_format=torch.channels_last)), inplace=True)  # (N, F, 2r, 2r)
        # Plain `F.conv2d`: it exports, and generators need no second-order gradients.
        detail = F.conv2d(fine, self.detail.weight * self.detail.weight_gain, padding=1)  # (N, C, 2r, 2r)
        with without_autocast(x):  # rounding in half precision would add up over octaves
            colours = colours.float().contiguous(memory_format=torch.channels_last)
            colours = colours if picture is None else picture + colours
            return x, scale, upsample(colours) + detail.float()

    @torch.no_grad()
    def silence(self) -> None:
        """Make the block add nothing to the picture: a new block in a trained network starts this way."""
        self.colours.weight.zero_()
        self.detail.weight.zero_()


class StyleGenerator(Generator):
    """Maps z (N, z_dim) to w (N, w_dim) and w to pictures (N, C, R, R). It has no noise inputs: one latent gives one picture."""

    calibrated = ("w_mean",)
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
        rows = normal(num_classes, network.w_dim)
        self.register_parameter("class_embedding", nn.Parameter(rows) if num_classes else None)
        widths_in = [z_dim] + [network.w_dim] * (network.mapping_layers - 1)
        self.mapping_layers = nn.ModuleList(Linear(n, network.w_dim, lr_multiplier=0.01) for n in widths_in)
        self.constant = nn.Parameter(normal(1, widths[0], 4, 4))
        self.blocks = nn.ModuleList(
            StyleBlock(side, *pair, channels, network) for side, pair in zip(sides, pairwise(widths), strict=True)
        )
        self.register_buffer("w_mean", torch.zeros(max(1, num_classes), network.w_dim))

    def mapping(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        """Map z (N, z_dim) and class_index (N,) to w (N, w_dim)."""
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
        """Map ws (N, num_layers, w_dim), one w for each layer, coarse to fine, to pictures (N, C, R, R), or of a smaller
        `side`.
        """
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
        """Silence all blocks that draw at sides larger than `side`."""
        for block_side, block in zip(block_sides(self.resolution), self.blocks, strict=True):
            if block_side >= side:
                cast(StyleBlock, block).silence()

    @torch.no_grad()
    def absorb_classes(self, parent: nn.Module) -> None:
        """Add the mean of the parent's class rows to the mapping's first bias."""
        if self.class_embedding is not None or not isinstance(parent, StyleGenerator) or parent.class_embedding is None:
            return
        first = cast(Linear, self.mapping_layers[0])
        mean = parent.class_embedding.mean(0).to(first.bias)
        first.bias.add_(mean * parent.class_gain / first.bias_gain)

    def truncate(self, w: Tensor, class_index: Tensor | None, psi: float) -> Tensor:
        """Return w (N, …, w_dim) moved towards the mean of its class: psi 0 gives the mean, 1 the unchanged w."""
        centre = self.w_mean[class_index if class_index is not None else torch.zeros(len(w), dtype=torch.long, device=w.device)]
        return torch.lerp(centre, w, psi) if w.ndim == 2 else torch.lerp(centre[:, None], w, psi)

    def sample(self, z: Tensor, class_index: Tensor | None, psi: float) -> Tensor:
        w = self.truncate(self.mapping(z, class_index), class_index, psi)
        return self.synthesis(w[:, None].expand(-1, self.num_layers, -1))

    @torch.no_grad()
    def calibrate(self, classes: Sequence[int] | None = None) -> None:
        """Measure w_mean over fixed latents: one row for each class, for all classes or for some."""
        latents = np.random.RandomState(0).standard_normal((CALIBRATION_LATENTS, self.z_dim)).astype(np.float32)
        z = torch.from_numpy(latents).to(self.w_mean.device)
        for row in range(len(self.w_mean)) if classes is None else classes:
            class_index = torch.full((len(z),), row, device=z.device) if self.num_classes else None
            self.w_mean[row] = self.mapping(z, class_index).mean(0)


def normalise(x: Tensor) -> Tensor:
    """Scale each row to unit mean square: (N, D) -> (N, D)."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()
