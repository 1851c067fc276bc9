"""The speed limit that the machine's convolutions set: records the convolutions of a piece of work, then times them alone at the
same shapes.
"""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

aten = torch.ops.aten
HEAVY = {
    aten.convolution.default,
    aten.convolution_backward.default,
    aten.mm.default,
    aten.addmm.default,
    aten.bmm.default,
    aten.baddbmm.default,
    # in inference mode torch reports these names
    aten.conv2d.default,
    aten.conv2d.padding,
    aten.conv_transpose2d.input,
    aten.linear.default,
    aten.matmul.default,
}
Signature = tuple[Any, ...]


class Recorder(TorchDispatchMode):
    """Counts every convolution and matrix product that runs inside it, by shapes, strides, types and settings."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.found: Counter[Signature] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in HEAVY:
            assert not any(isinstance(value, Tensor) for value in kwargs.values())
            self.found[func, tuple(map(describe, args)), tuple(kwargs.items())] += 1
        return func(*args, **kwargs)


class Operations(TorchDispatchMode):
    """Counts the additions and multiplications of convolutions and matrix products that run inside it.

    `FlopCounterMode` does the same, but not inside `torch.autograd.grad`, which penalties use.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if operations := flop_registry.get(func.overloadpacket):
            self.total += operations(*args, **(kwargs or {}), out_val=result)
        return result


def describe(argument: Any) -> Any:
    """Describe a tensor by the facts needed to make a similar one; return anything else unchanged."""
    if isinstance(argument, Tensor):
        return ("tensor", tuple(argument.shape), argument.stride(), argument.dtype)
    return tuple(argument) if isinstance(argument, list) else argument


def rebuild(argument: Any) -> Any:
    """Make a tensor from the result of `describe`, with other numbers."""
    if isinstance(argument, tuple) and argument[:1] == ("tensor",):
        _, shape, stride, dtype = argument
        if 0 in stride:  # an expanded tensor
            small = [1 if step == 0 else size for size, step in zip(shape, stride, strict=True)]
            return torch.randn(small).to(dtype).expand(shape)
        return torch.empty_strided(shape, stride, dtype=dtype).normal_()
    return list(argument) if isinstance(argument, tuple) else argument


def record(work: Callable[[], Any]) -> Counter[Signature]:
    """Return the convolutions and matrix products of a piece of work, with the number of times each runs."""
    with Recorder() as recorder:
        work()
    return recorder.found


def alone(found: Counter[Signature], repeats: int = 5) -> float:
    """Return the seconds that the operations take when they run alone: the sum of the best of several times of each."""
    return sum(times * best(operation(signature), repeats) for signature, times in found.items())


def operation(signature: Signature) -> Callable[[], Any]:
    """Return a recorded operation as a function that runs it again."""
    function, described, settings = signature
    arguments = [rebuild(argument) for argument in described]
    return lambda: function(*arguments, **dict(settings))


@torch.no_grad()
def best(work: Callable[[], Any], repeats: int = 5) -> float:
    """Return the least of several times in seconds, after one warm-up. The minimum leaves out delays by other programs."""
    work()
    least = float("inf")
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - begun)
    return least
