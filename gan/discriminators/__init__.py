"""The discriminators of a training: the family's own discriminator, heads on pretrained features, or both.

A new kind is a line in DISCRIMINATORS. Training builds the discriminators of the kind, each with its own optimiser, and adds up
the generator's gradients: those of the own discriminator, and `weight_at(…)` times those of the heads.
"""

from dataclasses import dataclass

from gan.discriminators.features import FeatureDiscriminator, FeatureSettings, weight_at

__all__ = ["DISCRIMINATORS", "FeatureDiscriminator", "FeatureSettings", "Kind", "weight_at"]


@dataclass(frozen=True)
class Kind:
    """A choice of discriminators that are trained against the generator."""

    own: bool
    """Whether the family's own discriminator is trained, with its objective and penalty."""
    features: bool
    """Whether heads on the frozen features of `gan.vision` are trained, without a penalty."""


DISCRIMINATORS: dict[str, Kind] = {
    "own": Kind(own=True, features=False),
    "features": Kind(own=False, features=True),
    "both": Kind(own=True, features=True),
}
