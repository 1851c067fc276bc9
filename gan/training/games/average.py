"""The moving average of a generator: what is sampled, measured and kept of an adversarial game."""

import copy
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan.config import ModelConfig, RunConfig, TrainingRecord
from gan.data import Dataset
from gan.discriminators import DISCRIMINATORS
from gan.families import Generator
from gan.families.layers import smooth
from gan.images import grid, to_tensor, to_uint8
from gan.limits import PSI, SAMPLE_SEEDS
from gan.metrics import evenly, observe, take
from gan.models import write_model
from gan.models.card import model_card
from gan.sampler import draw_pictures, full_precision, latents

BATCH = SAMPLE_SEEDS  # measuring takes no more of the device's memory than the sample grid does, which has to fit
OBSERVED = 256  # pictures
OBSERVED_BYTES = 64 << 20  # of them, in main memory: fewer where they are larger than 256 pixels


class Average:
    """A copy of a generator whose weights follow the trained ones at a distance."""

    def __init__(self, config: RunConfig, generator: Generator, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.generator: Generator = copy.deepcopy(generator).eval()
        self._source = generator
        self._weights: list[Tensor] = list(generator.parameters())
        self._averaged: list[Tensor] = list(self.generator.parameters())
        self.calibrated: set[int] | None = None
        """The classes that sampling is calibrated for at the present weights; None where it is not calibrated at all."""

    def restart(self) -> None:
        """Begin at the generator's present weights."""
        self.generator.load_state_dict(self._source.state_dict())
        self.calibrated = None

    @torch.no_grad()
    def follow(self, decay: float) -> None:
        """Keep `decay` of the average and take the rest from the generator's weights."""
        torch._foreach_lerp_(self._averaged, self._weights, 1 - decay)
        self.calibrated = None

    @torch.no_grad()
    def calibrate(self, classes: Collection[int]) -> None:
        """Estimate what sampling needs at the present weights, of some classes, unless it is known already.

        It costs some 6 ms a class, and a sample shows few of the classes.
        """
        known = self.calibrated or set()
        missing = set(classes) - known
        if missing or self.calibrated is None:
            with full_precision(self.device):
                self.generator.calibrate(sorted(missing))
            self.calibrated = known | missing

    def sample(self) -> np.ndarray:
        """Pictures of the same seeds each time, uint8 (16, H, W, C)."""
        return self._make(range(SAMPLE_SEEDS), partial(self.generator.sample, psi=PSI), truncated=True)

    def measure(self, dataset: Dataset, side: int) -> dict[str, float]:
        """How close its pictures are to training pictures, and how varied: see `gan.metrics.observe`.

        Both are the same ones each time: seeds 0, 1, … at psi 1, and as many training pictures at even distances, whose
        classes the seeds take, so that a class is as frequent among them as in the set. While the networks grow, both are
        compared at the `side` in training: finer lines are not learnt yet.
        """
        made, rows = self.make(dataset, side)
        parts = [take(dataset, rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)]
        real = [to_uint8(shrink(to_tensor(part), side, softened=self.config.growth_softened)) for part in parts]
        return observe(made, np.concatenate(real))

    def make(self, dataset: Dataset, side: int) -> tuple[np.ndarray, np.ndarray]:
        """The pictures that are measured, uint8 (N, side, side, C), and the rows of the training pictures beside them."""
        rows = dataset.train_indices
        most = min(OBSERVED, OBSERVED_BYTES // dataset.pictures[0].nbytes)
        rows = evenly(rows, min(most, len(rows)))
        classes = dataset.labels[rows] if self.config.classes else None
        return self._make(range(len(rows)), partial(draw, self.generator, side=side), classes), rows

    def _make(
        self, seeds: Sequence[int], make: Callable[..., Tensor], classes: np.ndarray | None = None, *, truncated: bool = False
    ) -> np.ndarray:
        """What `make` draws of seeds, and of `classes` int64 (N,) instead of those that the seeds choose:
        uint8 (N, H, W, C). Truncation needs the mean latents of their classes."""
        z, class_index = latents(list(seeds), self.generator.z_dim, self.generator.num_classes)
        if classes is not None:
            class_index = torch.from_numpy(classes)
        drawn = {0} if class_index is None else set(class_index.tolist())
        self.calibrate(drawn if truncated else ())

        def draw_rows(rows: slice) -> Tensor:
            return make(z[rows].to(self.device), None if class_index is None else class_index[rows].to(self.device))

        return draw_pictures(draw_rows, len(z), self.device, BATCH)

    def finish(self) -> None:
        """Calibrate every class: before the average is kept."""
        self.calibrate(range(max(1, self.generator.num_classes)))

    def write_model(self, folder: Path, images_seen: int, discriminator: nn.Module | None) -> None:
        """Write or replace the model folder. Without a discriminator a fine-tuning begins with a fresh one, and says so."""
        self.finish()
        config = self._model_config(images_seen)
        preview = grid(self.sample(), columns=4)
        write_model(folder, config, self.generator, discriminator, preview, model_card(config))

    def _model_config(self, images_seen: int) -> ModelConfig:
        config = self.config
        shared = {name: getattr(config, name) for name in ("family", "resolution", "channels", "z_dim", "classes", "network")}
        record = TrainingRecord(
            dataset=config.dataset,
            images=config.pictures,
            images_seen=images_seen,
            objective=describe_objective(config),
            parent=config.parent,
            licence=config.licence,
        )
        return ModelConfig(training=record, **shared)


def describe_objective(config: RunConfig) -> str:
    """What judged, in the words of a model card."""
    kind = DISCRIMINATORS[config.discriminator]
    own = config.objective if config.penalty == "none" else f"{config.objective} with {config.penalty}"
    heads = f"{config.features.objective} heads on pretrained features"
    return ", and ".join([own] * kind.own + [heads] * kind.features)


def draw(generator: nn.Module, z: Tensor, classes: Tensor | None, side: int) -> Tensor:
    """What a generator makes of latents at a side: only those that grow take a smaller one."""
    growing = {"side": side} if side < cast(int, generator.resolution) else {}
    return cast(Tensor, generator(z, classes, **growing))


def shrink(pictures: Tensor, side: int, *, softened: bool) -> Tensor:
    """Pictures (N, C, R, R) as the discriminator sees them while `side` is in training."""
    if side == pictures.shape[3]:
        return pictures
    pictures = F.avg_pool2d(pictures, pictures.shape[3] // side)
    # As sharp as its pixels allow, a small picture has stairs for edges once it is enlarged. A smooth one only lacks detail.
    return smooth(pictures) if softened else pictures
