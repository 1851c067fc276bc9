"""The moving average of a generator. Samples, metrics and model folders of an adversarial game use it."""

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
from gan.metrics import evenly, mean_picture_distance, observe, take
from gan.models import write_model
from gan.models.card import model_card
from gan.sampler import draw_pictures, full_precision, latents

BATCH = SAMPLE_SEEDS  # as in the sample grid, so that measuring needs no more of the device's memory
OBSERVED = 256  # pictures
OBSERVED_BYTES = 64 << 20  # main memory for these pictures; fewer are used if their sides are much above 256 pixels


class Average:
    """A copy of a generator whose weights are a moving average of the trained weights."""

    def __init__(self, config: RunConfig, generator: Generator, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.generator: Generator = copy.deepcopy(generator).eval()
        self._source = generator
        self._weights: list[Tensor] = list(generator.parameters())
        self._averaged: list[Tensor] = list(self.generator.parameters())
        self.calibrated: set[int] | None = None
        """The classes for which sampling is calibrated at the present weights; None if it is not calibrated at all."""
        self._mean_distances: dict[int, float] = {}
        """By side, since the training pictures that are compared stay the same."""

    def restart(self) -> None:
        """Set the average to the generator's present weights."""
        self.generator.load_state_dict(self._source.state_dict())
        self.calibrated = None

    @torch.no_grad()
    def follow(self, decay: float) -> None:
        """Keep `decay` of the average and take the remainder from the generator's weights."""
        torch._foreach_lerp_(self._averaged, self._weights, 1 - decay)
        self.calibrated = None

    @torch.no_grad()
    def calibrate(self, classes: Collection[int]) -> None:
        """Estimate the statistics that sampling needs at the present weights, for some classes, unless they are already
        estimated.

        This takes about 6 ms for each class, and a sample shows few of the classes.
        """
        known = self.calibrated or set()
        missing = set(classes) - known
        if missing or self.calibrated is None:
            with full_precision(self.device):
                self.generator.calibrate(sorted(missing))
            self.calibrated = known | missing

    def sample(self) -> np.ndarray:
        """Return pictures of the same seeds each time, uint8 (16, H, W, C)."""
        return self._make(range(SAMPLE_SEEDS), partial(self.generator.sample, psi=PSI), truncated=True)

    def measure(self, dataset: Dataset, side: int) -> dict[str, float]:
        """Return measures of how close the average's pictures are to training pictures, and how varied they are: see
        `gan.metrics.observe`; `mean_picture_distance` is the distance of a generator that knows only their mean.

        Every measurement uses the same seeds 0, 1, … at psi 1, and as many evenly spaced training pictures. The seeds take the
        classes of these training pictures, so that each class is as frequent as in the set. While the networks grow, both sets
        are compared at the present `side`, since finer detail is not learnt yet.
        """
        made, rows = self.make(dataset, side)
        parts = [take(dataset, rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)]
        real = [to_uint8(shrink(to_tensor(part), side, softened=self.config.growth_softened)) for part in parts]
        references = np.concatenate(real)
        if side not in self._mean_distances:
            self._mean_distances[side] = mean_picture_distance(references)
        return observe(made, references) | {"mean_picture_distance": self._mean_distances[side]}

    def make(self, dataset: Dataset, side: int, *, of_small_set: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Return the pictures to measure, uint8 (N, side, side, C), and the rows of the training pictures to compare them
        with.

        There are as many as training pictures, at most OBSERVED; with `of_small_set` OBSERVED also for a smaller set, whose rows
        are then repeated.
        """
        most = min(OBSERVED, OBSERVED_BYTES // dataset.pictures[0].nbytes)
        rows = evenly(dataset.train_indices, min(most, len(dataset.train_indices)))
        if of_small_set:
            rows = np.resize(rows, most)
        classes = dataset.labels[rows] if self.config.classes else None
        return self._make(range(len(rows)), partial(draw, self.generator, side=side), classes), rows

    def _make(
        self, seeds: Sequence[int], make: Callable[..., Tensor], classes: np.ndarray | None = None, *, truncated: bool = False
    ) -> np.ndarray:
        """Return the pictures of seeds, uint8 (N, H, W, C), with `classes` int64 (N,) in place of the classes that the seeds
        choose.

        Calibrates these classes first, since truncation needs their mean latents.
        """
        z, class_index = latents(list(seeds), self.generator.z_dim, self.generator.num_classes)
        if classes is not None:
            class_index = torch.from_numpy(classes)
        drawn = {0} if class_index is None else set(class_index.tolist())
        self.calibrate(drawn if truncated else ())

        def draw_rows(rows: slice) -> Tensor:
            return make(z[rows].to(self.device), None if class_index is None else class_index[rows].to(self.device))

        return draw_pictures(draw_rows, len(z), self.device, BATCH)

    def finish(self) -> None:
        """Calibrate every class, as needed before the average is saved."""
        self.calibrate(range(max(1, self.generator.num_classes)))

    def write_model(self, folder: Path, images_seen: int, discriminator: nn.Module | None) -> None:
        """Write or replace the model folder. Without a discriminator, fine-tuning begins with an untrained one and reports it."""
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
    """Return a description of the judges and their objectives for a model card."""
    kind = DISCRIMINATORS[config.discriminator]
    own = config.objective if config.penalty == "none" else f"{config.objective} with {config.penalty}"
    heads = f"{config.features.objective} heads on pretrained features"
    return ", and ".join([own] * kind.own + [heads] * kind.features)


def draw(generator: nn.Module, z: Tensor, classes: Tensor | None, side: int) -> Tensor:
    """Return the generator's pictures of latents at a side; only generators that grow take a smaller side."""
    growing = {"side": side} if side < cast(int, generator.resolution) else {}
    return cast(Tensor, generator(z, classes, **growing))


def shrink(pictures: Tensor, side: int, *, softened: bool) -> Tensor:
    """Return pictures (N, C, R, R) shrunk to (N, C, side, side), as the discriminator receives them while `side` is the present
    side.
    """
    if side == pictures.shape[3]:
        return pictures
    pictures = F.avg_pool2d(pictures, pictures.shape[3] // side)
    # A generator that learnt sharp small pictures draws stepped edges when it grows; smooth ones only lack detail.
    return smooth(pictures) if softened else pictures
