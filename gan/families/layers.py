"""Layers that several families share, and the initialisation of weights."""

import math
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan.convolution import LEAK, convolve

MINIBATCH_GROUP = 4
FEW_CHANNELS = 8  # tensors with at most this many are pictures, not features; PyTorch pools them slowly in channels-last memory
ACTIVATION_GAIN = math.sqrt(2)
RUIN = 1e4  # absolute value of a pixel beyond which the generator has diverged; -1 … 1 is usual
CLASS_DIM = 32
# Standard deviation of the class embedding; that of the latent is 1. With a larger class signal the class is learned first; batch
# norm then shrinks the latent as the class grows, and every class collapses to one picture.
CLASS_DEVIATION = 0.1

Activation = Literal["relu", "leaky-relu", "prelu"]


def normal(*shape: int) -> Tensor:
    """Return fresh weights from N(0, 1), the numbers of `torch.randn`.

    On the meta device they stay unfilled. A network that is to be loaded needs shapes only, and drawing numbers on the meta
    device imports torch._dynamo, which takes longer than the loading.
    """
    weights = torch.empty(shape)
    return weights if weights.is_meta else weights.normal_()


def fill_normal(weights: Tensor, mean: float, deviation: float) -> None:
    """Fill weights from N(mean, deviation²). On the meta device they stay unfilled, as in `normal`."""
    if not weights.is_meta:
        nn.init.normal_(weights, mean, deviation)


def embedding(count: int, dim: int) -> nn.Embedding:
    """Return a table of `count` rows from N(0, 1)."""
    return nn.Embedding.from_pretrained(normal(count, dim), freeze=False)


def activation(kind: Activation) -> nn.Module:
    """Return the activation layer of that name. The slope below zero is 0 for relu, 0.2 for leaky-relu, and one learned number
    for prelu.
    """
    if kind == "prelu":
        return nn.PReLU()
    return nn.ReLU() if kind == "relu" else nn.LeakyReLU(LEAK)


class Linear(nn.Module):
    """Linear layer with an equalised learning rate (Karras et al. 2018, §4.1): (N, I) -> (N, O).

    Weights are stored with unit variance and scaled at run time, so that Adam's step has the same relative size in every layer.
    `lr_multiplier` slows a layer down (0.01 for the mapping network, Karras et al. 2019).
    """

    def __init__(self, in_features: int, out_features: int, *, bias: float = 0.0, lr_multiplier: float = 1.0) -> None:
        super().__init__()
        weight = normal(out_features, in_features)
        self.weight = nn.Parameter(weight if weight.is_meta else weight / lr_multiplier)
        self.bias = nn.Parameter(torch.full((out_features,), bias / lr_multiplier))
        self.weight_gain = lr_multiplier / math.sqrt(in_features)
        self.bias_gain = lr_multiplier

    def forward(self, x: Tensor) -> Tensor:
        # (O,) + (N, I) @ (I, O); the gains add no cost inside `addmm`
        return torch.addmm(self.bias, x, self.weight.T, beta=self.bias_gain, alpha=self.weight_gain)


class Conv2d(nn.Module):
    """Convolution with an equalised learning rate that keeps the size: (N, I, H, W) -> (N, O, H, W).

    The output is multiplied by `gain`. With a gain of ACTIVATION_GAIN, `leak` replaces `activate` and saves a pass over the
    memory.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: int, *, bias: bool = True, gain: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(normal(out_channels, in_channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        self.weight_gain = gain / math.sqrt(in_channels * kernel * kernel)
        self.bias_gain = gain

    def forward(self, x: Tensor, *, leaky: bool = False) -> Tensor:
        return convolve(x, self.weight, self.bias, gain=self.weight_gain, bias_gain=self.bias_gain, leaky=leaky)


class FoldingConv2d(Conv2d):
    """A 1 × 1 convolution of pictures after folding each 2 × 2 pixels into one: (N, C, 2r, 2r) -> (N, O, r, r)."""

    def __init__(self, channels: int, out_channels: int, *, gain: float = 1.0) -> None:
        super().__init__(4 * channels, out_channels, 1, gain=gain)

    def forward(self, x: Tensor, *, leaky: bool = False) -> Tensor:
        weight = self.weight.view(len(self.weight), -1, 2, 2)  # in the order of `F.pixel_unshuffle`
        return convolve(x, weight, self.bias, gain=self.weight_gain, bias_gain=self.bias_gain, stride=2, leaky=leaky)


def without_autocast(x: Tensor) -> AbstractContextManager[object]:
    """Return a context that turns autocast off on x's device: for work too small to gain by half precision, and for sums that
    would lose accuracy.
    """
    if not torch.is_autocast_enabled(x.device.type):
        return nullcontext()  # costs nothing in a step, and half of the time of an export
    return torch.autocast(x.device.type, enabled=False)


def activate(x: Tensor) -> Tensor:
    """Apply a leaky ReLU that keeps the variance of a unit normal input."""
    return leak(x) * ACTIVATION_GAIN


def leak(x: Tensor, *, inplace: bool = False) -> Tensor:
    """Apply a leaky ReLU without a gain; use `inplace` where x is not needed again."""
    return F.leaky_relu(x, LEAK, inplace)


def upsample(x: Tensor) -> Tensor:
    """Double the side, bilinear: (N, C, H, W) -> (N, C, 2H, 2W)."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def downsample(x: Tensor) -> Tensor:
    """Halve the side with a box filter: (N, C, H, W) -> (N, C, H/2, W/2), H and W even."""
    return cast(Tensor, _Halve.apply(x))


class _Halve(torch.autograd.Function):
    """Takes means of 2 × 2 pixels, with gradients several times as fast as those of `F.avg_pool2d`."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        if x.shape[1] >= FEW_CHANNELS:
            return F.avg_pool2d(x, 2)
        x = x[:, :, ::2] + x[:, :, 1::2]  # adds whole rows first
        return 0.25 * (x[..., ::2] + x[..., 1::2])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return cast(Tensor, _Repeat.apply(0.25 * gradient))


class _Repeat(torch.autograd.Function):
    """Repeats each pixel four times: the adjoint of `_Halve`, times 4."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2.0, mode="nearest")

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return 4 * cast(Tensor, _Halve.apply(gradient))


def smooth(x: Tensor) -> Tensor:
    """Average each pixel with its neighbours, weighted 1 2 1 along both axes: (N, C, H, W) -> (N, C, H, W).

    Border pixels are repeated outwards.
    """
    half = x.new_full((x.shape[1], 1, 2, 2), 0.25)  # created on the device, because a copy from the CPU would stall a GPU
    x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), half, groups=x.shape[1])
    return F.conv2d(x, half, groups=x.shape[1])


def clip(x: Tensor) -> Tensor:
    """Clip pictures to [-1, 1], the range in which they are shown. The gradient is zeroed where gradient descent
    would move a value further outside.

    Values beyond ±RUIN become nan, so that the loss becomes nan once the generator has diverged.
    """
    return cast(Tensor, _Clip.apply(x))


class _Clip(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.clamp(-1, 1).masked_fill(x.abs() > RUIN, math.nan)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        outwards = (x.clamp(-1, 1) - x) * gradient > 0  # descent subtracts the gradient
        return gradient.masked_fill(outwards, 0)


def minibatch_deviation(x: Tensor, group: int = MINIBATCH_GROUP, parts: int = 1) -> Tensor:
    """Append the standard deviation over groups of neighbours in the batch: (N, C, H, W) -> (N, C + parts, H, W).

    The deviation is averaged over each of `parts` equal parts of the channels. It lets the discriminator detect a lack of variety
    (Karras et al. 2018, §3). Groups are consecutive, so that a batch that several processes share in multiples of `group` forms
    the same groups as in one process.
    """
    count, channels, height, width = x.shape
    group = next(g for g in range(min(group, count), 0, -1) if count % g == 0)
    y = x.float().reshape(count // group, group, channels, height, width)
    y = (y - y.mean(1, keepdim=True)).square().mean(1)  # 30 times as fast as `var`
    y = (y + 1e-8).sqrt().reshape(count // group, parts, -1).mean(2)  # (N / group, parts)
    y = y.repeat_interleave(group, 0)[:, :, None, None].expand(count, parts, height, width)
    return torch.cat([x, y.to(x.dtype)], 1)
