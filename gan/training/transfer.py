"""Fine-tuning: copies the tensors of a trained model into new networks where their shapes fit."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from gan.families import Generator, Network


@torch.no_grad()
def transfer(source: Network, target: Network, source_classes: tuple[str, ...], target_classes: tuple[str, ...]) -> list[str]:
    """Copy every tensor of `source` that fits into `target`; return the names of the tensors in `target` that begin untrained.

    Classes are matched by name. A new class begins at the mean of the known classes. In a generator it is moved away from that
    mean, in a random direction, by the size of the known rows: the pictures of classes that begin equal take long to differ. A
    block of another resolution has another name, so octaves are added or dropped at the fine end; an added block begins silent,
    adding nothing, so that the picture stays the same.
    """
    known = source.state_dict()
    fresh: list[str] = []
    for name, tensor in target.state_dict().items():
        if name in target.class_tables:
            apart = isinstance(target, Generator)
            tensor.copy_(class_rows(known.get(name), source_classes, target_classes, tensor, apart))
            if name in known and known[name].shape[1:] != tensor.shape[1:]:
                fresh.append(name)
        elif name in known and known[name].shape == tensor.shape:
            tensor.copy_(known[name])
        elif name not in target.calibrated:
            fresh.append(name)
    target.absorb_classes(source)
    for module in silent_modules(target, known):
        module.silence()
    return fresh


def class_rows(
    known: Tensor | None, source_classes: tuple[str, ...], target_classes: tuple[str, ...], fresh: Tensor, apart: bool
) -> Tensor:
    """Return a table (classes, D) for the new classes: rows of the same name, else the mean of the known rows, else zero.

    `apart` adds to that mean a row of `fresh`, which is random, scaled to the size of the known rows.
    """
    if known is None or known.shape[1:] != fresh.shape[1:]:
        return torch.zeros_like(fresh)
    known = known.to(fresh)
    size = known.square().mean().sqrt() / fresh.square().mean().sqrt() if apart else 0.0
    begin = known.mean(0) + size * fresh
    place = {name: index for index, name in enumerate(source_classes)}
    return torch.stack([known[place[name]] if name in place else row for name, row in zip(target_classes, begin, strict=True)])


def silent_modules(target: nn.Module, known: dict[str, Tensor]) -> Iterator[Any]:
    """Yield the blocks of the target that the source lacks and that can begin silent."""
    for name, module in target.named_modules():
        if hasattr(module, "silence") and not any(key.startswith(f"{name}.") for key in known):
            yield module
