"""Latent directions, found in a model's weights or in its samples. `gan.models` stores those that the user named.

direction.py   the layers that a direction may push
finding.py     from the weights (Shen & Zhou 2021), from samples (Härkönen et al. 2020)
"""

from gan.directions.direction import layer_groups
from gan.directions.finding import adopt, factorise, principal

__all__ = ["adopt", "factorise", "layer_groups", "principal"]
