"""Children of pictures: each takes its layers from its parents, or lies between them, and differs a little from both."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from gan.limits import MAX_PARENTS
from gan.recipes import Lineage, Recipe
from gan.sampler.blending import ancestor, blend, check_range, generator, named, noise, recipe_of_point, step_in_w
from gan.sampler.model import Model

STREAM = 2
MAX_CHILDREN = 64
GENE_LAYERS = 2  # the layers of one side of the picture are inherited together


def breed(model: Model, parents: Sequence[Recipe], seed: int, count: int = 8, mutation: float = 0.2) -> list[Recipe]:
    """Children of 1 … 8 pictures; the same seed has the same children.

    With w a child takes the layers of each side of the picture from one parent, of two parents at least; without, it is a random
    spherical blend of them. Then it moves by `mutation`, 0 … 1, in a random direction: 0 not at all, 1 as far as pictures are
    from their mean. Raises ModelError for recipes of another model, ConfigError for what is out of bounds.
    """
    check_range("parents", len(parents), 1, MAX_PARENTS)
    check_range("count", count, 1, MAX_CHILDREN)
    check_range("mutation", mutation, 0, 1)
    rng = generator(seed, STREAM)
    parents = [named(model, parent) for parent in parents]
    points = model.points(parents).values
    ancestors = tuple(map(ancestor, parents))
    children = []
    for number in range(count):
        shares = _layers(rng, points) if model.space == "w" else _weights(rng, len(parents))
        lineage = Lineage(
            tool="breed", parents=ancestors, settings={"seed": seed, "child": number, "mutation": mutation, "count": count}
        )
        children.append(_child(model, parents, points, shares, rng, mutation, lineage))
    return children


def _layers(rng: np.random.RandomState, points: Tensor) -> Tensor:
    """Which parent each layer comes from, as weights (parents, layers) of 0 and 1."""
    parents, layers = points.shape[:2]
    genes = math.ceil(layers / GENE_LAYERS)
    chosen = rng.randint(parents, size=genes)
    if parents > 1 and genes > 1 and len(set(chosen.tolist())) == 1:  # a copy of one parent is no child
        gene = rng.randint(genes)
        chosen[gene] = (chosen[gene] + rng.randint(1, parents)) % parents
    weights = torch.zeros(parents, layers)
    weights[torch.from_numpy(chosen).repeat_interleave(GENE_LAYERS)[:layers], torch.arange(layers)] = 1
    return weights


def _weights(rng: np.random.RandomState, parents: int) -> Tensor:
    """How much of each parent, (parents,) of sum 1, evenly distributed over all such weights."""
    return torch.from_numpy(rng.dirichlet(np.ones(parents)).astype(np.float32))


def _child(
    model: Model,
    parents: Sequence[Recipe],
    points: Tensor,
    shares: Tensor,
    rng: np.random.RandomState,
    mutation: float,
    lineage: Lineage,
) -> Recipe:
    """The recipe of one child: inherited by `shares`, then mutated. Its psi is its parents' mean."""
    shares = shares.to(points.device)
    psi = sum(parent.psi for parent in parents) / len(parents)
    z = noise(rng, model.config.z_dim)
    foster = rng.randint(len(parents))  # whose class the mutation comes from; in z the child's class too
    class_name = parents[foster].class_name
    if model.space == "w":
        point = (points * shares[:, :, None]).sum(0)
        index = int(rng.random_sample() * len(model.config.classes)) if class_name is None else model.class_index(class_name)
        point = point + mutation * abs(psi) * step_in_w(model, z, index)
        names = {parent.class_name for parent in parents}
        class_name = class_name if len(names) == 1 else None
    else:
        turn = mutation * math.pi / 2
        point = math.cos(turn) * blend(points, shares, spherical=True) + math.sin(turn) * abs(psi) * z.to(points.device)
    return recipe_of_point(model, point, psi, class_name, lineage)
