"""What the machine's convolutions reach: those of a piece of work are written down, then timed alone at the same shapes."""

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
    # what inference mode shows instead
    aten.conv2d.default,
    aten.conv2d.padding,
    aten.conv_transpose2d.input,
    aten.linear.default,
    aten.matmul.default,
}
Signature = tuple[Any, ...]


class Recorder(TorchDispatchMode):
    """Counts every convolution and matrix product that runs under it, by shapes, strides, types and settings."""

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
    """Counts the additions and multiplications of convolutions and matrix products that run under it.

    `FlopCounterMode` does the same, but not beneath `torch.autograd.grad`, which penalties need.
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
    """A tensor as what it takes to make another like it; anything else as itself."""
    if isinstance(argument, Tensor):
        return ("tensor", tuple(argument.shape), argument.stride(), argument.dtype)
    return tuple(argument) if isinstance(argument, list) else argument


def rebuild(argument: Any) -> Any:
    """The reverse of `describe`, with other numbers in the tensor."""
    if isinstance(argument, tuple) and argument[:1] == ("tensor",):
        _, shape, stride, dtype = argument
        if 0 in stride:  # an expanded tensor
            small = [1 if step == 0 else size for size, step in zip(shape, stride, strict=True)]
            return torch.randn(small).to(dtype).expand(shape)
        return torch.empty_strided(shape, stride, dtype=dtype).normal_()
    return list(argument) if isinstance(argument, tuple) else argument


def record(work: Callable[[], Any]) -> Counter[Signature]:
    """The heavy operations of a piece of work, with how often each is done."""
    with Recorder() as recorder:
        work()
    return recorder.found


def alone(found: Counter[Signature], repeats: int = 5) -> float:
    """Seconds that the operations need when they are done alone, the best time of several for each."""
    return sum(times * best(operation(signature), repeats) for signature, times in found.items())


def operation(signature: Signature) -> Callable[[], Any]:
    """A recorded operation that can be done again."""
    function, described, settings = signature
    arguments = [rebuild(argument) for argument in described]
    return lambda: function(*arguments, **dict(settings))


@torch.no_grad()
def best(work: Callable[[], Any], repeats: int = 5) -> float:
    """Least seconds of several times, after one to warm up: what others on the machine take is not counted."""
    work()
    least = float("inf")
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - begun)
    return least
