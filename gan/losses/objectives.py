"""Adversarial losses: pure functions on logits, and the table OBJECTIVES.

Logits are the raw output of the discriminator, shape (N,), above zero for "real", without a sigmoid. Each network minimises its
own loss. Losses are computed in float32 or better, with softplus(x) = log(1 + e^x) in place of the papers' log(sigmoid) and log(1
- sigmoid), which overflow.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Objective:
    """A pair of losses, and the properties of the pair that a training depends on."""

    name: str
    generator: Callable[[Tensor, Tensor | None], Tensor]
    """(fake_logits, real_logits) -> scalar. Only a paired objective uses real_logits; the others also accept None."""
    discriminator: Callable[[Tensor, Tensor], Tensor]
    """(real_logits, fake_logits) -> scalar."""
    paired: bool = False
    """Whether the generator's loss compares with real pictures: row i of fake_logits with row i of real_logits."""
    needs_penalty: bool = False
    """Whether training fails without a penalty, because the discriminator's scores grow without bound."""
    wasserstein: bool = False
    """Whether the scores are a critic's. Such scores are not log-odds: neither their sign nor their size means "real" or
    "generated".
    """


def minimax_generator(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
    """E log(1 - D(G(z))), the original loss (Goodfellow et al. 2014, eq. 1).

    Its gradient vanishes where the discriminator is confident that pictures are generated, so the same paper proposes the
    non-saturating loss.
    """
    return -F.softplus(exact(fake_logits)).mean()


def non_saturating_generator(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
    """-E log D(G(z)) (Goodfellow et al. 2014, §3). It has the same fixed point as the original loss, and a strong gradient where
    the discriminator is confident that pictures are generated.
    """
    return F.softplus(-exact(fake_logits)).mean()


def cross_entropy_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """-E log D(x) - E log(1 - D(G(z))) (Goodfellow et al. 2014, eq. 1): binary cross-entropy with targets 1 and 0."""
    return F.softplus(-exact(real_logits)).mean() + F.softplus(exact(fake_logits)).mean()


def least_squares_generator(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
    """E (D(G(z)) - c)² / 2 with c = 1 on raw logits (Mao et al. 2017, eq. 9)."""
    return (exact(fake_logits) - 1).square().mean() / 2


def least_squares_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """E (D(x) - b)² / 2 + E (D(G(z)) - a)² / 2 with a = 0 and b = 1 on raw logits (Mao et al. 2017, eq. 9)."""
    return (exact(real_logits) - 1).square().mean() / 2 + exact(fake_logits).square().mean() / 2


def critic_generator(fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
    """-E D(G(z)): the generator's side of the hinge and of the Wasserstein objective."""
    return -exact(fake_logits).mean()


def hinge_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))) (Lim & Ye 2017). Real pictures scored above 1 and generated pictures
    scored below -1 have no gradient.
    """
    return F.relu(1 - exact(real_logits)).mean() + F.relu(1 + exact(fake_logits)).mean()


def wasserstein_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """E D(G(z)) - E D(x) (Arjovsky et al. 2017). If a penalty keeps the critic's slope near 1, this is the estimated Wasserstein
    distance times -1.
    """
    return exact(fake_logits).mean() - exact(real_logits).mean()


def relativistic_generator(fake_logits: Tensor, real_logits: Tensor | None) -> Tensor:
    """E softplus(-(D(G(z)) - D(x))), pair by pair (Jolicoeur-Martineau 2018; Huang et al. 2025, eq. 2).

    Only the difference within a pair counts, so the generator cannot satisfy the discriminator while it drops a mode.
    """
    if real_logits is None:
        raise ValueError("the relativistic objective scores pairs: the generator's loss needs real_logits")
    return pair_loss(winner=fake_logits, loser=real_logits)


def relativistic_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """E softplus(-(D(x) - D(G(z)))), pair by pair: the generator's loss with the signs exchanged."""
    return pair_loss(winner=real_logits, loser=fake_logits)


def pair_loss(*, winner: Tensor, loser: Tensor) -> Tensor:
    """Return the mean of -log sigmoid(winner - loser) over the pairs. Raises ValueError if the numbers of logits differ."""
    if winner.shape != loser.shape:
        raise ValueError(f"a pair needs as many real as generated logits, not {tuple(winner.shape)} and {tuple(loser.shape)}")
    return F.softplus(exact(loser) - exact(winner)).mean()


def exact(logits: Tensor) -> Tensor:
    """Return the logits in float32; float64 logits stay float64."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))


OBJECTIVES: dict[str, Objective] = {
    objective.name: objective
    for objective in (
        Objective("minimax", minimax_generator, cross_entropy_discriminator),
        Objective("non-saturating", non_saturating_generator, cross_entropy_discriminator),
        Objective("least-squares", least_squares_generator, least_squares_discriminator),
        Objective("hinge", critic_generator, hinge_discriminator),
        Objective("wasserstein", critic_generator, wasserstein_discriminator, needs_penalty=True, wasserstein=True),
        Objective("relativistic", relativistic_generator, relativistic_discriminator, paired=True),
    )
}
