"""Quality, variety and memorisation of a model's pictures.

measures.py   measures against real pictures, without any pretrained network
mixtures.py   whether samples are mixtures of a few training pictures
inception.py  FID and KID with Inception: an optional extra
"""

from gan.metrics.inception import evaluate_inception, fetch_inception
from gan.metrics.measures import (
    closest_pairs,
    copied_interval,
    copied_share,
    copying,
    diversity,
    evaluate,
    evenly,
    make_samples,
    mean_picture_distance,
    memorisation,
    nearest,
    observe,
    sliced_wasserstein,
    sliced_wasserstein_levels,
    spread,
    take,
)
from gan.metrics.mixtures import Mixtures

__all__ = [
    "Mixtures",
    "closest_pairs",
    "copied_interval",
    "copied_share",
    "copying",
    "diversity",
    "evaluate",
    "evaluate_inception",
    "evenly",
    "fetch_inception",
    "make_samples",
    "mean_picture_distance",
    "memorisation",
    "nearest",
    "observe",
    "sliced_wasserstein",
    "sliced_wasserstein_levels",
    "spread",
    "take",
]
