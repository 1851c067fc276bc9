"""The convolution of discriminators with a penalty: its gradients, and the gradients of these gradients."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F

from gan.convolution import convolve, weights_at_rest
from gan.families.layers import leak


@pytest.mark.parametrize(
    ("kernel", "stride", "leaky", "bias"), [(3, 1, True, True), (1, 1, False, False), (2, 2, True, True), (3, 1, False, True)]
)
def test_a_convolution_and_its_slope_have_the_right_gradients(kernel: int, stride: int, leaky: bool, bias: bool) -> None:
    rng = torch.Generator().manual_seed(2)
    shapes = [(2, 3, 4, 4), (2, 3, kernel, kernel)] + [(2,)] * bias
    inputs = [torch.randn(shape, generator=rng, dtype=torch.float64, requires_grad=True) for shape in shapes]
    plain = F.conv2d(inputs[0], 0.5 * inputs[1], 3 * inputs[2] if bias else None, stride=stride, padding=(kernel - 1) // 2)
    ours = partial(convolve, gain=0.5, bias_gain=3.0, stride=stride, leaky=leaky)
    torch.testing.assert_close(ours(*inputs), leak(plain) if leaky else plain)
    assert torch.autograd.gradcheck(ours, inputs)
    assert torch.autograd.gradgradcheck(ours, inputs)


def test_weights_rest_while_a_slope_is_taken_and_learn_from_it_afterwards() -> None:
    x, weight = (torch.randn(2, 2, side, side, dtype=torch.float64, requires_grad=True) for side in (4, 3))
    with weights_at_rest():
        resting = torch.autograd.grad(convolve(x, weight).square().sum(), (x, weight), allow_unused=True)
        (slope,) = torch.autograd.grad(convolve(x, weight).square().sum(), x, create_graph=True)
    assert resting[1] is None
    torch.testing.assert_close(resting[0], slope.detach())
    (plain,) = torch.autograd.grad(F.conv2d(x, weight, padding=1).square().sum(), x, create_graph=True)
    learnt, expected = (torch.autograd.grad(some.square().sum(), weight)[0] for some in (slope, plain))
    torch.testing.assert_close(learnt, expected)


def test_weights_learn_again_after_a_slope_that_failed() -> None:
    x, weight = torch.randn(1, 2, 4, 4), torch.randn(2, 2, 3, 3, requires_grad=True)
    with pytest.raises(MemoryError), weights_at_rest(), weights_at_rest():
        raise MemoryError
    convolve(x, weight).square().sum().backward()
    assert weight.grad is not None
    assert weight.grad.any()


@pytest.mark.parametrize(("kernel", "stride", "leaky"), [(3, 1, True), (1, 1, False), (2, 2, True)])
def test_gradients_are_the_same_whether_or_not_they_will_be_differentiated_again(kernel: int, stride: int, leaky: bool) -> None:
    """Backward has two implementations, and both must apply a gain other than 1."""
    shapes = [(2, 3, 4, 4), (2, 3, kernel, kernel), (2,)]
    inputs = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    plain = F.conv2d(inputs[0], 0.5 * inputs[1], 3 * inputs[2], stride=stride, padding=(kernel - 1) // 2)
    target = torch.randn_like(plain)
    expected = torch.autograd.grad(((leak(plain) if leaky else plain) * target).sum(), inputs)
    for again in (False, True):
        ours = convolve(*inputs, gain=0.5, bias_gain=3.0, stride=stride, leaky=leaky)
        for found, wanted in zip(torch.autograd.grad((ours * target).sum(), inputs, create_graph=again), expected, strict=True):
            torch.testing.assert_close(found, wanted)
