"""Turns seeds, latents and recipes into pictures. The same seed gives the same picture everywhere.

seeds.py     seeds to latents
drawing.py   a network's output as pictures
model.py     a generator ready to make pictures
blending.py  functions that the tools below share
variation.py pictures near a picture
lattice.py   an endless plane of seeds and blends between them
walk.py      from picture to picture
breeding.py  children of pictures
latent_files.py  reading and writing latents, .npz and .safetensors
lent.py      the GPU that ZeroGPU provides during a call
bases.py     the model whose pictures are nearest to a set
pool.py      requests of many threads, painted together

A recipe describes a picture; its point is the final latent, after truncation and every edit. To *render* is to make pictures of
recipes, to *paint* is to make pictures of points.
"""

from gan.sampler.breeding import breed
from gan.sampler.drawing import draw_pictures, full_precision
from gan.sampler.latent_files import (
    MAX_LATENTS,
    best_space,
    generate_latents,
    latent_of,
    read_latents,
    recipe_of_latent,
    write_latents,
)
from gan.sampler.lattice import explore, explore_many, seed_at
from gan.sampler.model import Model, Points
from gan.sampler.pool import Pool
from gan.sampler.seeds import latents, parse_seeds
from gan.sampler.variation import vary
from gan.sampler.walk import Easing, between, walk

__all__ = [
    "MAX_LATENTS",
    "Easing",
    "Model",
    "Points",
    "Pool",
    "best_space",
    "between",
    "breed",
    "draw_pictures",
    "explore",
    "explore_many",
    "full_precision",
    "generate_latents",
    "latent_of",
    "latents",
    "parse_seeds",
    "read_latents",
    "recipe_of_latent",
    "seed_at",
    "vary",
    "walk",
    "write_latents",
]
