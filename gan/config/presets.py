"""Presets, and the defaults that hold for every family."""

from collections.abc import Mapping
from typing import Any

from gan.errors import ConfigError
from gan.families import FAMILIES

DEFAULTS: dict[str, Any] = {"family": next(iter(FAMILIES)), "seed": 0}

# Adam starts without statistics, and its first steps are full length: a warm-up keeps them from undoing a parent's weights.
FINE_TUNING: dict[str, Any] = {"warmup_images": 2000}

# Augmentations that keep the discriminator from memorising pictures, applied as often as it overfits. With fewer than
# LEAST_HELD_OUT held-out pictures overfitting cannot be measured; FIXED_STRENGTH is used instead, a guess after Zhao et al. 2020,
# who always augment.
AUGMENTATIONS = ("colour", "translation", "cutout")
LEAST_HELD_OUT = 16
FIXED_STRENGTH = 0.3

SHARED_PRESETS: dict[str, dict[str, Any]] = {"quick": {"minutes": 10}, "good": {"minutes": 60}, "best": {"minutes": 480}}
"""Lengths that suit every family; its plan says which networks they take."""


def all_presets() -> dict[str, dict[str, Any]]:
    """The shared presets, then each family's own, the last and simplest family first."""
    presets = dict(SHARED_PRESETS)
    for family, entry in reversed(FAMILIES.items()):
        presets |= {name: {"family": family} | dict(values) for name, values in entry.plan.presets.items()}
    return presets


PRESETS: Mapping[str, dict[str, Any]] = all_presets()


def preset_values(preset: str) -> dict[str, Any]:
    """The fields that a preset fixes. Raises ConfigError for an unknown one."""
    if preset not in PRESETS:
        raise ConfigError("config_field", field="preset", found=preset, expected="one of " + ", ".join(PRESETS))
    return PRESETS[preset]
