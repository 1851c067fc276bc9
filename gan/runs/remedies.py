"""Remedies, which turn the config of a run into that of a new run, or extend the run."""

from collections.abc import Callable, Mapping
from typing import Any

from gan.config import RunConfig, batch_multiple, parse_run
from gan.config.presets import AUGMENTATIONS, FIXED_STRENGTH
from gan.errors import ConfigError
from gan.families import FAMILIES
from gan.losses.penalties import PENALTIES
from gan.runs.folder import Status

STRONGER_PENALTY = 4.0  # factor on the weight
FIRST_PENALTY = "r1"  # used for a run without a penalty
LOWER_RATE = 0.5


def lower_rate(config: RunConfig) -> dict[str, Any]:
    """Halve the learning rate of both networks."""
    return {"generator_lr": LOWER_RATE * config.generator_lr, "discriminator_lr": LOWER_RATE * config.discriminator_lr}


def stronger_penalty(config: RunConfig) -> dict[str, Any]:
    """Multiply the penalty's weight by four; without a penalty, add R1 with the network settings that it needs."""
    if config.penalty != "none":
        return {name: STRONGER_PENALTY * getattr(config, name) for name in ("penalty_weight", "penalty_weight_end")}
    weight = PENALTIES[FIRST_PENALTY].default_weight
    under = FAMILIES[config.family].plan.network_under({"penalty": FIRST_PENALTY})
    return {
        "penalty": FIRST_PENALTY,
        "penalty_weight": weight,
        "penalty_weight_end": weight,
        "network": config.network.model_dump() | dict(under),
    }


def stronger_augmentation(config: RunConfig) -> dict[str, Any]:
    """Halve the overfitting above which augmentation grows stronger; if its strength is fixed, double the strength."""
    kinds = tuple(dict.fromkeys((*config.augmentations, *AUGMENTATIONS)))
    if config.augment_target is not None:
        return {"augmentations": kinds, "augment_target": config.augment_target / 2}
    strength = min(1.0, max(FIXED_STRENGTH, 2 * config.augment_strength))
    return {"augmentations": kinds, "augment_strength": strength, "augment_strength_end": strength}


def smaller_batch(config: RunConfig) -> dict[str, Any]:
    """Halve the batch, which takes about half the memory. Raises ConfigError where the batch cannot be smaller."""
    multiple = batch_multiple(config)
    batch = config.batch // 2 // multiple * multiple
    if batch < 2:
        raise ConfigError("batch_smallest", batch=config.batch)
    return {"batch": batch}


REMEDIES: dict[str, Callable[[RunConfig], dict[str, Any]]] = {
    "lower_rate": lower_rate,
    "stronger_penalty": stronger_penalty,
    "stronger_augmentation": stronger_augmentation,
    "smaller_batch": smaller_batch,
}
"""Remedies by name: each returns the fields of a plan that it changes."""


def begin_again(config: Mapping[str, Any], remedy: str) -> dict[str, Any]:
    """Return the config of a new run that repeats another from its beginning, changed by a remedy. Raises ConfigError."""
    known = parse_run(dict(config))
    by_clock = known.minutes is not None
    fresh = {
        "images_total": None if by_clock else known.images_total,
        "growth_images": None if by_clock else known.images_total,
        "schedule_images": None,
        "plan_settled": False,
    }
    return parse_run(known.model_dump(mode="json") | fresh | REMEDIES[remedy](known)).model_dump(mode="json")


def as_long_again(config: Mapping[str, Any], status: Status) -> dict[str, Any]:
    """Return options of `queue.submit` that double a training: minutes for a run with a time limit, else a total of pictures."""
    if config.get("minutes") is not None:
        return {"minutes": max(1.0, round(status.seconds / 60, 1))}
    return {"images": 2 * max(status.images_seen, int(config.get("images_total") or 1))}
