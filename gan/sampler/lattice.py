"""An endless plane of pictures: a seed at every whole point, and blends of the four nearest seeds elsewhere."""

import math
from collections.abc import Sequence

import torch

from gan.limits import PLANE_RINGS, PSI
from gan.recipes import ClassMix, Lineage, Recipe
from gan.sampler.blending import ancestor, blend, check_range, recipe_of_point
from gan.sampler.model import Model

PERIOD = 2 * PLANE_RINGS + 1
FARTHEST = 1_000_000  # float rounding becomes visible beyond this


def seed_at(i: int, j: int) -> int:
    """Return the seed at a whole point: 0 in the middle, and upwards around it in a square spiral.

    1 … 8 surround 0, 9 … 24 surround those, and so on. A ring begins on its right side, one above the lower right corner, and
    runs up, left, down and right (y points up). After 65,535 steps in either direction the plane repeats.
    """
    i, j = (i + PLANE_RINGS) % PERIOD - PLANE_RINGS, (j + PLANE_RINGS) % PERIOD - PLANE_RINGS
    ring = max(abs(i), abs(j))
    if ring == 0:
        return 0
    first = (2 * ring - 1) ** 2
    if i == ring and j > -ring:
        return first + j + ring - 1  # the right side, going up
    if j == ring:
        return first + 2 * ring + ring - 1 - i  # the top, going left
    if i == -ring:
        return first + 4 * ring + ring - 1 - j  # the left side, going down
    return first + 6 * ring + i + ring - 1  # the bottom, going right


def explore(
    model: Model, x: float, y: float, psi: float = PSI, class_name: str | None = None, class_mix: ClassMix | None = None
) -> Recipe:
    """Return the recipe of the picture at a point of the plane. At whole numbers it is the picture of `seed_at(x, y)`, in the
    class that the seed chooses if none is named.

    Elsewhere it blends the four pictures around it: linearly, or, where latents are normal, spherically and in the nearest one's
    class. Raises ModelError, and ConfigError for a point beyond ±1,000,000.
    """
    return explore_many(model, [(x, y)], psi, class_name, class_mix)[0]


def explore_many(
    model: Model,
    positions: Sequence[tuple[float, float]],
    psi: float = PSI,
    class_name: str | None = None,
    class_mix: ClassMix | None = None,
) -> list[Recipe]:
    """Return the recipes of the pictures at many points (x, y), as `explore` does for one; all their corners are mapped
    together.
    """
    around = [_corners(x, y) for x, y in positions]
    seeds = list(dict.fromkeys(seed for corners in around for seed in corners))
    own = {seed: model.recipe(seed, psi, class_name, class_mix=class_mix) for seed in seeds}
    between = list(dict.fromkeys(seed for corners in around if len(corners) > 1 for seed in corners))
    points = model.points([own[seed] for seed in between]).values
    row = {seed: index for index, seed in enumerate(between)}
    recipes = []
    for (x, y), corners in zip(positions, around, strict=True):
        if len(corners) == 1:
            recipes += [own[seed] for seed in corners]
            continue
        weights = torch.tensor(list(corners.values()), device=points.device)
        point = blend(points[[row[seed] for seed in corners]], weights, spherical=model.latent.is_normal)
        parents = [own[seed] for seed in corners]
        lineage = Lineage(tool="explore", parents=tuple(map(ancestor, parents)), settings={"x": x, "y": y, "psi": psi})
        recipes.append(recipe_of_point(model, point, psi, _class_between(model, parents, weights), lineage))
    return recipes


def _corners(x: float, y: float) -> dict[int, float]:
    """Return the seeds around a point that have weights above 0, and these weights, of sum 1."""
    for name, value in (("x", x), ("y", y)):
        check_range(name, value, -FARTHEST, FARTHEST)
    left, below = math.floor(x), math.floor(y)
    right, above = x - left, y - below
    weights: dict[int, float] = {}
    for i, across in ((left, 1 - right), (left + 1, right)):
        for j, along in ((below, 1 - above), (below + 1, above)):
            if across * along > 0:
                weights[seed_at(i, j)] = across * along
    return weights


def _class_between(model: Model, parents: Sequence[Recipe], weights: torch.Tensor) -> str | None:
    """Return the class of a blend: the common class; else the nearest one's where a point carries its class, and None where
    classes blend.
    """
    names = {parent.class_name for parent in parents}
    if len(names) == 1 or model.latent.points_carry_class:
        return parents[int(weights.argmax())].class_name
    return None
