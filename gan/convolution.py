"""A convolution with a fast double backward, for discriminators with a gradient penalty."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor

LEAK = 0.2  # slope of every leaky ReLU below zero, in this module and in all layers


def convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    gain: float = 1.0,
    bias_gain: float = 1.0,
    stride: int = 1,
    leaky: bool = False,
) -> Tensor:
    """Convolve with gain · weight and bias_gain · bias, then apply a leaky ReLU if wanted: (N, I, H, W) -> (N, O, H / stride, W /
    stride).

    Supports odd kernels at stride 1, and 2 × 2 kernels at stride 2 on even sides. The results equal those of `F.conv2d`. Double
    backward through `F.conv2d` is slow: it convolves with an image-sized kernel. Gains and autocast's rounding are applied inside
    this function's operation, so that they add no nodes to the graph.
    """
    kind = x.device.type
    if torch.is_autocast_enabled(kind):
        x = x.to(torch.get_autocast_dtype(kind))
    return cast(Tensor, _Convolution.apply(x, weight, bias, gain, bias_gain, stride, leaky))


class _Convolution(torch.autograd.Function):
    weights_learn = True

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, gain: float, bias_gain: float, stride: int, leaky: bool
    ) -> Tensor:
        ctx.gains, ctx.stride, ctx.padding = (gain, bias_gain), stride, (weight.shape[-1] - 1) // 2
        scaled = (weight * gain).to(x.dtype)
        y = F.conv2d(x, scaled, None if bias is None else (bias * bias_gain).to(x.dtype), stride=ctx.stride, padding=ctx.padding)
        y = F.leaky_relu_(y, LEAK) if leaky else y
        ctx.save_for_backward(x, weight, scaled, y if leaky else None)
        return y

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, scaled, y = ctx.saved_tensors
        if y is not None:  # the slope depends only on the sign of y, which has no gradient
            gradient = torch.ops.aten.leaky_relu_backward(gradient, y.detach(), LEAK, True)
        for_x, for_weight, for_bias = ctx.needs_input_grad[:3]
        learn = _Convolution.weights_learn
        of_x: Tensor | None = None
        if torch.is_grad_enabled():
            scaled = (weight * ctx.gains[0]).to(x.dtype)  # computed again, this time as part of the graph
            if for_x:  # uses an operation whose backward is fast
                of_x = F.conv_transpose2d(gradient, scaled, stride=ctx.stride, padding=ctx.padding)
        rest = [for_x and of_x is None, for_weight and learn, for_bias and learn]
        found: tuple[Tensor | None, ...] = (None, None, None)
        if any(rest):
            sizes = ([len(weight)], [ctx.stride] * 2, [ctx.padding] * 2, [1, 1])
            found = torch.ops.aten.convolution_backward(gradient, x, scaled, *sizes, False, [0, 0], 1, rest)
        of_weight, of_bias = (
            None if each is None else each.to(weight.dtype) * own for each, own in zip(found[1:], ctx.gains, strict=True)
        )
        return found[0] if of_x is None else of_x, of_weight, of_bias, None, None, None, None


@contextmanager
def weights_at_rest() -> Iterator[None]:
    """Restrict the backward pass through `convolve` to gradients of its input pictures inside the block; a gradient penalty needs
    no others.

    This applies to the whole process, because a GPU's backward runs in other threads. No other training may run in the process
    meanwhile.
    """
    before = _Convolution.weights_learn
    _Convolution.weights_learn = False
    try:
        yield
    finally:
        _Convolution.weights_learn = before
