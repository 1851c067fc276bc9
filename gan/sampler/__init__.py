"""Seeds, latents and recipes to pictures: the same seed is the same picture everywhere.

seeds.py     seeds to latents
origin.py    where a model folder comes from
model.py     a generator ready to make pictures
"""

from gan.recipes import MAX_PSI, MAX_SEED
from gan.sampler.model import Model, Points, full_precision
from gan.sampler.origin import Origin, origin_path, read_origin
from gan.sampler.seeds import MAX_SEEDS, latents, parse_seeds

__all__ = [
    "MAX_PSI",
    "MAX_SEED",
    "MAX_SEEDS",
    "Model",
    "Origin",
    "Points",
    "full_precision",
    "latents",
    "origin_path",
    "parse_seeds",
    "read_origin",
]
