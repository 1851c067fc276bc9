"""Seeds, latents and recipes to pictures: the same seed is the same picture everywhere.

seeds.py     seeds to latents
model.py     a generator ready to make pictures
blending.py  what the tools below share
variation.py pictures near a picture
lattice.py   an endless plane of seeds, and what lies between them
walk.py      from picture to picture, in z or in w
breeding.py  children of pictures
latent_files.py  latents in and out, .npz and .safetensors
pool.py      many who ask at once, painted together
"""

from gan.sampler.breeding import breed
from gan.sampler.latent_files import MAX_LATENTS, latent_of, read_latents, write_latents
from gan.sampler.lattice import explore, explore_many, seed_at
from gan.sampler.model import Model, Points, full_precision
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
    "between",
    "breed",
    "explore",
    "explore_many",
    "full_precision",
    "latent_of",
    "latents",
    "parse_seeds",
    "read_latents",
    "seed_at",
    "vary",
    "walk",
    "write_latents",
]
