"""Modulated convolutions: a latent scales the features of each layer."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan.families.layers import Linear, leak, normal, upsample, without_autocast

LARGEST_MAP = 16  # pixels a side


class Placement(nn.Module):
    """Spatial maps from the latent: w (N, w_dim) -> (N, K, r, r).

    A style scales a feature equally everywhere, so styles alone give all pictures the same layout. These K maps, of at most
    LARGEST_MAP pixels a side, are linear in w; each of O features adds them with its own `weight` (O, K).
    """

    def __init__(self, maps: int, out_channels: int, side: int, w_dim: int) -> None:
        super().__init__()
        self.side = side
        self.shape = (maps, min(side, LARGEST_MAP), min(side, LARGEST_MAP))
        self.maps = Linear(w_dim, math.prod(self.shape))
        self.weight = nn.Parameter(torch.zeros(out_channels, maps))  # zero: the bias is the same everywhere at first

    def forward(self, w: Tensor) -> Tensor:
        maps = self.maps(w).unflatten(1, self.shape)  # (N, K, r, r), or smaller
        if self.side > LARGEST_MAP:
            maps = F.interpolate(maps, size=(self.side, self.side), mode="bilinear", align_corners=False)
        return maps


class Modulated(nn.Module):
    """Base class of modulated convolutions (Karras et al. 2020, eq. 1-3): weight (O, I, K, K), bias, style projection.

    Outputs are multiplied by `gain`, as in Conv2d. Features come with a positive `scale` (N, C): their true value is x · scale. A
    leaky ReLU commutes with the scale and the next style multiplies it in, so demodulation costs no pass over the features,
    forward or backward.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: int, w_dim: int, gain: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(normal(out_channels, in_channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.style = Linear(w_dim, in_channels, bias=1.0)
        self.gain = gain

    def demodulation(self, style: Tensor) -> Tensor:
        """Return the factors that bring each output back to the variance of the inputs: styles (N, I) -> (N, O)."""
        energy = (self.weight * self.weight).sum((2, 3))  # (O, I); a product's gradient is cheaper than a power's
        return (style * style @ energy.T + 1e-8 * self.weight[0].numel()).rsqrt()


class ModulatedConv2d(Modulated):
    """Modulated convolution with activation: (N, I, H, W), w (N, w_dim) -> (N, O, H, W).

    The style scales activations, which has the same result as scaling weights, so that batches, compilers and exporters deal with
    an ordinary convolution. With a `placement` the bias differs from pixel to pixel.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, w_dim: int, *, gain: float, placement: Placement | None = None
    ) -> None:
        super().__init__(in_channels, out_channels, kernel, w_dim, gain)
        self.padding = kernel // 2
        self.placement = placement

    def forward(self, x: Tensor, scale: Tensor | None, w: Tensor, *, enlarged: bool = False) -> tuple[Tensor, Tensor]:
        """Map features x · scale to y and its scale; a scale of None is 1. `enlarged` doubles the side after the style is
        applied.
        """
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
    """Modulated 1 × 1 convolution. Its weights are few, so each picture gets its own weights, which `map_pixels` applies.

    Without `demodulate` the style sets the size of the outputs, as colours need.
    """

    def __init__(self, in_channels: int, out_channels: int, w_dim: int, *, gain: float = 1.0, demodulate: bool = True) -> None:
        super().__init__(in_channels, out_channels, 1, w_dim, gain)
        self.demodulate = demodulate

    def forward(self, scale: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        """Return weights (N, I, O) and biases (O,) for the features' scale (N, I) and w (N, w_dim)."""
        style = self.style(w)  # (N, I)
        out_scale = self.demodulation(style)[:, None] if self.demodulate else len(self.weight[0]) ** -0.5  # (N, 1, O)
        weight = (style * scale)[:, :, None] * self.weight.flatten(1).T  # (N, I, O)
        return weight * (out_scale * self.gain), self.bias * self.gain


def map_pixels(x: Tensor, weight: Tensor, bias: Tensor, *, leaky: bool = False) -> Tensor:
    """Multiply each picture's pixels by its own weight, add a bias, then apply `leak` if wanted.

    x (N, I, H, W), weight (N, I, O), bias (O,) or (N, O, H, W) -> (N, O, H, W).
    """
    y = torch.baddbmm(pixels(bias) if bias.ndim == 4 else bias, pixels(x), weight)  # (N, H W, O)
    y = leak(y, inplace=True) if leaky else y  # before y becomes a view, because a view's gradient is copied twice
    return y.unflatten(1, x.shape[2:]).permute(0, 3, 1, 2)


def pixels(x: Tensor) -> Tensor:
    """Turn (N, C, H, W) into (N, H W, C), without a copy in channels-last memory."""
    return x.permute(0, 2, 3, 1).flatten(1, 2)
