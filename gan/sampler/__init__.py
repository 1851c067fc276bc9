"""Seeds, latents and recipes to pictures: the same seed is the same picture everywhere.

seeds.py     seeds to latents
origin.py    where a model folder comes from
model.py     a generator ready to make pictures
blending.py  shared by the tools below
variation.py pictures near a picture
lattice.py   an endless plane of seeds and blends between them
walk.py      from picture to picture
breeding.py  children of pictures
latent_files.py  latents in and out, .npz and .safetensors
pool.py      requests of many threads, painted together

A recipe describes a picture; its point is the final latent, after truncation and every edit. To *render* is to make pictures of
recipes, to *paint* is to make pictures of points.
"""

from gan.recipes import MAX_PSI, MAX_SEED
from gan.sampler.breeding import breed
from gan.sampler.latent_files import MAX_LATENTS, best_space, latent_of, read_latents, recipe_of_latent, write_latents
from gan.sampler.lattice import explore, explore_many, seed_at
from gan.sampler.model import Model, Points, full_precision
from gan.sampler.origin import Origin, origin_path, read_origin
from gan.sampler.pool import Pool
from gan.sampler.seeds import MAX_SEEDS, latents, parse_seeds
from gan.sampler.variation import vary
from gan.sampler.walk import MAX_FRAMES, Easing, between, walk

__all__ = [
    "MAX_FRAMES",
    "MAX_LATENTS",
    "MAX_PSI",
    "MAX_SEED",
    "MAX_SEEDS",
    "Easing",
    "Model",
    "Origin",
    "Points",
    "Pool",
    "best_space",
    "between",
    "breed",
    "explore",
    "explore_many",
    "full_precision",
    "latent_of",
    "latents",
    "origin_path",
    "parse_seeds",
    "read_latents",
    "read_origin",
    "recipe_of_latent",
    "seed_at",
    "vary",
    "walk",
    "write_latents",
]
