"""Building blocks of both dcgan networks: batch norm, and the initialisation of weights."""

import math

from torch import nn

from gan.families.layers import fill_normal


def batch_norm(width: int, wanted: bool) -> list[nn.Module]:
    """Return a list with a batch norm layer if `wanted`, else an empty list, to splice into a sequence of layers."""
    return [nn.BatchNorm2d(width)] if wanted else []


def initialise(network: nn.Module, has_batch_norm: bool) -> None:
    """Initialise weights with mean 0 and the standard deviation of `deviation`, batch norm scales with mean 1 and standard
    deviation 0.02 as in the paper, and biases with 0.
    """
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            fill_normal(module.weight, 0.0, deviation(module, has_batch_norm))
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            fill_normal(module.weight, 1.0, 0.02)


def deviation(module: nn.Linear | nn.Conv2d | nn.ConvTranspose2d, has_batch_norm: bool) -> float:
    """Return the standard deviation of initial weights: 0.02 with batch norm, which restores the scale of the signal.

    Without batch norm, the weights keep the variance of the signal through ReLUs (He et al. 2015).
    """
    if has_batch_norm:
        return 0.02
    if isinstance(module, nn.Linear):
        return math.sqrt(2 / module.in_features)
    inputs = module.in_channels * math.prod(module.kernel_size)
    # A transposed convolution spreads each input: only one in stride² taps falls on a given output.
    return math.sqrt(2 * math.prod(module.stride) / inputs if isinstance(module, nn.ConvTranspose2d) else 2 / inputs)
