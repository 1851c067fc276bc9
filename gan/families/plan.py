"""The usual plan of a family: the settings of a training that the user did not choose."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A family's values for fields of `gan.config.RunConfig`."""

    scratch: Values
    """Values for every training."""
    fine_tuning: Values = field(default_factory=dict)
    """Additional values for a training that starts from a model."""
    by_resolution: Callable[[int], Values] = lambda resolution: {}
    """Additional values for pictures of a given side."""
    discriminator: Callable[[int, int], str] = lambda resolution, pictures: "own"
    """Takes the side and the number of pictures, and returns the discriminators of a training from scratch: a name in
    DISCRIMINATORS.

    If the user chose an objective or a penalty, the training uses only the family's own discriminator, so that the choice has its
    full effect.
    """
    networks: Mapping[str, Values] = field(default_factory=dict)
    """Network settings for each preset that all families share."""
    presets: Mapping[str, Values] = field(default_factory=dict)
    """The family's own presets by name: fields of RunConfig, network settings and a length in `minutes`."""
    network_under: Callable[[Values], Values] = lambda values: {}
    """Network settings that follow from the rest of the plan, and replace those of `networks`. The family's own presets and the
    user's choices override them.
    """


CLASSIC: Values = {  # Radford et al. 2015; the first convolutional GANs shared these settings
    "objective": "non-saturating",
    "penalty": "none",
    "generator_lr": 2e-4,
    "discriminator_lr": 2e-4,
    "beta1": 0.5,
    "beta2": 0.999,
    "batch": 64,
    "z_dim": 100,
    "ema_half_life_images": 5_000,
}
