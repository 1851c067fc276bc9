"""The distribution of a model's latents: the units in which a search moves, and the candidates from which it starts."""

import math
from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from gan.sampler import Model

LATENTS = 4096
CANDIDATES, FEWEST_CANDIDATES, THUMBNAIL = 256, 32, 16


@dataclass(frozen=True, eq=False)
class LatentStatistics:
    """The distribution of a model's latents, and candidates with their pictures, measured once for each model."""

    centre: Tensor
    """(dim,)"""
    deviations: Tensor
    """(dim,), along `axes`."""
    axes: Tensor
    """(dim, dim), one axis a column."""
    candidates: Tensor
    """(M, dim)"""
    rows: Tensor
    """The class of each candidate, int64 (M,)."""
    thumbnails: Tensor
    """(M, C, 16, 16)"""

    def colour(self, whitened: Tensor) -> Tensor:
        """Map (…, dim), in deviations along the axes, to latents."""
        return self.centre + (whitened * self.deviations) @ self.axes.T

    def whiten(self, points: Tensor) -> Tensor:
        """Map latents to deviations along the axes: the inverse of `colour`."""
        return ((points - self.centre) @ self.axes) / self.deviations

    def nearest(self, target: Tensor, class_row: int | None, count: int) -> tuple[Tensor, list[int]]:
        """Return the candidates (count, dim) whose pictures are closest to a picture (1, C, R, R), and their classes."""
        distances = (self.thumbnails - F.adaptive_avg_pool2d(target, THUMBNAIL)).square().mean((1, 2, 3))
        if class_row is not None:
            distances = distances.masked_fill(self.rows != class_row, math.inf)
        best = distances.argsort(stable=True)[:count]
        return self.candidates[best], self.rows[best].tolist()


def statistics_of(model: Model) -> LatentStatistics:
    """Return a model's statistics, measured at the first call and cached while the model exists."""
    with _lock:
        found = _measured.get(model)
    if found is None:
        with torch.no_grad():
            found = _measure(model)
        with _lock:
            _measured[model] = found
    return found


def _measure(model: Model) -> LatentStatistics:
    classes, device = model.config.classes, model.device
    rows = torch.arange(LATENTS) % max(1, len(classes))
    z = torch.from_numpy(np.random.RandomState(0).standard_normal((LATENTS, model.config.z_dim)).astype(np.float32))
    latents = model.map(z, rows if classes else None).clone()
    if model.latent.is_normal:
        centre = torch.zeros_like(latents[0])
        deviations, axes = torch.ones_like(centre), torch.eye(len(centre), device=device)
    else:
        centre = latents.mean(0)
        variances, axes = torch.linalg.eigh(torch.cov(latents.T))
        deviations = variances.clamp(min=float(variances.max()) * 1e-4 + 1e-12).sqrt()
    # Large pictures are slow to draw, so fewer candidates are compared; every class has at least two.
    count = max(FEWEST_CANDIDATES, CANDIDATES * 64**2 // max(64, model.config.resolution) ** 2, 2 * len(classes))
    thumbnails = []
    for start in range(0, count, 32):
        part = latents[start : min(start + 32, count)]
        made = model.latent.draw(model.latent.spread(part), rows[start : start + len(part)].to(device) if classes else None)
        thumbnails.append(F.adaptive_avg_pool2d(made.clamp(-1, 1), THUMBNAIL))
    return LatentStatistics(centre, deviations, axes, latents[:count], rows[:count].to(device), torch.cat(thumbnails))


_lock = Lock()
_measured: "WeakKeyDictionary[Model, LatentStatistics]" = WeakKeyDictionary()
