"""How good a model's pictures are, how varied, and whether they are copies.

measures.py   against real pictures, without any pretrained network
inception.py  FID and KID with Inception: an extra that is never needed
"""

from gan.metrics.inception import evaluate_inception, fetch_inception
from gan.metrics.measures import (
    closest_pairs,
    copied_interval,
    copied_share,
    diversity,
    evaluate,
    evenly,
    make_samples,
    memorisation,
    nearest,
    observe,
    sliced_wasserstein,
    sliced_wasserstein_levels,
    spread,
    take,
)

__all__ = [
    "closest_pairs",
    "copied_interval",
    "copied_share",
    "diversity",
    "evaluate",
    "evaluate_inception",
    "evenly",
    "fetch_inception",
    "make_samples",
    "memorisation",
    "nearest",
    "observe",
    "sliced_wasserstein",
    "sliced_wasserstein_levels",
    "spread",
    "take",
]
