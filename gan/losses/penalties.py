"""Gradient penalties: functions of a discriminator and of pictures, and the table PENALTIES.

Each penalty takes (discriminator, real, fake, mix). `discriminator` maps N pictures, or 2 N with the real ones first, to their
logits; the classes of the pictures are already bound to it. `real` and `fake` are two augmented batches (N, C, H, W) in [-1, 1].
`mix` holds one number in [0, 1] for each sample, shape (N, 1, 1, 1), drawn by the caller.

Each penalty returns an unweighted mean over the batch, differentiable with respect to the discriminator's weights. No gradient
reaches the generator through the pictures. Pictures and gradients are float32, so that squares do not overflow; the discriminator
computes in its own precision.

A penalty needs the gradient at each picture separately, so the discriminator must not use batch norm. With batch norm the score
of a picture depends on the whole batch, and the gradient of the summed scores in `slopes` would mix the samples.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from gan.convolution import weights_at_rest

Score = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Penalty:
    """A penalty and its weight: loss = factor * weight * fn(...), multiplied by k where the penalty is applied every k steps."""

    name: str
    fn: Callable[[Score, Tensor, Tensor, Tensor], Tensor]
    factor: float
    """Constant of the paper's formula: ½ for R1 and R2, whose weight is called gamma; 1 for WGAN-GP, whose weight is lambda."""
    default_weight: float
    """The paper's gamma or lambda, a starting point for tuning; 0 for the penalty `none`."""


def none(discriminator: Score, real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
    """Return 0 as the penalty; the discriminator is not called."""
    return torch.zeros((), device=real.device)


def r1(discriminator: Score, real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
    """E ‖∇D(x)‖² at real pictures (Mescheder et al. 2018, eq. 9, without its gamma / 2).

    It keeps the discriminator's gradient small at the data, so that training converges locally.
    """
    return slopes(discriminator, real).square().sum((1, 2, 3)).mean()


def r2(discriminator: Score, real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
    """E ‖∇D(G(z))‖² at generated pictures (Mescheder et al. 2018, eq. 10, without its gamma / 2)."""
    return slopes(discriminator, fake).square().sum((1, 2, 3)).mean()


def r1_r2(discriminator: Score, real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
    """R1 + R2 in one pass of the discriminator. Training with a relativistic objective converges locally only with both (Huang et
    al. 2025, §2.2).
    """
    both = slopes(discriminator, torch.cat([real, fake.detach().to(real.dtype)])).square().sum((1, 2, 3))  # (2N,)
    return 2 * both.mean()


def wgan_gp(discriminator: Score, real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
    """E (‖∇D(x̂)‖ - 1)² at random points between real and generated pictures (Gulrajani et al. 2017, eq. 3, without its lambda).

    An optimal critic has slope 1 at these points. `mix` is the fraction of the real picture in each point.
    """
    between = torch.lerp(fake.detach().float(), real.detach().float(), mix.to(real.device, torch.float32))
    norms = torch.linalg.vector_norm(slopes(discriminator, between).flatten(1), dim=1)  # (N,)
    return (norms - 1).square().mean()


def slopes(discriminator: Score, pictures: Tensor) -> Tensor:
    """Return the gradient of each logit with respect to its picture, (N, C, H, W), with a graph for a second derivative."""
    pictures = pictures.detach().float().requires_grad_(True)
    logits = discriminator(pictures)
    # The gradient of the sum is each sample's own gradient if no logit depends on another sample's picture. Minibatch deviation
    # breaks this condition; the error is accepted, as in StyleGAN2.
    with weights_at_rest():
        (gradient,) = torch.autograd.grad(logits.float().sum(), pictures, create_graph=True)
    return gradient.float()


PENALTIES: dict[str, Penalty] = {
    penalty.name: penalty
    for penalty in (
        Penalty("none", none, factor=0.0, default_weight=0.0),
        Penalty("r1", r1, factor=0.5, default_weight=1.0),
        Penalty("r2", r2, factor=0.5, default_weight=1.0),
        Penalty("r1+r2", r1_r2, factor=0.5, default_weight=1.0),
        Penalty("wgan-gp", wgan_gp, factor=1.0, default_weight=10.0),
    )
}
