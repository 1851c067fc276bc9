"""Resolves a run's config from the preset, the pictures, the machine, a parent and the user's choices."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from gan.config.licence import with_parent
from gan.config.presets import AUGMENTATIONS, DEFAULTS, FINE_TUNING, FIXED_STRENGTH, LEAST_HELD_OUT, preset_values
from gan.config.schemas import ModelConfig, RunConfig, parse_run
from gan.data import Dataset
from gan.discriminators import DISCRIMINATORS
from gan.errors import ConfigError
from gan.families import FAMILIES, Plan
from gan.losses.augmentation import mirroring_suits
from gan.losses.penalties import PENALTIES
from gan.machine import detect_device, detect_precision, detect_threads


def choose_size(preset: str, parent: ModelConfig | None, default: int, wanted: int | None = None) -> int:
    """Return the side at which to prepare pictures: the one wanted, else the preset's, else the parent's, else `default`."""
    if wanted is not None:
        return wanted
    return preset_values(preset).get("resolution") or (parent.resolution if parent else default)


def choose_channels(preset: str, parent: ModelConfig | None) -> Literal["auto", 1, 3]:
    """Return the number of channels in which to prepare pictures, as the parent or the preset needs them, else "auto", which
    means grey if all pictures are grey.
    """
    return parent.channels if parent else preset_values(preset).get("channels", "auto")


def _some(indices: np.ndarray, count: int = 4000) -> np.ndarray:
    """Return a random part of the indices. Consecutive indices would hold few classes, since neighbours share a class."""
    return np.sort(np.random.RandomState(0).permutation(indices)[:count])


def choose_augmentation(dataset: Dataset, values: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the augmentation of a plan, which depends on the number of held-out pictures that measure overfitting.

    A strength that the user chose replaces the target. Overfitting is measured on the family's own discriminator: without that
    discriminator the strength is fixed, as it is with too few held-out pictures.
    """
    strengths = {"augment_strength", "augment_strength_end"}
    chosen: dict[str, Any] = {}
    if "augmentations" not in values:
        chosen["augmentations"] = ("flip",) if mirroring_suits(dataset.pictures[_some(dataset.train_indices)]) else ()
        chosen["augmentations"] += AUGMENTATIONS if values.get("augment_target") is not None else ()
    if values.get("augment_target") is None or strengths & wanted.keys():
        return chosen | {"augment_target": None}
    kind = DISCRIMINATORS.get(values.get("discriminator", "own"))  # an unknown name is refused later, with the whole plan
    if len(dataset.held_out_indices) >= LEAST_HELD_OUT and (kind is None or kind.own):
        return chosen
    return chosen | {"augment_target": None} | dict.fromkeys(strengths, FIXED_STRENGTH)


def choose_family(preset: Mapping[str, Any], parent: ModelConfig | None, parent_name: str | None, wanted: str | None) -> str:
    """Return the family that the user names, else the parent's, else the preset's. Raises ConfigError."""
    family: str = wanted or (parent.family if parent else preset.get("family", DEFAULTS["family"]))
    if family not in FAMILIES:
        raise ConfigError("config_field", field="network", found=family, expected="one of " + ", ".join(FAMILIES))
    if parent is not None and parent.family != family:
        raise ConfigError("parent_family", parent=parent_name, found=parent.family, family=family)
    return family


def choose_values(
    plan: Plan, preset: Mapping[str, Any], resolution: int, tuned: bool, wanted: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields of the plan. Later sources win: defaults, the family's, fine-tuning's, those by resolution, the preset's,
    the user's.

    A penalty other than the family's usual one has its own default weight.
    """
    tuning = {**FINE_TUNING, **plan.fine_tuning} if tuned else {}
    usual = {**DEFAULTS, **plan.scratch, **tuning, **plan.by_resolution(resolution), **preset}
    values = usual | dict(wanted)
    if isinstance(wanted.get("features"), Mapping):  # settings of the heads are chosen one by one
        values["features"] = {**usual.get("features", {}), **wanted["features"]}
    other = wanted.get("penalty") not in (None, usual.get("penalty"))
    if other and wanted["penalty"] in PENALTIES and "penalty_weight" not in wanted:
        values |= dict.fromkeys(("penalty_weight", "penalty_weight_end"), PENALTIES[wanted["penalty"]].default_weight)
    return values


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
    threads: int | None = None,
    **chosen: Any,
) -> RunConfig:
    """Return the complete config of a run on a prepared dataset. `chosen` holds RunConfig fields that the user named; None leaves
    a field open.

    Fields that follow from the dataset, the parent and the machine cannot be chosen (TypeError). A fine-tuned model keeps its
    parent's networks. Raises ConfigError for choices that cannot work.
    """
    values = dict(preset_values(preset))
    wanted = {name: value for name, value in chosen.items() if value is not None}
    family = choose_family(values, parent, parent_name, wanted.get("family"))
    plan = FAMILIES[family].plan
    network = values.pop("network", {})
    if values.pop("family", family) != family:  # the preset is for other networks
        network = {}
    usual_minutes = values.pop("minutes", None)
    for prepared in ("resolution", "channels"):  # properties of the pictures, which are already prepared
        values.pop(prepared, None)
    values = choose_values(plan, values, dataset.resolution, parent is not None, wanted)
    if parent is None and not wanted.keys() & {"objective", "penalty"}:
        values.setdefault("discriminator", plan.discriminator(dataset.resolution, len(dataset.train_indices)))
    device = detect_device(device)
    own = {
        "family": family,
        "preset": preset,
        "network": {**plan.networks.get(preset, {}), **plan.network_under(values), **network},
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
        "threads": threads or detect_threads(),
        "fit_threads": threads is None and device == "cpu",
    }
    if parent is not None:
        own |= {"network": parent.network.model_dump(), "z_dim": parent.z_dim}
        values["licence"] = with_parent(values.get("licence"), parent_name or "–", parent.training)
    values |= choose_augmentation(dataset, values, wanted)
    if fixed := own.keys() & wanted.keys() - {"family"}:
        raise TypeError(f"{', '.join(sorted(fixed))} cannot be chosen")
    return parse_run(values | own)
