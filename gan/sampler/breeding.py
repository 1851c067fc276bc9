"""Makes children of pictures: each takes layers from its parents or blends them, and then mutates."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from gan.limits import MAX_PARENTS
from gan.recipes import Lineage, Recipe
from gan.sampler.blending import ancestor, blend, check_range, common_class, generator, move, named, noise, recipe_of_point
from gan.sampler.model import Model

STREAM = 2
MAX_CHILDREN = 64
GENE_LAYERS = 2  # the layers of one side of the picture are inherited together


def breed(model: Model, parents: Sequence[Recipe], seed: int, count: int = 8, mutation: float = 0.2) -> list[Recipe]:
    """Return the recipes of `count` children of 1 … 8 parents; the same seed gives the same children.

    Where layers can be mixed, a child takes the layers of each side of the picture from one parent, and from at least two parents
    in all. Otherwise it is a random blend. Then it moves by `mutation`, 0 … 1, in a random direction: at 0 not at all, at 1 by
    the usual distance of latents from their mean. Raises ModelError for recipes of another model, ConfigError for values out of
    bounds.
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
        shares = _layers(rng, points) if model.latent.can_mix_layers else _weights(rng, len(parents))
        lineage = Lineage(
            tool="breed", parents=ancestors, settings={"seed": seed, "child": number, "mutation": mutation, "count": count}
        )
        children.append(_child(model, parents, points, shares, rng, mutation, lineage))
    return children


def _layers(rng: np.random.RandomState, points: Tensor) -> Tensor:
    """Return the parent of each layer, as weights (parents, layers) of 0 and 1."""
    parents, layers = points.shape[:2]
    genes = math.ceil(layers / GENE_LAYERS)
    chosen = rng.randint(parents, size=genes)
    if parents > 1 and genes > 1 and len(set(chosen.tolist())) == 1:  # prevents a copy of one parent
        gene = rng.randint(genes)
        chosen[gene] = (chosen[gene] + rng.randint(1, parents)) % parents
    weights = torch.zeros(parents, layers)
    weights[torch.from_numpy(chosen).repeat_interleave(GENE_LAYERS)[:layers], torch.arange(layers)] = 1
    return weights


def _weights(rng: np.random.RandomState, parents: int) -> Tensor:
    """Return the weight of each parent, (parents,) of sum 1, uniformly distributed."""
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
    """Return the recipe of one child: inherited from the parents by the weights `shares`, then mutated. Its psi is the mean of
    its parents' psi.
    """
    shares = shares.to(points.device)
    psi = sum(parent.psi for parent in parents) / len(parents)
    z = noise(rng, model.config.z_dim)
    # the class in which the child mutates; where a point carries a class, also the class of the child
    class_name = parents[rng.randint(len(parents))].class_name
    row = 0
    if class_name is not None:
        row = model.class_index(class_name)
    elif not model.latent.points_carry_class:
        row = int(rng.random_sample() * len(model.config.classes))
    if model.latent.can_mix_layers:
        point = (points * shares[:, :, None]).sum(0)
    else:
        point = blend(points, shares, spherical=model.latent.is_normal)
    point = move(model, point, z, row, mutation, abs(psi))
    if not model.latent.points_carry_class:
        class_name = common_class(parents)
    return recipe_of_point(model, point, psi, class_name, lineage)
