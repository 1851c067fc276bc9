"""What every family shares: the two base classes, the settings base, and the layers of the style family."""

import math
from collections.abc import Sequence
from typing import Any, cast

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from gan.convolution import LEAK, convolve

MINIBATCH_GROUP = 4
FEW_CHANNELS = 8  # in pictures, not in features: what PyTorch is slow with where channels come last in memory
ACTIVATION_GAIN = math.sqrt(2)
LARGEST_MAP = 16
RUIN = 1e4  # no network that still learns makes pictures so far beyond black and white


class Settings(BaseModel):
    """Base of a family's network settings: closed, frozen, bounded."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Generator(nn.Module):
    """Latents to pictures.

    `num_classes` is 0 for an unconditional generator, whose `class_index` is None.
    """

    def __init__(self, *, resolution: int, channels: int, z_dim: int, num_classes: int) -> None:
        super().__init__()
        self.resolution = resolution
        self.channels = channels
        self.z_dim = z_dim
        self.num_classes = num_classes

    def forward(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        """z (N, z_dim), class_index int64 (N,) or None -> pictures (N, C, H, W), about [-1, 1]."""
        raise NotImplementedError

    def begin_at(self, side: int) -> None:
        """Prepare a network that is not trained yet to grow from a smaller side; only a family that `grows` can."""
        raise NotImplementedError

    def sample(self, z: Tensor, class_index: Tensor | None, psi: float) -> Tensor:
        """Pictures with truncation: families without an intermediate latent scale z by psi."""
        return self(z * psi, class_index)

    def calibrate(self, classes: Sequence[int] | None = None) -> None:
        """Estimate what sampling needs and training does not, from fixed latents; nothing by default.

        `classes` limits what is estimated for each class by itself to some of them (0 in an unconditional generator).
        """


class Discriminator(nn.Module):
    """Pictures to logits: (N, C, H, W), class_index int64 (N,) or None -> (N,)."""

    def __init__(self, *, resolution: int, channels: int, num_classes: int) -> None:
        super().__init__()
        self.resolution = resolution
        self.channels = channels
        self.num_classes = num_classes

    def forward(self, pictures: Tensor, class_index: Tensor | None) -> Tensor:
        raise NotImplementedError

    def begin_at(self, side: int) -> None:
        """Prepare a network that is not trained yet to grow from a smaller side; only a family that `grows` can."""
        raise NotImplementedError


class Linear(nn.Module):
    """Linear layer with an equalised learning rate (Karras et al. 2018, §4.1): (N, I) -> (N, O).

    Weights are stored with unit variance and scaled at run time, so that Adam's step is of the same relative size in every
    layer; `lr_multiplier` slows a layer down (0.01 for the mapping network, Karras et al. 2019).
    """

    def __init__(self, in_features: int, out_features: int, *, bias: float = 0.0, lr_multiplier: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_features, in_features) / lr_multiplier)
        self.bias = nn.Parameter(torch.full((out_features,), bias / lr_multiplier))
        self.weight_gain = lr_multiplier / math.sqrt(in_features)
        self.bias_gain = lr_multiplier

    def forward(self, x: Tensor) -> Tensor:
        # (O,) + (N, I) @ (I, O): gains cost nothing here
        return torch.addmm(self.bias, x, self.weight.T, beta=self.bias_gain, alpha=self.weight_gain)


class Conv2d(nn.Module):
    """Convolution with an equalised learning rate, size kept: (N, I, H, W) -> (N, O, H, W).

    The output is `gain` times as large: `leak` after a gain of ACTIVATION_GAIN is `activate` with a pass less over the memory.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: int, *, bias: bool = True, gain: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        self.weight_gain = gain / math.sqrt(in_channels * kernel * kernel)
        self.bias_gain = gain

    def forward(self, x: Tensor, *, leaky: bool = False) -> Tensor:
        return convolve(x, self.weight, self.bias, gain=self.weight_gain, bias_gain=self.bias_gain, leaky=leaky)


class FoldingConv2d(Conv2d):
    """A 1 × 1 convolution of pictures whose pixels are folded, four into one: (N, C, 2r, 2r) -> (N, O, r, r)."""

    def __init__(self, channels: int, out_channels: int, *, gain: float = 1.0) -> None:
        super().__init__(4 * channels, out_channels, 1, gain=gain)

    def forward(self, x: Tensor, *, leaky: bool = False) -> Tensor:
        weight = self.weight.view(len(self.weight), -1, 2, 2)  # as `F.pixel_unshuffle` orders them
        return convolve(x, weight, self.bias, gain=self.weight_gain, bias_gain=self.bias_gain, stride=2, leaky=leaky)


class Placement(nn.Module):
    """What a latent moves: w (N, w_dim) -> maps for each picture (N, K, r, r).

    Styles weigh features everywhere alike, so that all pictures would share one plan. A few maps of at most LARGEST_MAP pixels a
    side, linear in w and heard by each of O features in its own measure, `weight` (O, K), say where.
    """

    def __init__(self, maps: int, out_channels: int, side: int, w_dim: int) -> None:
        super().__init__()
        self.side = side
        self.shape = (maps, min(side, LARGEST_MAP), min(side, LARGEST_MAP))
        self.maps = Linear(w_dim, math.prod(self.shape))
        self.weight = nn.Parameter(torch.zeros(out_channels, maps))  # begin with one bias for all places

    def forward(self, w: Tensor) -> Tensor:
        maps = self.maps(w).unflatten(1, self.shape)  # (N, K, r, r), or smaller
        if self.side > LARGEST_MAP:
            maps = F.interpolate(maps, size=(self.side, self.side), mode="bilinear", align_corners=False)
        return maps


class Modulated(nn.Module):
    """What a convolution holds whose weights (O, I, K, K) a style scales and demodulation brings back to unit variance
    (Karras et al. 2020, eq. 1-3). Outputs are `gain` times as large, as in Conv2d.

    Features travel with a positive `scale` (N, C): their true value is x · scale. A leaky ReLU lets it pass and the next style
    takes it up, so that demodulation itself never goes over the memory, and its gradients do not either.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: int, w_dim: int, gain: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.style = Linear(w_dim, in_channels, bias=1.0)
        self.gain = gain

    def demodulation(self, style: Tensor) -> Tensor:
        """What brings each output back to the variance of the inputs: styles (N, I) -> (N, O)."""
        energy = (self.weight * self.weight).sum((2, 3))  # (O, I); a product, whose gradient is cheaper than that of a power
        return (style * style @ energy.T + 1e-8 * self.weight[0].numel()).rsqrt()


class ModulatedConv2d(Modulated):
    """Modulated convolution: (N, I, H, W), w (N, w_dim) -> (N, O, H, W), activated.

    Activations are scaled and not weights, which is the same: so batches, compilers and exporters see an ordinary convolution.
    With a `placement`, which knows what side it works at, the bias is another one at each place.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, w_dim: int, *, gain: float, placement: Placement | None = None
    ) -> None:
        super().__init__(in_channels, out_channels, kernel, w_dim, gain)
        self.padding = kernel // 2
        self.placement = placement

    def forward(self, x: Tensor, scale: Tensor | None, w: Tensor, *, enlarged: bool = False) -> tuple[Tensor, Tensor]:
        """Features x · scale (None: as they are) -> y and its scale. `enlarged`: to twice the side, after their style."""
        with without_autocast(x):
            style = self.style(w)  # (N, I)
            next_scale = self.demodulation(style) * self.gain  # (N, O)
            bias = self.bias * self.gain
            true_style = style if scale is None else style * scale
        x = x * true_style[:, :, None, None].to(x.dtype)
        y = F.conv2d(upsample(x) if enlarged else x, self.weight, padding=self.padding)
        if self.placement is None:
            return leak(y.add_((bias / next_scale)[:, :, None, None].to(y.dtype)), inplace=True), next_scale
        with without_autocast(x):
            maps = self.placement(w)  # (N, K, r, r)
            maps = torch.cat([maps, torch.ones_like(maps[:, :1])], 1)
            weight = torch.cat([self.placement.weight, bias[:, None]], 1).T / next_scale[:, None]  # (N, K + 1, O)
        return map_pixels(maps, weight, y, leaky=True), next_scale


class ModulatedPixels(Modulated):
    """Modulated 1 × 1 convolution: its weights are so few that each picture has its own, for `map_pixels`.

    Without `demodulate` outputs may become loud, as colours must.
    """

    def __init__(self, in_channels: int, out_channels: int, w_dim: int, *, gain: float = 1.0, demodulate: bool = True) -> None:
        super().__init__(in_channels, out_channels, 1, w_dim, gain)
        self.demodulate = demodulate

    def forward(self, scale: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        """For features x · scale, (N, I), and w (N, w_dim): weights (N, I, O) and biases (O,)."""
        style = self.style(w)  # (N, I)
        out_scale = self.demodulation(style)[:, None] if self.demodulate else len(self.weight[0]) ** -0.5  # (N, 1, O)
        weight = (style * scale)[:, :, None] * self.weight.flatten(1).T  # (N, I, O)
        return weight * (out_scale * self.gain), self.bias * self.gain


def map_pixels(x: Tensor, weight: Tensor, bias: Tensor, *, leaky: bool = False) -> Tensor:
    """Each picture's pixels times its own weight, plus a bias, then `leak` if wanted:
    (N, I, H, W), (N, I, O), (O,) or (N, O, H, W) -> (N, O, H, W).
    """
    y = torch.baddbmm(pixels(bias) if bias.ndim == 4 else bias, pixels(x), weight)  # (N, H W, O)
    y = leak(y, inplace=True) if leaky else y  # here, where it is no view yet: a view's gradient would be copied twice
    return y.unflatten(1, x.shape[2:]).permute(0, 3, 1, 2)


def pixels(x: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, H W, C): the same memory, where channels come last in it."""
    return x.permute(0, 2, 3, 1).flatten(1, 2)


def without_autocast(x: Tensor) -> torch.autocast:
    """Autocast off on x's device: for what is too little work to gain by half precision, or adds up."""
    return torch.autocast(x.device.type, enabled=False)


def activate(x: Tensor) -> Tensor:
    """Leaky ReLU that keeps the variance of a unit normal input."""
    return leak(x) * ACTIVATION_GAIN


def leak(x: Tensor, *, inplace: bool = False) -> Tensor:
    """Leaky ReLU alone; `inplace` where nobody else needs x."""
    return F.leaky_relu(x, LEAK, inplace)


def upsample(x: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, C, 2H, 2W), bilinear."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def downsample(x: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, C, H/2, W/2), box filter; H and W even."""
    return cast(Tensor, _Halve.apply(x))


class _Halve(torch.autograd.Function):
    """Means of 2 × 2 pixels, with gradients that are several times as fast as those of `F.avg_pool2d`."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        if x.shape[1] >= FEW_CHANNELS:
            return F.avg_pool2d(x, 2)
        x = x[:, :, ::2] + x[:, :, 1::2]  # whole rows first
        return 0.25 * (x[..., ::2] + x[..., 1::2])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return cast(Tensor, _Repeat.apply(0.25 * gradient))


class _Repeat(torch.autograd.Function):
    """Each pixel four times: what `_Halve` takes back, but for a factor of 4."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2.0, mode="nearest")

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return 4 * cast(Tensor, _Halve.apply(gradient))


def smooth(x: Tensor) -> Tensor:
    """Average each pixel with its neighbours, 1 2 1 along both axes: (N, C, H, W) -> (N, C, H, W).

    Beyond the border its pixels are repeated.
    """
    half = x.new_full((x.shape[1], 1, 2, 2), 0.25)  # filled where it is needed: numbers from here would keep a GPU waiting
    x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), half, groups=x.shape[1])
    return F.conv2d(x, half, groups=x.shape[1])


def clip(x: Tensor) -> Tensor:
    """Pictures within [-1, 1], as they are shown; the gradient passes, except where a step along it would lead further out.

    Beyond ±RUIN they become nan, so that a loss still tells of a generator that has blown up.
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
        outwards = (x.clamp(-1, 1) - x) * gradient > 0  # descent goes against the gradient
        return gradient.masked_fill(outwards, 0)


def minibatch_deviation(x: Tensor, group: int = MINIBATCH_GROUP, parts: int = 1) -> Tensor:
    """Append the standard deviation over groups of neighbours in the batch, its mean over each of so many equal parts of the
    channels: (N, C, H, W) -> (N, C + parts, H, W).

    Lets the discriminator see a lack of variety (Karras et al. 2018, §3). Groups are consecutive, so that a batch shared out
    over processes in multiples of `group` forms the same groups as in one process.
    """
    count, channels, height, width = x.shape
    group = next(g for g in range(min(group, count), 0, -1) if count % g == 0)
    y = x.float().reshape(count // group, group, channels, height, width)
    y = (y - y.mean(1, keepdim=True)).square().mean(1)  # 30 times as fast as `var`
    y = (y + 1e-8).sqrt().reshape(count // group, parts, -1).mean(2)  # (N / group, parts)
    y = y.repeat_interleave(group, 0)[:, :, None, None].expand(count, parts, height, width)
    return torch.cat([x, y.to(x.dtype)], 1)
