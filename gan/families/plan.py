"""The usual plan of a family: what a training chooses where the user chose nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Fields of `gan.config.RunConfig`, as a family needs them."""

    scratch: Values
    """For every training."""
    fine_tuning: Values = field(default_factory=dict)
    """Also for a training that starts from a model."""
    by_resolution: Callable[[int], Values] = lambda resolution: {}
    """Also for pictures of a side."""
    discriminator: Callable[[int, int], str] = lambda resolution, pictures: "own"
    """Which discriminators play from scratch, by the side and the number of pictures: a name in the table DISCRIMINATORS.

    A training with an objective or a penalty of the user's choice plays with the family's own, so that the choice shows.
    """
    networks: Mapping[str, Values] = field(default_factory=dict)
    """Network settings by preset, for the presets that every family shares."""
    presets: Mapping[str, Values] = field(default_factory=dict)
    """The family's own presets, by name: fields of RunConfig, network settings and a length in `minutes`."""
    network_under: Callable[[Values], Values] = lambda values: {}
    """Network settings that follow from the rest of the plan; presets and users go before."""


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
