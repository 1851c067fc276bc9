"""Functions that the tools share: random numbers of a seed, spherical interpolation, and recipes of points."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan.errors import ConfigError
from gan.limits import MAX_SEED
from gan.recipes import Ancestor, Latent, Lineage, Recipe
from gan.sampler.drawing import full_precision
from gan.sampler.model import Model
from gan.sampler.seeds import latents

SMALLEST_PSI = 0.1  # a point is divided by psi only above this value; below, latents would grow without bound
PARALLEL = 1e-3  # radians: smaller angles are lost in float32


def check_range(name: str, value: float, least: float, most: float) -> None:
    """Raise ConfigError unless a value is a number in least … most."""
    if not (math.isfinite(value) and least <= value <= most):
        raise ConfigError("config_field", field=name, found=value, expected=f"{least:,} … {most:,}")


def generator(seed: int, stream: int) -> np.random.RandomState:
    """Return the random generator of a seed, independent of the latent that the seed's picture has; each tool has its own
    `stream`.
    """
    check_range("seed", seed, 0, MAX_SEED)
    return np.random.RandomState([int(seed), stream])


def noise(rng: np.random.RandomState, z_dim: int) -> Tensor:
    """Return a z, float32 (z_dim,), from the normal distribution."""
    return torch.from_numpy(rng.standard_normal(z_dim).astype(np.float32))


def move(model: Model, latent: Tensor, z: Tensor, class_row: int, distance: float, size: float = 1.0) -> Tensor:
    """Move a latent in the random direction of z at full precision; see `LatentSpace.move`."""
    with torch.inference_mode(), full_precision(model.device):
        return model.latent.move(latent.to(model.device), z, class_row, distance, size)


def has_z(recipe: Recipe) -> bool:
    """Return whether z, class and psi determine the picture: it is neither mixed nor pushed, and not made from a point."""
    return starts_at_z(recipe) and recipe.mix is None and not recipe.directions


def starts_at_z(recipe: Recipe) -> bool:
    """Return whether a recipe starts from a z: a seed's or its own."""
    return recipe.latent is None or recipe.latent.is_input


def z_of(model: Model, recipe: Recipe) -> Tensor:
    """Return the z that a recipe starts from, float32 (z_dim,): its seed's or its own."""
    if recipe.seed is not None:
        return latents([recipe.seed], model.config.z_dim, 0)[0][0]
    assert recipe.latent is not None
    return torch.from_numpy(recipe.latent.values)


def ancestor(recipe: Recipe) -> Ancestor:
    """Return a picture in the form of a lineage's ancestor."""
    return Ancestor(seed=recipe.seed, fingerprint=recipe.fingerprint)


def recipe_of_point(model: Model, point: Tensor, psi: float, class_name: str | None, lineage: Lineage) -> Recipe:
    """Return the recipe of a final point, (layers, dim) or (dim,); only `lineage` records how it was made.

    The truncation is inverted, so that psi keeps its meaning: the recipe holds the latent that `psi` truncates to the point.
    Where psi is near 0 this is impossible, and the recipe holds the point itself, with psi 1.
    """
    if abs(psi) >= SMALLEST_PSI:
        centre = model.centre(class_name)
        point = centre + (point - centre) / psi
    else:
        psi = 1.0
    if point.ndim == 2 and bool((point == point[:1]).all()):
        point = point[0]
    latent = Latent.of(model.space, point.detach().cpu().numpy())
    return model.recipe(psi=psi, class_name=class_name, latent=latent, lineage=lineage)


def slerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """Interpolate from a (dim,) to b (dim,) along the arc between their directions; the length changes linearly."""
    length_a, length_b = a.norm(), b.norm()
    if not (length_a > 0 and length_b > 0):
        return torch.lerp(a, b, t)
    one, other = a / length_a, b / length_b
    angle = math.acos(max(-1.0, min(1.0, float(one @ other))))
    if angle < PARALLEL:
        return torch.lerp(a, b, t)
    if angle > math.pi - PARALLEL:  # opposite directions: every great circle connects them, and one is chosen
        aside = torch.zeros_like(one)
        aside[one.abs().argmin()] = 1
        aside = aside - one * (one @ aside)
        other, angle = aside / aside.norm(), math.pi
        direction = math.cos(t * angle) * one + math.sin(t * angle) * other
    else:
        direction = (math.sin((1 - t) * angle) * one + math.sin(t * angle) * other) / math.sin(angle)
    return direction * torch.lerp(length_a, length_b, t)


def blend(points: Tensor, weights: Tensor, spherical: bool) -> Tensor:
    """Return the mean of points (N, …) with weights (N,) of sum 1. With `spherical`, the blend of
    independent normal latents keeps their variance.
    """
    whole = (points * weights.view(-1, *[1] * (points.ndim - 1))).sum(0)
    return whole / weights.square().sum().sqrt() if spherical else whole


def common_class(recipes: Sequence[Recipe]) -> str | None:
    """Return the class that all recipes share, or None."""
    names = {recipe.class_name for recipe in recipes}
    return names.pop() if len(names) == 1 else None


def named(model: Model, recipe: Recipe) -> Recipe:
    """Return the recipe with its class named, also if the seed chose the class. Raises ModelError for another model's recipe."""
    model.check(recipe)
    if recipe.seed is None or recipe.class_name is not None or not model.config.classes:
        return recipe
    fields: dict[str, Any] = {"class_name": model.recipe(recipe.seed).class_name}
    return recipe.changed(**fields)
