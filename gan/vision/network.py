"""EfficientNet-lite0 without its head: pictures to feature maps at four scales.

Tan & Le 2019, in the lite variant of the TensorFlow team: no squeeze and excitation, and ReLU6 throughout. Batch norm is folded
into the convolutions, so weights and biases are the only state.
"""

import math

import torch.nn.functional as F
from torch import Tensor, nn

# For each stage: blocks, kernel, stride of the first block, expansion, channels.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM_WIDTH = 32
TAKEN = (1, 2, 4, 6)
"""The stages whose output is a feature map: the last ones at 1/4, 1/8, 1/16 and 1/32 of the side."""
SCALES = (4, 8, 16, 32)
WIDTHS = tuple(STAGES[stage][4] for stage in TAKEN)
PIXEL_SCALE = 127.5 / 128  # the network was trained on (level - 127) / 128


def convolution(inputs: int, outputs: int, kernel: int, stride: int, *, groups: int = 1, active: bool = True) -> nn.Sequential:
    """Return a convolution with the batch norm folded in, then ReLU6 if wanted. At stride 2, `pad_as_tensorflow` adds the
    border.
    """
    # imported inside the function, because importing torchvision takes a second and few processes need it
    from torchvision.ops import Conv2dNormActivation

    return Conv2dNormActivation(
        inputs,
        outputs,
        kernel,
        stride,
        padding=kernel // 2 if stride == 1 else 0,
        groups=groups,
        norm_layer=None,
        activation_layer=nn.ReLU6 if active else None,
        inplace=True if active else None,
        bias=True,
    )


def pad_as_tensorflow(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Pad x (N, C, H, W) with zeros, so that a convolution gives ⌈H / stride⌉ × ⌈W / stride⌉. If the number of zeros is odd, the
    extra one is added below or on the right.
    """
    missing = [max((math.ceil(side / stride) - 1) * stride + kernel - side, 0) for side in x.shape[2:]]
    height, width = missing
    return F.pad(x, (width // 2, width - width // 2, height // 2, height - height // 2))


class InvertedBottleneck(nn.Module):
    """Expands, convolves each channel separately, projects: (N, I, H, W) -> (N, O, H / stride, W / stride)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.kernel, self.stride = kernel, stride
        self.expand = convolution(inputs, wide, 1, 1) if expansion > 1 else None
        self.depthwise = convolution(wide, wide, kernel, stride, groups=wide)
        self.project = convolution(wide, outputs, 1, 1, active=False)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else self.expand(x)
        if self.stride > 1:
            y = pad_as_tensorflow(y, self.kernel, self.stride)
        y = self.project(self.depthwise(y))
        return x + y if self.residual else y


class FeatureNetwork(nn.Module):
    """Maps pictures (N, C, H, W) in [-1, 1], C 1 or 3, to maps of 24, 40, 112, 320 channels at 1/4 … 1/32 of the side, rounded
    up.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = convolution(3, STEM_WIDTH, 3, 2)
        stages, inputs = [], STEM_WIDTH
        for blocks, kernel, stride, expansion, outputs in STAGES:
            first = InvertedBottleneck(inputs, outputs, kernel, stride, expansion)
            rest = [InvertedBottleneck(outputs, outputs, kernel, 1, expansion) for _ in range(blocks - 1)]
            stages.append(nn.Sequential(first, *rest))
            inputs = outputs
        self.stages = nn.ModuleList(stages)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        x = (pictures * PIXEL_SCALE).expand(-1, 3, -1, -1)  # grey is repeated
        x = self.stem(pad_as_tensorflow(x, 3, 2))  # (N, 32, H/2, W/2)
        maps = []
        for index, stage in enumerate(self.stages):
            x = stage(x)
            if index in TAKEN:
                maps.append(x)
        return maps
