"""Views inside a game: pictures with their scores, the pixels to which the judge is sensitive, and what each resolution of the
generator adds.

The views do not change a training. Dropout is off, no random number is drawn, and batch norm works on copies of its statistics,
so that no buffer of a network in training changes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from gan.config import RunConfig, batch_multiple
from gan.data import Dataset
from gan.families import FAMILIES, Generator
from gan.families.layers import clip
from gan.images import to_tensor, to_uint8
from gan.metrics import evenly, take
from gan.sampler import latents
from gan.training.games.average import shrink
from gan.training.games.base import Inside
from gan.training.games.judges import Judge

SCORED = 32  # pictures of each kind in the histograms
SHOWN = 8
STAGED = 3  # generated pictures that are shown at every side
LARGEST_PASS = 32  # pictures at once, so that a view never needs more memory than a step of training
LARGEST_SHOWN_SIDE = 128  # pixels
HEAT = (255.0, 140.0, 40.0)  # red, green and blue, 0 … 255, of the pixels to which the judge is most sensitive
GROUND = 0.45  # brightness of the picture below it
BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


@contextmanager
def watched(network: nn.Module) -> Iterator[None]:
    """Switch the network to training mode without dropout inside the block."""
    was = network.training
    network.eval()
    for module in network.modules():
        if isinstance(module, BATCH_NORMS):
            module.train()
    try:
        yield
    finally:
        network.train(was)


def buffers_of(network: nn.Module) -> dict[str, Tensor]:
    """Return copies of the buffers that a pass may change."""
    return {name: buffer.clone() for name, buffer in network.named_buffers()}


def look_inside(config: RunConfig, generator: Generator, judge: Judge, dataset: Dataset, side: int) -> Inside:
    """Return a view with fixed pictures: some of the training set, as many generated from seeds 0, 1, …, and some held-out
    ones.
    """
    looker = Looker(config, generator, judge, side)
    with watched(generator), watched(judge.network):
        return looker.look(dataset)


class Looker:
    """Makes one view of the networks of a game at the present `side`."""

    def __init__(self, config: RunConfig, generator: Generator, judge: Judge, side: int) -> None:
        self.config = config
        self.generator = generator
        self.judge = judge
        self.side = side
        self.device = judge.accelerator.device
        self.group = batch_multiple(config)
        self.pass_size = max(self.group, min(config.batch, LARGEST_PASS) // self.group * self.group)

    def look(self, dataset: Dataset) -> Inside:
        rows = self._some(dataset.train_indices)
        real, classes = self._real(dataset, rows)
        z, _ = latents(list(range(len(rows))), self.config.z_dim, len(self.config.classes))
        generated = self._generate(z.to(self.device), classes, self.side)
        held_out = self._some(dataset.held_out_indices)
        shown = min(SHOWN, len(rows)) // self.group * self.group
        labels = None if classes is None else classes[:shown]
        stages, sides = self._stages(z[:STAGED].to(self.device), None if classes is None else classes[:STAGED])
        return Inside(
            side=self.side,
            real=as_shown(real[:shown]),
            generated=as_shown(generated[:shown]),
            real_heat=heat_over(real[:shown], self._slopes(real[:shown], labels)),
            generated_heat=heat_over(generated[:shown], self._slopes(generated[:shown], labels)),
            real_scores=self._scores(real, classes),
            generated_scores=self._scores(generated, classes),
            held_out_scores=self._scores(*self._real(dataset, held_out)) if len(held_out) else [],
            stages=stages,
            stage_sides=sides,
        )

    def _some(self, indices: np.ndarray) -> np.ndarray:
        """Return evenly spaced rows in a number divisible by the discriminator's group. Rows of the shown pictures come first and
        are evenly spaced too.
        """
        count = min(SCORED, len(indices)) // self.group * self.group
        if not count:
            return indices[:0]
        rows = evenly(indices, count)
        first = np.linspace(0, count - 1, min(SHOWN, count)).round().astype(np.int64)
        return np.concatenate([rows[first], np.delete(rows, first)])

    def _real(self, dataset: Dataset, rows: np.ndarray) -> tuple[Tensor, Tensor | None]:
        pictures = shrink(to_tensor(take(dataset, rows)).to(self.device), self.side, softened=self.config.growth_softened)
        classes = torch.from_numpy(dataset.labels[rows]).to(self.device) if self.config.classes else None
        return pictures, classes

    def _passes(self, count: int) -> Iterator[slice]:
        return (slice(start, start + self.pass_size) for start in range(0, count, self.pass_size))

    @torch.no_grad()
    def _generate(self, z: Tensor, classes: Tensor | None, side: int) -> Tensor:
        growing = {"side": side} if side < self.generator.resolution else {}
        made = []
        for rows in self._passes(len(z)):
            inputs = (z[rows], None if classes is None else classes[rows])
            with self.judge.accelerator.autocast():
                made.append(functional_call(self.generator, buffers_of(self.generator), inputs, growing).float())
        return clip(torch.cat(made))

    def _judge(self, pictures: Tensor, classes: Tensor | None) -> Tensor:
        with self.judge.accelerator.autocast():
            return self.judge.score(pictures, classes, buffers_of(self.judge.network))

    @torch.no_grad()
    def _scores(self, pictures: Tensor, classes: Tensor | None) -> list[float]:
        scores = [self._judge(pictures[rows], None if classes is None else classes[rows]) for rows in self._passes(len(pictures))]
        return [round(score, 4) for score in torch.cat(scores).tolist()]

    def _slopes(self, pictures: Tensor, classes: Tensor | None) -> Tensor:
        """Return the absolute gradient of each picture's score, summed over the channels of each pixel: (N, C, H, W) -> (N, 1, H,
        W).
        """
        if not len(pictures):
            return pictures[:, :1]
        pictures = pictures.detach().requires_grad_(True)
        (slopes,) = torch.autograd.grad(self._judge(pictures, classes).sum(), pictures)
        return slopes.abs().sum(1, keepdim=True)

    def _stages(self, z: Tensor, classes: Tensor | None) -> tuple[np.ndarray | None, list[int]]:
        """Return the pictures after each block of a growing generator and each block's addition, uint8 (2 S, sides, H, W, C), and
        the sides. The pictures are None if there is only one side.
        """
        sides = [side for side in FAMILIES[self.config.family].growing_sides(self.config.resolution) if side < self.side]
        if not sides:
            return None, []
        sides.append(self.side)
        drawn = [self._enlarge(self._generate(z, classes, side)) for side in sides]
        added = [torch.zeros_like(drawn[0]), *(after - before for before, after in pairwise(drawn))]
        rows = [torch.stack(row, 1) for row in (drawn, added)]  # (S, sides, C, H, W) each
        both = torch.stack(rows, 1).flatten(0, 1)  # (2 S, sides, C, H, W)
        pictures = to_uint8(both.flatten(0, 1))
        return pictures.reshape(*both.shape[:2], *pictures.shape[1:]), sides

    def _enlarge(self, pictures: Tensor) -> Tensor:
        side = min(self.side, LARGEST_SHOWN_SIDE)
        if pictures.shape[3] > side:
            return F.adaptive_avg_pool2d(pictures, side)
        return F.interpolate(pictures, size=(side, side), mode="bilinear", align_corners=False)


def as_shown(pictures: Tensor) -> np.ndarray:
    """Convert pictures (N, C, H, W) to uint8, at most LARGEST_SHOWN_SIDE pixels a side."""
    side = min(pictures.shape[3], LARGEST_SHOWN_SIDE)
    return to_uint8(F.adaptive_avg_pool2d(pictures, side) if side < pictures.shape[3] else pictures)


def heat_over(pictures: Tensor, slopes: Tensor) -> np.ndarray:
    """Draw the pictures dark and grey, with a warm colour where the slopes are steep: uint8 (N, H, W, 3).

    Each picture has its own scale: the steepest fiftieth of its pixels has the full colour.
    """
    if not len(pictures):
        return np.zeros((0, *pictures.shape[2:], 3), np.uint8)
    side = min(pictures.shape[3], LARGEST_SHOWN_SIDE)
    slopes = F.avg_pool2d(slopes, 3, stride=1, padding=1, count_include_pad=False)
    slopes, grey = F.adaptive_avg_pool2d(slopes, side), F.adaptive_avg_pool2d(pictures.mean(1, keepdim=True), side)
    steepest = slopes.flatten(1).quantile(0.98, dim=1).clamp_min(1e-12)
    heat = (slopes / steepest[:, None, None, None]).clamp(0, 1).square()  # separates the steepest pixels clearly from the others
    colour = torch.tensor(HEAT, device=heat.device)[None, :, None, None] / 127.5 - 1
    dark = (grey + 1) * GROUND - 1
    return to_uint8(dark.lerp(colour.expand(len(heat), -1, side, side), heat))
