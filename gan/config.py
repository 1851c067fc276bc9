"""Closed, bounded schemas of a model and of a run, and how a run's recipe is chosen.

A recipe is laid together in this order: DEFAULTS, what the family needs, the preset, what the user said. The result is a
`RunConfig` that holds everything a training depends on; nothing is looked up later.
"""

import os
from typing import Annotated, Any, Literal, Self

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError, model_validator

from gan.augment import OPERATIONS, mirroring_suits
from gan.data import Dataset
from gan.errors import ConfigError
from gan.networks import NETWORKS, Settings
from gan.objectives import OBJECTIVES
from gan.penalties import PENALTIES

FORMAT = 1
MAX_CLASSES = 1000

ClassName = Annotated[str, Field(min_length=1, max_length=200)]
Classes = Annotated[tuple[ClassName, ...], Field(max_length=MAX_CLASSES)]
Text = Annotated[str, Field(max_length=2000)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class Closed(BaseModel):
    """Frozen, and refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class NetworkChoice(Closed):
    """Which networks, of which size: the part that a model and a run have in common."""

    family: str
    resolution: int = Field(ge=16, le=512)
    channels: Literal[1, 3]
    z_dim: int = Field(128, ge=1, le=1024)
    classes: Classes = ()
    network: SerializeAsAny[Settings]

    @model_validator(mode="before")
    @classmethod
    def parse_network(cls, values: Any) -> Any:
        """Read `network` by the schema of its family."""
        if isinstance(values, dict) and isinstance(values.get("network"), dict):
            family = NETWORKS.get(str(values.get("family")))
            if family is not None:
                return {**values, "network": family.settings.model_validate(values["network"])}
        return values

    @model_validator(mode="after")
    def check_network(self) -> Self:
        family = NETWORKS.get(self.family)
        if family is None:
            raise ValueError(f"family is {self.family!r}; known are {', '.join(NETWORKS)}")
        if not isinstance(self.network, family.settings):
            raise ValueError(f"network holds no settings of the family {self.family!r}")
        if self.resolution not in family.resolutions:
            sides = ", ".join(map(str, family.resolutions))
            raise ValueError(f"resolution is {self.resolution}; the family {self.family!r} knows {sides}")
        if len(set(self.classes)) != len(self.classes) or len(self.classes) == 1:
            raise ValueError("classes must be two or more different names, or none")
        return self


class TrainingRecord(Closed):
    """Where a model's weights come from."""

    dataset: Text = ""
    images: int = Field(0, ge=0)
    images_seen: int = Field(0, ge=0)
    objective: Text = ""
    parent: Text | None = None
    licence: Text | None = None
    metrics: dict[Annotated[str, Field(max_length=100)], float] = Field(default_factory=dict, max_length=100)


class ModelConfig(NetworkChoice):
    """`config.json` of a model folder."""

    format: Literal[1] = 1
    weights_sha256: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    training: TrainingRecord = TrainingRecord()


class RunConfig(NetworkChoice):
    """`config.json` of a run: the whole recipe, resolved before the first step. Amounts and cadences count pictures."""

    # data
    dataset: Text  # the zip's name
    dataset_hash: str = Field(pattern=r"^[0-9a-f]{8,64}$")
    pictures: int = Field(ge=1)  # trained on, held-out ones not counted
    licence: Text | None = None
    # what starts and ends it
    preset: str = "good"
    parent: Text | None = None
    parent_folder: Text | None = None  # read once, at the very beginning
    images_total: int | None = Field(None, ge=1, le=10**12)  # None until `minutes` has been turned into a total
    minutes: float | None = Field(None, gt=0, le=10**6)
    # the machine
    device: Literal["cpu", "cuda", "mps"] = "cpu"
    precision: Literal["float32", "bfloat16"] = "float32"
    threads: int = Field(1, ge=1, le=1024)
    seed: int = Field(0, ge=0, le=2**32 - 1)
    # the game
    objective: str = "relativistic"
    penalty: str = "r1+r2"
    penalty_weight: float = Field(1.0, ge=0, le=10**6)
    penalty_weight_end: float = Field(1.0, ge=0, le=10**6)
    penalty_every: int = Field(1, ge=1, le=64)  # steps
    # optimisation
    batch: int = Field(32, ge=2, le=4096)
    generator_lr: float = Field(2e-3, gt=0, le=1)
    discriminator_lr: float = Field(2e-3, gt=0, le=1)
    beta1: float = Field(0.0, ge=0, lt=1)
    beta2: float = Field(0.99, ge=0, lt=1)
    lr_end: Fraction = 1.0  # the cosine's end, as a fraction of the start
    warmup_images: int = Field(0, ge=0)
    ema_half_life_images: int = Field(10_000, ge=0)  # 0: no averaging
    ema_ramp: float = Field(0.05, ge=0, le=1)  # half-life at most this fraction of images_seen
    # growth: coarse to fine, (side, share of growth_images by which training leaves it); what is left is at the full side
    growth: Annotated[tuple[tuple[int, Fraction], ...], Field(max_length=8)] = ()
    growth_images: int | None = Field(None, ge=1, le=10**12)  # the first images_total: a run that is extended does not shrink
    # augmentation
    augmentations: tuple[str, ...] = ("flip",)
    augment_strength: Fraction = 0.0
    augment_strength_end: Fraction = 0.0
    # what is kept, by the clock, because it steers nothing
    snapshot_seconds: float = Field(60.0, ge=0, le=86_400)

    @model_validator(mode="after")
    def check_game(self) -> Self:
        for field, table in (("objective", OBJECTIVES), ("penalty", PENALTIES)):
            if getattr(self, field) not in table:
                raise ValueError(f"{field} is {getattr(self, field)!r}; known are {', '.join(table)}")
        unknown = set(self.augmentations) - set(OPERATIONS)
        if unknown:
            raise ValueError(f"augmentations holds {', '.join(sorted(unknown))}; known are {', '.join(OPERATIONS)}")
        sides, shares = [side for side, _ in self.growth], [share for _, share in self.growth]
        known = growing_sides(self.family, self.resolution)
        if sides != [side for side in known if side in sides] or shares != sorted(shares):
            raise ValueError(f"growth is {self.growth}; it may go, from coarse to fine, through {known or 'no side'}")
        if self.images_total is None and self.minutes is None:
            raise ValueError("images_total and minutes are both missing; one of them must say when to end")
        return self


def growing_sides(family: str, resolution: int) -> list[int]:
    """Sides that networks of a family can play at on their way to a resolution, coarse to fine."""
    first = NETWORKS[family].grows_from or resolution
    return [2**i for i in range(first.bit_length() - 1, resolution.bit_length() - 1)]


# What a recipe begins with, then what a family needs by its nature. Presets and the user's own words are laid over these.
DEFAULTS: dict[str, Any] = {"family": "style", "seed": 0}

CLASSIC: dict[str, Any] = {  # the settings of Radford et al. 2015, which the first convolutional GANs shared
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
FAMILY_DEFAULTS: dict[str, dict[str, Any]] = {
    "style": {
        "objective": "relativistic",
        "penalty": "r1+r2",
        "penalty_every": 4,
        "generator_lr": 1e-2,
        "discriminator_lr": 3e-3,
        "lr_end": 0.1,
        "batch": 16,
        "ema_half_life_images": 10_000,
    },
    "dcgan": CLASSIC,
    "mlp": CLASSIC,
}

GAMMA_AT_32 = 0.4
SMALLEST_GROWING_SIDE = 16

# Adam knows nothing of a parent's weights at first, and its first steps are as long as any: they must not undo what was learnt.
FINE_TUNING_WARMUP_IMAGES = 2000

# A small discriminator costs a third of a step less than one of the generator's size, and leaves the generator more to win by.
SMALL_NETWORK = {
    "class_gain": 0.1,
    "deviation_parts": 64,
    "generator_capacity": 1024,
    "discriminator_width": 64,
    "discriminator_capacity": 512,
}
LARGE_NETWORK = {"class_gain": 0.1, "deviation_parts": 64, "generator_capacity": 2048, "discriminator_capacity": 1024}

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"minutes": 10, "network": SMALL_NETWORK},
    "good": {"minutes": 60, "network": SMALL_NETWORK},
    "best": {"minutes": 480, "network": LARGE_NETWORK},
    # What introductions to GANs build first, at the size of its digits. Slips of such texts that are put right here: the sigmoid
    # is part of the loss, which is then stable; pictures are scaled to the range of tanh; and the generator maximises
    # log D(G(z)), whose gradient does not vanish when the discriminator wins. Networks so small bear five times the usual rate.
    "tutorial-mlp": {
        "minutes": 5,
        "family": "mlp",
        "resolution": 28,
        "network": {"generator_widths": [256, 512], "discriminator_widths": [512, 256], "dropout": 0.3},
        "objective": "non-saturating",
        "penalty": "none",
        "generator_lr": 1e-3,
        "discriminator_lr": 1e-3,
        "lr_end": 0.1,
        "batch": 64,
    },
    # Radford et al. 2015, with dropout in the discriminator. Put right: real and generated pictures pass through batch norm in
    # batches of their own; generated pictures are detached in the discriminator's turn and made anew for the generator's; and
    # pictures are made with running statistics, so that one does not depend on its neighbours in a batch.
    "tutorial-dcgan": {
        "minutes": 4,
        "family": "dcgan",
        "resolution": 28,
        "network": {"width": 32, "dropout": 0.25},
        "objective": "non-saturating",
        "penalty": "none",
        "generator_lr": 1e-3,
        "discriminator_lr": 4e-4,
        "lr_end": 0.1,
        "batch": 64,
    },
    # A convolutional critic in colour (Gulrajani et al. 2017). Texts often take the Wasserstein loss without anything that holds
    # the critic's slope: here the penalty does, and leaving it out is refused with the reason. `--objective least-squares
    # --penalty none` shows the other way to keep scores in bounds. The critic has no batch norm, which would undo the penalty.
    "tutorial-wgan": {
        "minutes": 10,
        "family": "dcgan",
        "resolution": 64,
        "channels": 3,
        "network": {"width": 16, "discriminator_batch_norm": False},
        "objective": "wasserstein",
        "penalty": "wgan-gp",
        "penalty_weight": 10.0,
        "penalty_weight_end": 10.0,
        "penalty_every": 2,
        "generator_lr": 5e-4,
        "discriminator_lr": 1e-3,
        "beta1": 0.0,
        "beta2": 0.9,
        "lr_end": 0.1,
        "batch": 32,
    },
}


def detect_device(wanted: str | None = None) -> str:
    """The device to train on: the wanted one, else CUDA, else Apple's, else the CPU; ConfigError where the wanted is absent."""
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted is None:
        return "cuda" if present["cuda"] else "mps" if present["mps"] else "cpu"
    if wanted not in present:
        raise ConfigError("config_field", field="device", found=wanted, expected="cpu, cuda or mps")
    if not present[wanted]:
        raise ConfigError("device_absent", device=wanted, present=", ".join(name for name, there in present.items() if there))
    return wanted


def detect_precision(device: str) -> str:
    """bfloat16 where the device multiplies it faster than float32, for convolutions in training only; sampling is float32."""
    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    return "bfloat16" if device == "cpu" and getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)() else "float32"


def detect_threads() -> int:
    """Threads for training: the cores this process may use, shared with its siblings where several train (torchrun)."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


def check_combination(config: RunConfig) -> None:
    """Refuse what cannot work, with the reason."""
    if OBJECTIVES[config.objective].needs_penalty and config.penalty == "none":
        raise ConfigError("objective_needs_penalty", objective=config.objective)
    multiple = NETWORKS[config.family].batch_multiple
    if config.batch % multiple:
        raise ConfigError("batch_multiple", batch=config.batch, family=config.family, multiple=multiple)
    if config.penalty != "none" and NETWORKS[config.family].discriminator_has_batch_norm(config.network):
        raise ConfigError("penalty_with_batch_norm", penalty=config.penalty)


def parse_run(values: dict[str, Any]) -> RunConfig:
    """A checked RunConfig from plain values, as they stand in a run's config.json. Raises ConfigError."""
    try:
        config = RunConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the recipe"
        raise ConfigError("config_invalid", where=where, problem=first["msg"].removeprefix("Value error, ")) from error
    check_combination(config)
    return config


def preset_values(preset: str) -> dict[str, Any]:
    """What a preset fixes; ConfigError for one that is unknown."""
    if preset not in PRESETS:
        raise ConfigError("config_field", field="preset", found=preset, expected="one of " + ", ".join(PRESETS))
    return PRESETS[preset]


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


def by_resolution(family: str, resolution: int, smallest: int | None) -> dict[str, Any]:
    """What a recipe chooses by the side of its pictures, beginning to grow at `smallest` or at 16; see benchmarks/SEARCH.md.

    Gamma rises with the number of pixels, as in StyleGAN2. Each octave of growth has an equal share of the pictures.
    """
    if NETWORKS[family].grows_from is None:
        return {}
    sides = [side for side in growing_sides(family, resolution) if side >= (smallest or SMALLEST_GROWING_SIDE)]
    gamma = GAMMA_AT_32 * (resolution / 32) ** 2
    return {
        "growth": tuple((side, round((place + 1) / (len(sides) + 1), 3)) for place, side in enumerate(sides)),
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
    grown = by_resolution(family, dataset.resolution, parent.resolution if parent else None)
    usual = DEFAULTS | FAMILY_DEFAULTS[family] | grown | values
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
        values.setdefault("warmup_images", FINE_TUNING_WARMUP_IMAGES)
    if "augmentations" not in values:
        own["augmentations"] = ("flip",) if mirroring_suits(dataset.pictures[_some(dataset.train_indices)]) else ()
    if fixed := own.keys() & wanted.keys() - {"family"}:
        raise TypeError(f"{', '.join(sorted(fixed))} cannot be chosen")
    return parse_run(values | own)
