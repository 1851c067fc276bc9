"""The style family's discriminator: residual blocks, each of which also receives the picture at its own scale."""

import math
from typing import cast

import torch
from torch import Tensor, nn

from gan.families.base import Discriminator
from gan.families.layers import (
    ACTIVATION_GAIN,
    Conv2d,
    FoldingConv2d,
    Linear,
    activate,
    downsample,
    leak,
    minibatch_deviation,
    normal,
    without_autocast,
)
from gan.families.style.settings import StyleSettings, block_sides, width_at


class ResidualBlock(nn.Module):
    """Maps features (N, I, r, r) to (N, O, r/2, r/2).

    The output is √2 times as large, so that the plain `leak` after it keeps the variance.
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
        """Make the block's output zero: a new block in a trained network starts this way."""
        self.conv1.weight.zero_()
        self.skip.weight.zero_()


class StyleDiscriminator(Discriminator):
    """Maps pictures (N, C, R, R) to logits (N,). Every block also receives the picture at its own scale, four pixels folded into
    one.

    Pictures of a smaller side pass through the blocks of that side and coarser ones only.
    """

    class_embedding: nn.Parameter | None

    def __init__(self, *, resolution: int, channels: int, num_classes: int, network: StyleSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, num_classes=num_classes)
        sides = block_sides(resolution)
        size = (network.discriminator_width, network.discriminator_capacity, network.narrowest)
        widths = [width_at(side, *size) for side in sides]
        # Blocks are named by their side, so that a network of another resolution has the same names for the same blocks.
        readers = {
            str(side): FoldingConv2d(channels, width, gain=ACTIVATION_GAIN) for side, width in zip(sides, widths, strict=True)
        }
        self.readers = nn.ModuleDict(readers)
        self.blocks = nn.ModuleDict({str(sides[i]): ResidualBlock(widths[i], widths[i - 1]) for i in range(1, len(sides))})
        self.deviation_parts = math.gcd(widths[0], network.deviation_parts)
        self.conv = Conv2d(widths[0] + self.deviation_parts, widths[0], 3, gain=ACTIVATION_GAIN)
        self.hidden = Linear(widths[0] * 16, widths[0])
        self.logit = Linear(widths[0], 1)
        rows = normal(num_classes, widths[0])
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
        """Map features (N, O, 4, 4) to logits (N,), in float32: scores drift, and their differences are small."""
        x = activate(self.hidden(x.flatten(1)))  # (N, O)
        logits = self.logit(x).squeeze(1)  # (N,)
        if self.class_embedding is None:
            return logits
        assert class_index is not None
        return logits + (x * self.class_embedding[class_index].to(x.dtype)).sum(1) / x.shape[1] ** 0.5

    def begin_at(self, side: int) -> None:
        """Silence all blocks that work on sides larger than `side`."""
        for block_side, block in self.blocks.items():
            if int(block_side) >= side:
                cast(ResidualBlock, block).silence()

    def feature_layers(self) -> list[nn.Module]:
        return list(self.blocks.children())
