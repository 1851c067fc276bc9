"""Pictures near a picture: a step of a chosen size from its latent, in a random direction."""

import math

import torch

from gan.recipes import Latent, Lineage, Recipe
from gan.sampler.blending import ancestor, check_range, generator, named, noise, step_in_w, z_of
from gan.sampler.model import Model

STREAM = 1


def vary(model: Model, recipe: Recipe, distance: float, seed: int) -> Recipe:
    """A picture near that of `recipe`: `distance` 0 is the picture itself, 1 shares nothing with it; `seed` says which way.

    A z is turned, z' = cos θ · z + sin θ · n with θ = distance · π / 2, which leaves its distribution as it was; a w is moved by
    distance · (w of n - mean w). The class, psi, mixing and directions stay. Raises ModelError for another model's recipe, and
    ConfigError for a distance outside 0 … 1.
    """
    check_range("distance", distance, 0, 1)
    rng = generator(seed, STREAM)
    recipe = named(model, recipe)
    if distance == 0:
        return recipe
    z = noise(rng, model.config.z_dim)
    chosen = int(rng.random_sample() * len(model.config.classes))  # where a latent in w belongs to no class
    class_index = chosen if recipe.class_name is None else model.class_index(recipe.class_name)
    if recipe.latent is not None and recipe.latent.space == "w":
        step = step_in_w(model, z, class_index).cpu()
        latent = Latent.of("w", (torch.from_numpy(recipe.latent.values) + distance * step).numpy())
    else:
        turn = distance * math.pi / 2
        latent = Latent.of("z", (math.cos(turn) * z_of(model, recipe) + math.sin(turn) * z).numpy())
    lineage = Lineage(tool="variation", parents=(ancestor(recipe),), settings={"distance": distance, "seed": seed})
    return recipe.changed(seed=None, latent=latent, lineage=lineage)
