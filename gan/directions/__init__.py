"""Latent directions: found in a model's weights or in its samples, named by a person, kept with the model.

direction.py   one direction, and the layers it may push
finding.py     from the weights (Shen & Zhou 2021), from samples (Härkönen et al. 2020)
keeping.py     directions.safetensors: read, write, verify
"""

from gan.directions.direction import MAX_NAME, Direction, layer_groups
from gan.directions.finding import adopt, factorise, principal
from gan.directions.keeping import carry_over, keep_fitting, read_directions, write_directions

__all__ = [
    "MAX_NAME",
    "Direction",
    "adopt",
    "carry_over",
    "factorise",
    "keep_fitting",
    "layer_groups",
    "principal",
    "read_directions",
    "write_directions",
]
