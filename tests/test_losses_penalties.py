"""Penalties compared with closed forms, and their effects on the networks' gradients."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call

from gan.losses.penalties import PENALTIES, Penalty

EVERY = pytest.mark.parametrize("penalty", PENALTIES.values(), ids=PENALTIES.keys())
PENALISING = pytest.mark.parametrize("name", [name for name in PENALTIES if name != "none"])


class LinearScore(nn.Module):
    """D(x) = w · x, with slope w everywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.linspace(-0.2, 0.3, 3 * 4 * 4).reshape(3, 4, 4))

    def forward(self, pictures: Tensor) -> Tensor:
        return (pictures * self.weight).sum((1, 2, 3))


class QuadraticScore(nn.Module):
    """D(x) = scale · ‖x‖² / 2, with slope scale · x at x."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(3.0))

    def forward(self, pictures: Tensor) -> Tensor:
        return self.scale * pictures.square().sum((1, 2, 3)) / 2


@pytest.fixture
def batches() -> tuple[Tensor, Tensor, Tensor]:
    rng = torch.Generator().manual_seed(5)
    real, fake = torch.rand(2, 6, 3, 4, 4, generator=rng) * 2 - 1
    return real, fake, torch.rand(6, 1, 1, 1, generator=rng)


def test_a_linear_discriminator_has_the_square_of_its_weight_as_r1_and_r2(batches: tuple[Tensor, Tensor, Tensor]) -> None:
    score = LinearScore()
    square = score.weight.detach().square().sum()
    for name, times in (("r1", 1), ("r2", 1), ("r1+r2", 2)):
        torch.testing.assert_close(PENALTIES[name].fn(score, *batches), times * square)
    torch.testing.assert_close(PENALTIES["wgan-gp"].fn(score, *batches), (square.sqrt() - 1) ** 2)


def test_r1_looks_at_real_pictures_and_r2_at_generated_ones(batches: tuple[Tensor, Tensor, Tensor]) -> None:
    real, fake, _ = batches
    at_real, at_fake = (9 * pictures.square().sum((1, 2, 3)).mean() for pictures in (real, fake))
    score = QuadraticScore()
    for name, expected in (("r1", at_real), ("r2", at_fake), ("r1+r2", at_real + at_fake)):
        torch.testing.assert_close(PENALTIES[name].fn(score, *batches), expected)


def test_wgan_gp_looks_between_each_real_and_generated_picture(batches: tuple[Tensor, Tensor, Tensor]) -> None:
    real, fake, mix = batches
    between = mix * real + (1 - mix) * fake
    expected = (3 * between.flatten(1).norm(dim=1) - 1).square().mean()
    torch.testing.assert_close(PENALTIES["wgan-gp"].fn(QuadraticScore(), real, fake, mix), expected)


def test_the_gradient_of_a_penalty_reaches_the_discriminator(batches: tuple[Tensor, Tensor, Tensor]) -> None:
    """d/dw ‖w‖² = 2 w: a penalty without a graph through the slope would leave no gradient at all."""
    score = LinearScore()
    PENALTIES["r1"].fn(score, *batches).backward()
    torch.testing.assert_close(score.weight.grad, 2 * score.weight.detach())


@PENALISING
def test_the_gradient_of_a_penalty_agrees_with_finite_differences(name: str, batches: tuple[Tensor, Tensor, Tensor]) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Softplus(), nn.Flatten(), nn.Linear(16, 1), nn.Flatten(0))
    weight = network.get_parameter("0.weight")
    PENALTIES[name].fn(network, *batches).backward()
    assert weight.grad is not None
    direction, step = weight.grad / weight.grad.norm(), 1e-2

    def moved(distance: float) -> float:
        weights = {"0.weight": weight.detach() + distance * direction}
        return PENALTIES[name].fn(lambda x: functional_call(network, weights, (x,)), *batches).item()

    assert (moved(step) - moved(-step)) / (2 * step) == pytest.approx(float(weight.grad.norm()), rel=1e-2)


def test_r1_and_r2_together_are_their_sum(batches: tuple[Tensor, Tensor, Tensor]) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(16, 1), nn.Flatten(0))
    apart = PENALTIES["r1"].fn(network, *batches) + PENALTIES["r2"].fn(network, *batches)
    torch.testing.assert_close(PENALTIES["r1+r2"].fn(network, *batches), apart)


@EVERY
def test_no_gradient_reaches_the_generator_through_a_penalty(penalty: Penalty, batches: tuple[Tensor, Tensor, Tensor]) -> None:
    real, fake, mix = batches
    fake = fake.requires_grad_()
    score = QuadraticScore()
    value = penalty.fn(score, real, fake, mix)
    assert value.shape == ()
    if penalty.name != "none":
        value.backward()
        assert score.scale.grad is not None
    assert fake.grad is None


@PENALISING
def test_a_penalty_is_a_mean_over_samples(name: str, batches: tuple[Tensor, Tensor, Tensor]) -> None:
    """Halves of a batch average to the whole, so accumulation and several processes do not change the result."""
    halves = [PENALTIES[name].fn(QuadraticScore(), *(x[part] for x in batches)) for part in (slice(0, 3), slice(3, 6))]
    torch.testing.assert_close(sum(halves) / 2, PENALTIES[name].fn(QuadraticScore(), *batches))


@PENALISING
def test_a_flat_discriminator_gives_finite_gradients(name: str, batches: tuple[Tensor, Tensor, Tensor]) -> None:
    """The root in WGAN-GP has no derivative at 0, which would make the first step of a zero-initialised critic nan."""
    score = QuadraticScore()
    with torch.no_grad():
        score.scale.zero_()
    PENALTIES[name].fn(score, *batches).backward()
    assert score.scale.grad is not None
    assert math.isfinite(score.scale.grad)


@PENALISING
def test_half_precision_pictures_are_penalised_in_float32(name: str, batches: tuple[Tensor, Tensor, Tensor]) -> None:
    real, fake, mix = batches
    score = LinearScore()
    with torch.autocast("cpu", torch.bfloat16):
        value = PENALTIES[name].fn(score, real.bfloat16(), fake.bfloat16(), mix)
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, PENALTIES[name].fn(score, real, fake, mix))


def test_no_penalty_does_not_call_the_discriminator(batches: tuple[Tensor, Tensor, Tensor]) -> None:
    def refuse(pictures: Tensor) -> Tensor:
        raise AssertionError("called")

    assert float(PENALTIES["none"].fn(refuse, *batches)) == 0


def test_the_table_weighs_as_the_papers_do() -> None:
    weighing = {name: (penalty.factor, penalty.default_weight) for name, penalty in PENALTIES.items()}
    half = (0.5, 1.0)
    assert weighing == {"none": (0, 0), "r1": half, "r2": half, "r1+r2": half, "wgan-gp": (1, 10)}
