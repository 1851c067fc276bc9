"""The contract of a game: the data a training takes, and the values, samples and models it returns. The loop and the observers
use only this.

A game consists of two or more networks that learn from each other. A new game adds a file in this folder and a line in GAMES.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from gan.config import RunConfig
from gan.data import Dataset


class Note(NamedTuple):
    """A remark about the start of a training, shown to the user: the key of a sentence in `gan/words`, and the values in it."""

    code: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Inside:
    """The content of a view inside a game. Pictures are uint8 (N, H, W, C); scores are logits, beginning with those of the shown
    pictures.
    """

    side: int
    real: np.ndarray
    generated: np.ndarray
    real_heat: np.ndarray
    generated_heat: np.ndarray
    real_scores: list[float]
    generated_scores: list[float]
    held_out_scores: list[float]
    stages: np.ndarray | None  # (2 S, sides, H, W, C): a row of pictures at each side, then a row of the blocks' additions
    stage_sides: list[int] = field(default_factory=list)


class Game(ABC):
    """Networks in training on one device.

    A subclass builds its networks in `__init__`, and calls `self.watch(…)` with its optimisers in the order of their turns. A
    step depends on the config and `images_seen` alone, so that a resume is exact.
    """

    takes: ClassVar[str] = "pictures"
    """The training data for `step`: a name in `gan.training.feed.FEEDS`."""
    tells: ClassVar[tuple[str, ...]] = ()
    """The names of the values that `step` may return: losses, scores and other values that a report shows over time."""
    sample_columns: ClassVar[int] = 4
    """The width of a sample grid, in pictures."""

    batch_multiple: int = 1
    """A batch, and each process's part of it, is a multiple of this."""
    period_steps: int = 1
    """The number of steps after which their cost repeats. A prediction of a training's length measures that many steps."""

    def __init__(self, config: RunConfig, accelerator: Accelerator) -> None:
        self.config = config
        self.accelerator = accelerator
        self.device = accelerator.device
        self.lr_factor = 1.0  # lowered by each rollback
        self.micro_batches = 1  # raised when the device runs out of memory
        self.side = config.resolution  # side of the pictures in the latest step

    def watch(self, optimisers: Mapping[str, torch.optim.Adam]) -> None:
        """Start to count the consecutive skipped steps of each optimiser separately, because one network may diverge alone."""
        self._place = {name: place for place, name in enumerate(optimisers)}
        self.skipped_in_a_row = torch.zeros(len(optimisers), device=self.device)

    # The parts of a game

    @abstractmethod
    def networks(self) -> dict[str, nn.Module]:
        """All networks whose tensors a snapshot holds, by name, averaged ones included."""

    @abstractmethod
    def optimisers(self) -> dict[str, tuple[nn.Module, torch.optim.Adam]]:
        """All optimisers by name, each with the network that it trains."""

    @abstractmethod
    def begin(self, parent_folder: Path | None) -> list[Note]:
        """Prepare for the first step: copy weights from the parent's model folder, and start the averages."""

    # Training

    @abstractmethod
    def step(self, images_seen: int, images_total: int, data: Any, side: int | None = None) -> dict[str, Tensor]:
        """Train each network once on the batch that begins at `images_seen`; return some of the values named in `tells`.

        `data` is the result of `FEEDS[takes]` for the dataset. `side` overrides the scheduled side, to measure its speed. Values
        are scalars on the device: reading one waits for it.
        """

    # Samples and saved files

    @abstractmethod
    def sample(self) -> np.ndarray:
        """Return pictures of the same inputs each time, drawn by the present averaged networks: uint8 (N, H, W, C)."""

    @abstractmethod
    def measure(self, dataset: Dataset, side: int) -> dict[str, float]:
        """Return measures of quality and variety, comparable within a training; `side` is the side in training."""

    def look_inside(self, dataset: Dataset, side: int) -> Inside | None:
        """Return a view inside the networks, without changing them; None for a game that offers no view."""
        return None

    def make(self, dataset: Dataset) -> np.ndarray | None:
        """Return pictures at full variety and size, with the dataset's proportions of classes and the same seeds each time:
        uint8.

        Returns None for a game whose pictures cannot be compared with the training pictures.
        """
        return None

    @abstractmethod
    def write_model(self, folder: Path, images_seen: int) -> None:
        """Write or replace the model folder: the averaged networks, ready to use, with preview and card."""

    # Common to all games

    def is_sound(self) -> bool:
        """Return whether all weights are finite and no optimiser skipped the latest step. Waits for the device."""
        trained = {network for network, _ in self.optimisers().values()}
        finite = all(torch.isfinite(parameter).all() for network in trained for parameter in network.parameters())
        return bool(finite) and not bool(self.skipped_in_a_row.any())

    def apply(self, name: str, loss: Tensor) -> None:
        """Average an optimiser's gradients over the processes, then step, unless the loss or a gradient is not finite.

        `loss` is only tested for being finite. Fused Adam skips the step where `found_inf` is set, without a transfer to the
        host.
        """
        network, adam = self.optimisers()[name]
        gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
        if self.accelerator.num_processes > 1:
            flat = torch.cat([gradient.flatten() for gradient in gradients] + [loss.reshape(1)])
            flat = self.accelerator.reduce(flat, reduction="mean")
            loss = flat[-1]
            for gradient, part in zip(gradients, flat[:-1].split([g.numel() for g in gradients]), strict=True):
                gradient.copy_(part.view_as(gradient))
        bad = (~(torch.isfinite(loss) & are_finite(gradients))).float()
        place = self._place[name]
        self.skipped_in_a_row[place] = (self.skipped_in_a_row[place] + 1) * bad
        adam.grad_scale, adam.found_inf = None, bad  # type: ignore[attr-defined]
        adam.step()

    # State for a resume

    def state(self) -> tuple[dict[str, Tensor], dict[str, float]]:
        """Return all tensors of the state by name, and its few plain numbers. A game with more state extends this method and
        `restore`.
        """
        tensors: dict[str, Tensor] = {}
        for name, network in self.networks().items():
            tensors |= {f"{name}/{key}": value for key, value in network.state_dict().items()}
        for name, (network, adam) in self.optimisers().items():
            for parameter_name, parameter in network.named_parameters():
                tensors |= {f"{name}/{parameter_name}/{key}": value for key, value in adam.state.get(parameter, {}).items()}
        return tensors, {"lr_factor": self.lr_factor, "micro_batches": self.micro_batches}

    def restore(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, float]) -> None:
        """Restore a state that `state` returned."""
        for name, network in self.networks().items():
            network.load_state_dict(below(tensors, name))
        for name, (network, adam) in self.optimisers().items():
            adam.state.clear()
            for parameter_name, parameter in network.named_parameters():
                kept = below(tensors, f"{name}/{parameter_name}")
                if kept:
                    # copied in the parameter's own layout; with another layout the optimiser would round differently
                    adam.state[parameter] = {
                        key: torch.empty_like(parameter).copy_(value) if value.ndim else value.to(self.device).clone()
                        for key, value in kept.items()
                    }
        self.lr_factor = float(numbers["lr_factor"])
        self.micro_batches = int(numbers["micro_batches"])
        self.skipped_in_a_row.zero_()


def below(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """Return the tensors called `name/…`, without that prefix."""
    return {key.removeprefix(f"{name}/"): value for key, value in tensors.items() if key.startswith(f"{name}/")}


def are_finite(gradients: Iterable[Tensor]) -> Tensor:
    """Return whether all gradients and their squares are finite, as Adam needs, in one pass over them and without waiting."""
    return torch.isfinite(torch.stack(torch._foreach_norm(list(gradients)))).all()


def add(told: dict[str, Tensor], name: str, value: Tensor) -> None:
    """Add values to sums over the pieces of a batch, or over steps."""
    told[name] = told[name] + value if name in told else value
