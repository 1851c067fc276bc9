"""Losses compared with their closed forms, their gradients, and extreme logits."""

import math

import pytest
import torch
from torch import Tensor

from gan.losses.objectives import OBJECTIVES, Objective

REAL = torch.tensor([2.0, -0.5, 0.3, 1.5], dtype=torch.float64)
FAKE = torch.tensor([-0.9, 0.7, 1.2, -2.0], dtype=torch.float64)
EVERY = pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES.keys())


def log_sigmoid(x: Tensor) -> Tensor:
    return torch.log(1 / (1 + torch.exp(-x)))


# (generator, discriminator) as the papers print them, without protection against overflow.
AS_PRINTED = {
    "minimax": (torch.log(1 - torch.sigmoid(FAKE)), -log_sigmoid(REAL) - torch.log(1 - torch.sigmoid(FAKE))),
    "non-saturating": (-log_sigmoid(FAKE), -log_sigmoid(REAL) - torch.log(1 - torch.sigmoid(FAKE))),
    "least-squares": ((FAKE - 1) ** 2 / 2, (REAL - 1) ** 2 / 2 + FAKE**2 / 2),
    "hinge": (-FAKE, torch.clamp(1 - REAL, min=0) + torch.clamp(1 + FAKE, min=0)),
    "wasserstein": (-FAKE, FAKE - REAL),
    "relativistic": (-log_sigmoid(FAKE - REAL), -log_sigmoid(REAL - FAKE)),
}


@EVERY
def test_losses_are_the_papers_formulas(objective: Objective) -> None:
    generator, discriminator = AS_PRINTED[objective.name]
    torch.testing.assert_close(objective.generator(FAKE, REAL), generator.mean())
    torch.testing.assert_close(objective.discriminator(REAL, FAKE), discriminator.mean())


@EVERY
def test_gradients_agree_with_finite_differences(objective: Objective) -> None:
    real, fake = REAL.clone().requires_grad_(), FAKE.clone().requires_grad_()
    assert torch.autograd.gradcheck(objective.discriminator, (real, fake))
    assert torch.autograd.gradcheck(lambda logits: objective.generator(logits, REAL), (fake,))


@EVERY
def test_losses_push_the_scores_apart_for_one_network_and_together_for_the_other(objective: Objective) -> None:
    real, fake = torch.zeros(4, requires_grad=True), torch.zeros(4, requires_grad=True)
    objective.discriminator(real, fake).backward()
    assert real.grad is not None
    assert fake.grad is not None
    assert (real.grad < 0).all()
    assert (fake.grad >= 0).all()
    fooled = torch.zeros(4, requires_grad=True)
    objective.generator(fooled, real.detach()).backward()
    assert fooled.grad is not None
    assert (fooled.grad < 0).all()


@EVERY
@pytest.mark.parametrize("size", [1e2, 1e4])
def test_sure_scores_give_finite_losses_and_gradients(objective: Objective, size: float) -> None:
    """A direct log(sigmoid(x)) is already -inf in float32 at x = -1e2, and its gradient is nan."""
    for sign in (-size, size):
        real, fake = torch.full((4,), sign, requires_grad=True), torch.full((4,), -sign, requires_grad=True)
        loss = objective.discriminator(real, fake) + objective.generator(fake, real.detach())
        loss.backward()
        assert torch.isfinite(loss)
        assert real.grad is not None
        assert fake.grad is not None
        assert torch.isfinite(real.grad).all()
        assert torch.isfinite(fake.grad).all()


@EVERY
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_logits_are_scored_in_float32(objective: Objective, dtype: torch.dtype) -> None:
    real, fake = REAL.to(dtype), FAKE.to(dtype)
    for loss, expected in (
        (objective.discriminator(real, fake), objective.discriminator(real.float(), fake.float())),
        (objective.generator(fake, real), objective.generator(fake.float(), real.float())),
    ):
        assert loss.dtype == torch.float32
        assert torch.equal(loss, expected)


def test_a_sure_discriminator_silences_minimax_and_not_the_non_saturating_loss() -> None:
    """The paper proposes the non-saturating loss for this reason: a generator whose pictures are easily recognised must still
    learn.
    """
    slopes = {}
    for name in ("minimax", "non-saturating"):
        fake = torch.tensor([-8.0], requires_grad=True)
        OBJECTIVES[name].generator(fake, None).backward()
        assert fake.grad is not None
        slopes[name] = abs(float(fake.grad))
    assert slopes["minimax"] == pytest.approx(1 / (1 + math.exp(8)), rel=1e-4)
    assert slopes["non-saturating"] == pytest.approx(1, abs=1e-3)


def test_cross_entropy_is_that_of_targets_one_and_zero() -> None:
    binary = torch.nn.functional.binary_cross_entropy_with_logits
    expected = binary(REAL, torch.ones_like(REAL)) + binary(FAKE, torch.zeros_like(FAKE))
    torch.testing.assert_close(OBJECTIVES["non-saturating"].discriminator(REAL, FAKE), expected)
    torch.testing.assert_close(OBJECTIVES["non-saturating"].generator(FAKE, None), binary(FAKE, torch.ones_like(FAKE)))


def test_least_squares_rests_where_real_scores_one_and_generated_zero() -> None:
    real, fake = torch.ones(3, requires_grad=True), torch.zeros(3, requires_grad=True)
    loss = OBJECTIVES["least-squares"].discriminator(real, fake)
    loss.backward()
    assert loss.item() == 0
    assert real.grad is not None
    assert not real.grad.any()


def test_hinge_ignores_pictures_beyond_the_margin() -> None:
    real, fake = torch.tensor([1.5, 0.5], requires_grad=True), torch.tensor([-1.5, -0.5], requires_grad=True)
    OBJECTIVES["hinge"].discriminator(real, fake).backward()
    assert real.grad is not None
    assert fake.grad is not None
    assert real.grad.tolist() == [0, -0.5]
    assert fake.grad.tolist() == [0, 0.5]


@pytest.mark.parametrize("name", ["wasserstein", "relativistic"])
def test_only_differences_of_scores_count(name: str) -> None:
    objective = OBJECTIVES[name]
    torch.testing.assert_close(objective.discriminator(REAL + 7, FAKE + 7), objective.discriminator(REAL, FAKE))


def test_relativistic_pairing_compares_row_with_row() -> None:
    paired = OBJECTIVES["relativistic"].discriminator
    assert not torch.isclose(paired(REAL, FAKE), paired(REAL, FAKE.flip(0)))


def test_the_table_says_which_losses_compare_with_real_pictures() -> None:
    for objective in OBJECTIVES.values():
        if objective.paired:
            with pytest.raises(ValueError, match="real_logits"):
                objective.generator(FAKE, None)
        else:
            assert torch.equal(objective.generator(FAKE, None), objective.generator(FAKE, REAL))


def test_pairs_of_unequal_number_are_refused_instead_of_broadcast() -> None:
    with pytest.raises(ValueError, match="as many"):
        OBJECTIVES["relativistic"].discriminator(REAL, FAKE[:1])


def test_only_the_wasserstein_objective_needs_a_penalty() -> None:
    assert [name for name, objective in OBJECTIVES.items() if objective.needs_penalty] == ["wasserstein"]
    assert [name for name, objective in OBJECTIVES.items() if objective.wasserstein] == ["wasserstein"]
