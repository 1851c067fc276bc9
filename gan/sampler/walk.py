"""Walks between pictures: a picture between two others, and walks over many, open or closed to a loop."""

from collections.abc import Iterator, Sequence
from typing import Literal

import torch

from gan.errors import ModelError
from gan.families import Way
from gan.limits import BATCH, MAX_FRAMES, MAX_STOPS
from gan.recipes import Latent, Lineage, Recipe, Space
from gan.sampler.blending import ancestor, check_range, common_class, has_z, named, recipe_of_point, slerp, z_of
from gan.sampler.model import Model, Points

Easing = Literal["linear", "smooth"]


def between(model: Model, a: Recipe, b: Recipe, t: float, space: Space) -> Recipe:
    """Return the recipe of the picture between two: t 0 gives exactly a, 1 exactly b.

    `space` chooses one of the model's `latent.ways`. In w the path is a straight line between the final points. In z it is an
    arc, which keeps the length of latents; both pictures must have the same class. In a family that maps z to w, a path through z
    also needs pictures that have a z and are neither mixed nor pushed. Raises ModelError with the reason, and ConfigError for a t
    outside 0 … 1.
    """
    check_range("t", t, 0, 1)
    way, (a, b) = _comparable(model, [a, b], space)
    if t in (0, 1):
        return b if t == 1 else a
    lineage = Lineage(tool="morph", parents=(ancestor(a), ancestor(b)), settings={"t": t})
    psi = a.psi + t * (b.psi - a.psi)
    step = slerp if way.spherical else torch.lerp
    if not way.through_points:
        latent = Latent.of(space, step(z_of(model, a), z_of(model, b), t).numpy())
        return a.changed(seed=None, latent=latent, psi=psi, lineage=lineage)
    one, other = model.points([a, b]).values
    point = step(one, other, t)
    return recipe_of_point(model, point, psi, common_class([a, b]), lineage)


def walk(
    model: Model,
    recipes: Sequence[Recipe],
    frames: int,
    *,
    space: Space,
    closed: bool = False,
    easing: Easing = "linear",
    batch: int = BATCH,
) -> Iterator[Points]:
    """Return an iterator over the points of a walk over pictures in `frames` frames, for `Model.paint`, at most `batch` at a
    time.

    The first frame is the first picture. An open walk ends with the last picture; a closed one returns to the first and ends one
    frame before it, so that it loops. Every leg, from one picture to the next, takes the same time; the easing "smooth" starts
    and ends each leg slowly. The paths are those of `between`. Raises ModelError and ConfigError when called, not with the first
    frame.
    """
    check_range("frames", frames, 1, MAX_FRAMES)
    check_range("pictures", len(recipes), 1, MAX_STOPS)
    way, stops = _comparable(model, recipes, space)
    if closed:
        stops = [*stops, stops[0]]
    legs = [_leg(frame, frames, len(stops) - 1, closed, easing) for frame in range(frames)]
    if way.through_points:
        return _through_points(model.points(stops), legs, batch, way.spherical)
    return _through_z(model, stops, legs, batch, space)


def _leg(frame: int, frames: int, legs: int, closed: bool, easing: Easing) -> tuple[int, float]:
    """Return the leg of a frame, and the fraction of the leg, 0 … 1, at which the frame is."""
    if legs == 0:
        return 0, 0.0
    last = frames if closed else max(1, frames - 1)
    leg, rest = divmod(frame * legs, last)  # integers, so that rounding moves no frame
    if leg == legs:
        return legs - 1, 1.0
    t = rest / last
    return leg, t * t * (3 - 2 * t) if easing == "smooth" else t


def _through_points(stops: Points, legs: Sequence[tuple[int, float]], batch: int, spherical: bool) -> Iterator[Points]:
    step = slerp if spherical else torch.lerp
    for start in range(0, len(legs), batch):
        values = []
        for leg, t in legs[start : start + batch]:
            here, there = stops.values[leg], stops.values[min(leg + 1, len(stops) - 1)]
            values.append(here if t == 0 else there if t == 1 else step(here, there, t))
        classes = None if stops.class_index is None else stops.class_index[:1].expand(len(values))
        yield Points(torch.stack(values), classes)


def _through_z(
    model: Model, stops: Sequence[Recipe], legs: Sequence[tuple[int, float]], batch: int, space: Space
) -> Iterator[Points]:
    for start in range(0, len(legs), batch):
        shares = legs[start : start + batch]
        part = [between(model, stops[leg], stops[min(leg + 1, len(stops) - 1)], t, space) for leg, t in shares]
        yield model.points(part)


def _comparable(model: Model, recipes: Sequence[Recipe], space: Space) -> tuple[Way, list[Recipe]]:
    """Return the path through a space, and the recipes with their classes named. Raises ModelError where no such path exists
    between them.
    """
    recipes = [named(model, recipe) for recipe in recipes]
    way = model.latent.way(space)
    if way is None:
        raise ModelError("way_without_w", model=model.name, family=model.config.family)
    if way.across_classes:
        return way, recipes
    for number, recipe in enumerate(recipes, 1):
        if not way.through_points and not has_z(recipe):
            raise ModelError("way_without_z", number=number)
    classes = {recipe.class_name for recipe in recipes}
    if len(classes) > 1:
        names = ", ".join(sorted(str(name) for name in classes))
        raise ModelError("way_over_classes", found=names)
    mixes = {recipe.class_mix for recipe in recipes}
    if len(mixes) > 1:
        raise ModelError("way_over_class_mixes")
    return way, recipes
