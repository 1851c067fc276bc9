"""How a run's recipe is chosen: from the preset, the pictures, the machine, a parent, and what the user said."""

from typing import Any, Literal

import numpy as np

from gan.config.licence import with_parent
from gan.config.presets import (
    AUGMENTATIONS,
    DEFAULTS,
    FAMILY_DEFAULTS,
    FAMILY_FINE_TUNING,
    FINE_TUNING,
    FIXED_STRENGTH,
    GAMMA_AT_32,
    GROWING_SHARE,
    LEAST_HELD_OUT,
    SMALLEST_GROWING_SIDE,
    preset_values,
)
from gan.config.schemas import ModelConfig, RunConfig, growing_sides, parse_run
from gan.data import Dataset
from gan.errors import ConfigError
from gan.families import NETWORKS
from gan.losses.augmentation import mirroring_suits
from gan.losses.penalties import PENALTIES
from gan.machine import detect_device, detect_precision, detect_threads


def choose_size(preset: str, parent: ModelConfig | None, default: int, wanted: int | None = None) -> int:
    """The side to prepare pictures at: what is wanted, else the preset's or the parent's, else `default`."""
    if wanted is not None:
        return wanted
    return preset_values(preset).get("resolution") or (parent.resolution if parent else default)


def choose_channels(preset: str, parent: ModelConfig | None) -> Literal["auto", 1, 3]:
    """Grey or colour to prepare pictures in: the parent's or the preset's, else as the pictures are."""
    return parent.channels if parent else preset_values(preset).get("channels", "auto")


def _some(indices: np.ndarray, count: int = 4000) -> np.ndarray:
    """A few of the indices, chosen at random: neighbours are of one class."""
    return np.sort(np.random.RandomState(0).permutation(indices)[:count])


def choose_augmentation(dataset: Dataset, values: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What a recipe that aims at an `augment_target` does to pictures, by how many are held out to measure it on.

    A strength that the user named goes before any target.
    """
    strengths = {"augment_strength", "augment_strength_end"}
    chosen: dict[str, Any] = {}
    if "augmentations" not in values:
        chosen["augmentations"] = ("flip",) if mirroring_suits(dataset.pictures[_some(dataset.train_indices)]) else ()
        chosen["augmentations"] += AUGMENTATIONS if values.get("augment_target") is not None else ()
    if values.get("augment_target") is None or strengths & wanted.keys():
        return chosen | {"augment_target": None}
    if len(dataset.held_out_indices) >= LEAST_HELD_OUT:
        return chosen
    return chosen | {"augment_target": None} | dict.fromkeys(strengths, FIXED_STRENGTH)


def by_resolution(family: str, resolution: int) -> dict[str, Any]:
    """What a recipe chooses by the side of its pictures, from scratch as in fine-tuning; see benchmarks/SEARCH.md.

    Gamma rises with the number of pixels, as in StyleGAN2. Smaller sides have equal shares of GROWING_SHARE.
    """
    if NETWORKS[family].grows_from is None:
        return {}
    sides = [side for side in growing_sides(family, resolution) if side >= SMALLEST_GROWING_SIDE]
    gamma = GAMMA_AT_32 * (resolution / 32) ** 2
    return {
        "growth": tuple((side, round(GROWING_SHARE * (place + 1) / len(sides), 3)) for place, side in enumerate(sides)),
        "penalty_weight": gamma,
        "penalty_weight_end": gamma / 4,
    }


def resolve_run(
    dataset: Dataset,
    *,
    preset: str = "good",
    parent: ModelConfig | None = None,
    parent_name: str | None = None,
    parent_folder: str | None = None,
    device: str | None = None,
    images: int | None = None,
    minutes: float | None = None,
    **chosen: Any,
) -> RunConfig:
    """The whole recipe for a prepared dataset. `chosen` are RunConfig fields the user named; None leaves a field to us.

    What follows from dataset, parent and machine cannot be chosen: a TypeError says so.
    A fine-tuned model keeps its parent's networks. Raises ConfigError for what cannot work.
    """
    values = dict(preset_values(preset))
    usual_minutes = values.pop("minutes", None)
    wanted = {name: value for name, value in chosen.items() if value is not None}
    family = wanted.get("family") or (parent.family if parent else values.get("family", DEFAULTS["family"]))
    if family not in NETWORKS:
        raise ConfigError("config_field", field="network", found=family, expected="one of " + ", ".join(NETWORKS))
    if parent is not None and parent.family != family:
        raise ConfigError("parent_family", parent=parent_name, found=parent.family, family=family)
    network = values.pop("network", {}) if family == values.pop("family", "style") else {}
    values.pop("resolution", None)  # the pictures are prepared by now: choose_size and preset_values have been asked
    values.pop("channels", None)
    grown = by_resolution(family, dataset.resolution)
    tuning = FINE_TUNING | FAMILY_FINE_TUNING.get(family, {}) if parent else {}
    usual = DEFAULTS | FAMILY_DEFAULTS[family] | tuning | grown | values
    values = usual | wanted
    other = wanted.get("penalty") not in (None, usual.get("penalty"))
    if other and wanted["penalty"] in PENALTIES and "penalty_weight" not in wanted:
        values |= dict.fromkeys(("penalty_weight", "penalty_weight_end"), PENALTIES[wanted["penalty"]].default_weight)
    if family == "dcgan" and values["penalty"] != "none":
        network = {"discriminator_batch_norm": False} | network
    device = detect_device(device)
    own = {
        "family": family,
        "preset": preset,
        "network": network,
        "resolution": dataset.resolution,
        "channels": dataset.channels,
        "classes": tuple(dataset.classes),
        "dataset": dataset.name,
        "dataset_hash": dataset.hash,
        "pictures": len(dataset.train_indices),
        "parent": parent_name,
        "parent_folder": parent_folder,
        "images_total": images,
        "growth_images": images,
        "minutes": usual_minutes if images is None and minutes is None else minutes,
        "device": device,
        "precision": detect_precision(device),
        "threads": detect_threads(),
    }
    if parent is not None:
        own |= {"network": parent.network.model_dump(), "z_dim": parent.z_dim}
        values["licence"] = with_parent(values.get("licence"), parent_name or "–", parent.training)
    values |= choose_augmentation(dataset, values, wanted)
    if fixed := own.keys() & wanted.keys() - {"family"}:
        raise TypeError(f"{', '.join(sorted(fixed))} cannot be chosen")
    return parse_run(values | own)
