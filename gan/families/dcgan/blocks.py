"""What both networks of the dcgan family share: batch norm, and how weights are initialised."""

import math

from torch import nn

from gan.families.layers import fill_normal


def batch_norm(width: int, wanted: bool) -> list[nn.Module]:
    """A batch norm to splice into a sequence, or nothing."""
    return [nn.BatchNorm2d(width)] if wanted else []


def initialise(network: nn.Module, has_batch_norm: bool) -> None:
    """Weights N(0, 0.02) and scales N(1, 0.02) as in the paper, biases 0."""
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            fill_normal(module.weight, 0.0, deviation(module, has_batch_norm))
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            fill_normal(module.weight, 1.0, 0.02)


def deviation(module: nn.Linear | nn.Conv2d | nn.ConvTranspose2d, has_batch_norm: bool) -> float:
    """Standard deviation of fresh weights: 0.02, which relies on batch norm to restore the signal.

    Without batch norm, weights keep the variance through rectifiers (He et al. 2015).
    """
    if has_batch_norm:
        return 0.02
    if isinstance(module, nn.Linear):
        return math.sqrt(2 / module.in_features)
    inputs = module.in_channels * math.prod(module.kernel_size)
    # A transposed convolution spreads each input: only one in stride² taps falls on a given output.
    return math.sqrt(2 * math.prod(module.stride) / inputs if isinstance(module, nn.ConvTranspose2d) else 2 / inputs)
