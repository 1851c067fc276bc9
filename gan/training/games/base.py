"""The contract of a game: what a training needs, tells, shows and keeps. The loop and the observers know nothing else.

A game is two or more networks that learn from each other. It adds a file beside this one and a line in GAMES.
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
    """Something a person should read about the beginning: a code of the page's words, and its values."""

    code: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Inside:
    """What a look inside a game shows. Pictures are uint8 (N, H, W, C); scores are logits, the shown pictures' first."""

    side: int
    real: np.ndarray
    generated: np.ndarray
    real_heat: np.ndarray
    generated_heat: np.ndarray
    real_scores: list[float]
    generated_scores: list[float]
    held_out_scores: list[float]
    stages: np.ndarray | None  # (2 S, sides, H, W, C): the picture so far, and below it what the last block added
    stage_sides: list[int] = field(default_factory=list)


class Game(ABC):
    """Networks in training on one device.

    A subclass builds its networks in `__init__`, and calls `self.watch(…)` with its optimisers in the order of their turns.
    Everything that a step does is a function of the config and of `images_seen` alone, so that a resume is exact.
    """

    takes: ClassVar[str] = "pictures"
    """The training data that `step` is given: a name in `gan.training.feed.FEEDS`."""
    tells: ClassVar[tuple[str, ...]] = ()
    """The names of the values that `step` may return: losses, scores, whatever a report shows over time."""
    sample_columns: ClassVar[int] = 4
    """The width of a sample grid, in pictures."""

    batch_multiple: int = 1
    """A batch, and each process's share of it, is a multiple of this."""
    period_steps: int = 1
    """The cost of steps repeats after this number of them; that many are timed to predict a training's length."""

    def __init__(self, config: RunConfig, accelerator: Accelerator) -> None:
        self.config = config
        self.accelerator = accelerator
        self.device = accelerator.device
        self.lr_factor = 1.0  # lowered by each rollback
        self.micro_batches = 1  # raised when the device runs out of memory
        self.side = config.resolution  # of the pictures in the latest step

    def watch(self, optimisers: Mapping[str, torch.optim.Adam]) -> None:
        """Count, for each optimiser, the latest steps in a row that were skipped: one network may be in trouble alone."""
        self._place = {name: place for place, name in enumerate(optimisers)}
        self.skipped_in_a_row = torch.zeros(len(optimisers), device=self.device)

    # What a game is made of

    @abstractmethod
    def networks(self) -> dict[str, nn.Module]:
        """Every network whose tensors a snapshot keeps, by name; averaged ones too."""

    @abstractmethod
    def optimisers(self) -> dict[str, tuple[nn.Module, torch.optim.Adam]]:
        """Every optimiser by name, with the network that it trains."""

    @abstractmethod
    def begin(self, parent_folder: Path | None) -> list[Note]:
        """Prepare for the first step: take over what the parent's model folder holds, and start the averages."""

    # What it does

    @abstractmethod
    def step(self, images_seen: int, images_total: int, data: Any, side: int | None = None) -> dict[str, Tensor]:
        """Let each network learn once from the batch that begins at `images_seen`; returns some of `tells`.

        `data` is what `FEEDS[takes]` makes of the dataset. `side` overrides the scheduled side, to measure its speed. Values
        are scalars on the device: reading one waits for it.
        """

    # What it shows and keeps

    @abstractmethod
    def sample(self) -> np.ndarray:
        """The same inputs each time, as the averaged networks draw them now: uint8 (N, H, W, C)."""

    @abstractmethod
    def measure(self, dataset: Dataset, side: int) -> dict[str, float]:
        """Figures of quality and variety, comparable within a training; `side` is the side in training."""

    def look_inside(self, dataset: Dataset, side: int) -> Inside | None:
        """What the networks see and draw now; None for a game that cannot show it. Changes nothing."""
        return None

    def make(self, dataset: Dataset) -> np.ndarray | None:
        """Pictures at full variety and size, in the dataset's proportions of classes, the same seeds each time: uint8.

        None for a game whose pictures cannot be compared with the training pictures.
        """
        return None

    @abstractmethod
    def write_model(self, folder: Path, images_seen: int) -> None:
        """Write or replace the model folder: the averaged networks, ready to use, with preview and card."""

    # What every game does alike

    def is_sound(self) -> bool:
        """Whether all weights are finite and no step was just skipped. Waits for the device."""
        trained = {network for network, _ in self.optimisers().values()}
        finite = all(torch.isfinite(parameter).all() for network in trained for parameter in network.parameters())
        return bool(finite) and not bool(self.skipped_in_a_row.any())

    def apply(self, name: str, loss: Tensor) -> None:
        """Average an optimiser's gradients over the processes, then step, unless the loss or a gradient is not finite.

        `loss` is only looked at. Fused Adam skips the step by itself where `found_inf` is set, without asking the host.
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

    # Everything needed to go on

    def state(self) -> tuple[dict[str, Tensor], dict[str, float]]:
        """All tensors by name, and the few numbers beside them. A game that keeps more extends this and `restore`."""
        tensors: dict[str, Tensor] = {}
        for name, network in self.networks().items():
            tensors |= {f"{name}/{key}": value for key, value in network.state_dict().items()}
        for name, (network, adam) in self.optimisers().items():
            for parameter_name, parameter in network.named_parameters():
                tensors |= {f"{name}/{parameter_name}/{key}": value for key, value in adam.state.get(parameter, {}).items()}
        return tensors, {"lr_factor": self.lr_factor, "micro_batches": self.micro_batches}

    def restore(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, float]) -> None:
        """Go back to a state that `state` gave."""
        for name, network in self.networks().items():
            network.load_state_dict(below(tensors, name))
        for name, (network, adam) in self.optimisers().items():
            adam.state.clear()
            for parameter_name, parameter in network.named_parameters():
                kept = below(tensors, f"{name}/{parameter_name}")
                if kept:
                    # copies in the parameter's own layout, or the optimiser would round differently
                    adam.state[parameter] = {
                        key: torch.empty_like(parameter).copy_(value) if value.ndim else value.to(self.device).clone()
                        for key, value in kept.items()
                    }
        self.lr_factor = float(numbers["lr_factor"])
        self.micro_batches = int(numbers["micro_batches"])
        self.skipped_in_a_row.zero_()


def below(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """The tensors called `name/…`, without that prefix."""
    return {key.removeprefix(f"{name}/"): value for key, value in tensors.items() if key.startswith(f"{name}/")}


def are_finite(gradients: Iterable[Tensor]) -> Tensor:
    """Whether every gradient is finite and its squares are, as Adam needs them: one pass over them that waits for nothing."""
    return torch.isfinite(torch.stack(torch._foreach_norm(list(gradients)))).all()


def add(told: dict[str, Tensor], name: str, value: Tensor) -> None:
    """Sum up over the pieces of a batch, or over steps."""
    told[name] = told[name] + value if name in told else value
