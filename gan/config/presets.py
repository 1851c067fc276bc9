"""Presets, and the defaults of every family."""

from collections.abc import Mapping
from typing import Any

from gan.errors import ConfigError
from gan.families import FAMILIES

DEFAULTS: dict[str, Any] = {"family": next(iter(FAMILIES)), "seed": 0}

# Adam starts without statistics, so its first steps have full length. The warm-up keeps them from undoing a parent's weights.
FINE_TUNING: dict[str, Any] = {"warmup_images": 2000}

# Augmentations keep the discriminator from memorising pictures; their probability follows the discriminator's overfitting. With
# fewer than LEAST_HELD_OUT held-out pictures overfitting cannot be measured. Then the probability is FIXED_STRENGTH throughout, a
# guess; Zhao et al. 2020 augment every picture.
AUGMENTATIONS = ("colour", "translation", "cutout")
LEAST_HELD_OUT = 16
FIXED_STRENGTH = 0.3

SHARED_PRESETS: dict[str, dict[str, Any]] = {"quick": {"minutes": 10}, "good": {"minutes": 60}, "best": {"minutes": 480}}
"""Training lengths that suit every family; each family's plan names the networks for them."""


def all_presets() -> dict[str, dict[str, Any]]:
    """Return the shared presets, then each family's own, starting with the last and simplest family."""
    presets = dict(SHARED_PRESETS)
    for family, entry in reversed(FAMILIES.items()):
        presets |= {name: {"family": family} | dict(values) for name, values in entry.plan.presets.items()}
    return presets


PRESETS: Mapping[str, dict[str, Any]] = all_presets()


def preset_values(preset: str) -> dict[str, Any]:
    """Return the fields that a preset fixes. Raises ConfigError for an unknown preset."""
    if preset not in PRESETS:
        raise ConfigError("config_field", field="preset", found=preset, expected="one of " + ", ".join(PRESETS))
    return PRESETS[preset]
