"""What the tools share: random latents of their own, spherical interpolation, and recipes of points that no seed has."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan.errors import ConfigError
from gan.limits import MAX_SEED
from gan.recipes import Ancestor, Latent, Lineage, Recipe
from gan.sampler.model import Model
from gan.sampler.seeds import latents

SMALLEST_PSI = 0.1  # below this a point is not taken back through its truncation: it would grow without bound
PARALLEL = 1e-3  # radians: float32 tells no smaller angle from none


def check_range(name: str, value: float, least: float, most: float) -> None:
    """Raise ConfigError for what is no number in least … most."""
    if not (math.isfinite(value) and least <= value <= most):
        raise ConfigError("config_field", field=name, found=value, expected=f"{least:,} … {most:,}")


def generator(seed: int, stream: int) -> np.random.RandomState:
    """Random numbers of a seed that have nothing to do with those its picture is made of; a `stream` a tool."""
    check_range("seed", seed, 0, MAX_SEED)
    return np.random.RandomState([int(seed), stream])


def noise(rng: np.random.RandomState, z_dim: int) -> Tensor:
    """A z, float32 (z_dim,), from the normal distribution."""
    return torch.from_numpy(rng.standard_normal(z_dim).astype(np.float32))


def step_in_w(model: Model, z: Tensor, class_index: int) -> Tensor:
    """Where a z leads from the mean of a class, (w_dim,): what it would add to that class's mean picture."""
    classes = model.config.classes
    mapped = model.map(z[None], torch.tensor([class_index]) if classes else None)[0]
    return mapped - model.centre(classes[class_index] if classes else None)


def has_z(recipe: Recipe) -> bool:
    """Whether a z alone says what the picture is, with its class and psi: it is neither mixed nor pushed, nor a latent of w."""
    return (recipe.latent is None or recipe.latent.space == "z") and recipe.mix is None and not recipe.directions


def z_of(model: Model, recipe: Recipe) -> Tensor:
    """The z that a recipe begins with, float32 (z_dim,): its seed's or its own."""
    if recipe.seed is not None:
        return latents([recipe.seed], model.config.z_dim, 0)[0][0]
    assert recipe.latent is not None
    return torch.from_numpy(recipe.latent.values)


def ancestor(recipe: Recipe) -> Ancestor:
    """How a lineage names a picture."""
    return Ancestor(seed=recipe.seed, fingerprint=recipe.fingerprint)


def recipe_of_point(model: Model, point: Tensor, psi: float, class_name: str | None, lineage: Lineage) -> Recipe:
    """The recipe of a final point, (layers, w_dim) or (z_dim,), with everything that led there told by `lineage` alone.

    The truncation is taken back, so that psi goes on to mean what it does: the recipe's latent is the one that `psi` draws to the
    point. Where psi is near 0 there is none, and the recipe holds the point itself, with psi 1.
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
    """From a (dim,) to b (dim,) along the arc between their directions, the length going evenly from one to the other."""
    length_a, length_b = a.norm(), b.norm()
    if not (length_a > 0 and length_b > 0):
        return torch.lerp(a, b, t)
    one, other = a / length_a, b / length_b
    angle = math.acos(max(-1.0, min(1.0, float(one @ other))))
    if angle < PARALLEL:
        return torch.lerp(a, b, t)
    if angle > math.pi - PARALLEL:  # opposite: every great circle leads there, and one is taken for good
        aside = torch.zeros_like(one)
        aside[one.abs().argmin()] = 1
        aside = aside - one * (one @ aside)
        other, angle = aside / aside.norm(), math.pi
        direction = math.cos(t * angle) * one + math.sin(t * angle) * other
    else:
        direction = (math.sin((1 - t) * angle) * one + math.sin(t * angle) * other) / math.sin(angle)
    return direction * torch.lerp(length_a, length_b, t)


def blend(points: Tensor, weights: Tensor, spherical: bool) -> Tensor:
    """Points (N, …) weighted, weights (N,) of sum 1. Spherical keeps the variance that independent normal z have."""
    whole = (points * weights.view(-1, *[1] * (points.ndim - 1))).sum(0)
    return whole / weights.square().sum().sqrt() if spherical else whole


def common_class(recipes: Sequence[Recipe]) -> str | None:
    """The class that all recipes name, or None."""
    names = {recipe.class_name for recipe in recipes}
    return names.pop() if len(names) == 1 else None


def named(model: Model, recipe: Recipe) -> Recipe:
    """The recipe with its class named, where a seed has left it open. Raises ModelError where it is another model's."""
    model.check(recipe)
    if recipe.seed is None or recipe.class_name is not None or not model.config.classes:
        return recipe
    fields: dict[str, Any] = {"class_name": model.recipe(recipe.seed).class_name}
    return recipe.changed(**fields)
