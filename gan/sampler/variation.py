"""Makes pictures near a picture: a step of a chosen size from its latent, in a random direction."""

import torch

from gan.families import turn
from gan.recipes import Latent, Lineage, Recipe
from gan.sampler.blending import ancestor, check_range, generator, move, named, noise, starts_at_z, z_of
from gan.sampler.model import Model

STREAM = 1


def vary(model: Model, recipe: Recipe, distance: float, seed: int) -> Recipe:
    """Return the recipe of a picture near that of `recipe`: `distance` 0 gives the picture itself, 1 one independent of it;
    `seed` picks the direction.

    A z is turned, z' = cos θ · z + sin θ · n with θ = distance · π / 2, which preserves its distribution; a w is moved by
    distance · (w of n - mean w). The class, psi, mixing and directions stay the same. Raises ModelError for another model's
    recipe, ConfigError for a distance outside 0 … 1.
    """
    check_range("distance", distance, 0, 1)
    rng = generator(seed, STREAM)
    recipe = named(model, recipe)
    if distance == 0:
        return recipe
    z = noise(rng, model.config.z_dim)
    chosen = int(rng.random_sample() * len(model.config.classes))  # for a latent without a class
    class_index = chosen if recipe.class_name is None else model.class_index(recipe.class_name)
    if starts_at_z(recipe):
        latent = Latent.of("z", turn(z_of(model, recipe), z, distance).numpy())
    else:
        assert recipe.latent is not None
        moved = move(model, torch.from_numpy(recipe.latent.values), z, class_index, distance)
        latent = Latent.of(recipe.latent.space, moved.cpu().numpy())
    lineage = Lineage(tool="variation", parents=(ancestor(recipe),), settings={"distance": distance, "seed": seed})
    return recipe.changed(seed=None, latent=latent, lineage=lineage)
