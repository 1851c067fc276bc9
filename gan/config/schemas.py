"""Closed, bounded schemas of a model and of a run."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError, model_validator

from gan.data.choices import AS_FOUND, Choices
from gan.discriminators import DISCRIMINATORS, FeatureSettings
from gan.errors import ConfigError
from gan.families import FAMILIES, Settings
from gan.limits import LARGEST_SIDE, LEAST_SIDE, MAX_DIM, MAX_SEED, NAME_LENGTH
from gan.losses.augmentation import OPERATIONS
from gan.losses.objectives import OBJECTIVES
from gan.losses.penalties import PENALTIES

FORMAT = 1
MAX_CLASSES = 1000

ClassName = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH)]
Classes = Annotated[tuple[ClassName, ...], Field(max_length=MAX_CLASSES)]
Text = Annotated[str, Field(max_length=2000)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class Closed(BaseModel):
    """Base of schemas that are frozen and refuse unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class NetworkChoice(Closed):
    """The fields that a model and a run share: the family of networks, and their size."""

    family: str
    resolution: int = Field(ge=LEAST_SIDE, le=LARGEST_SIDE)
    channels: Literal[1, 3]
    z_dim: int = Field(128, ge=1, le=MAX_DIM)
    classes: Classes = ()
    network: SerializeAsAny[Settings]

    @model_validator(mode="before")
    @classmethod
    def parse_network(cls, values: Any) -> Any:
        """Parse `network` by the schema of its family."""
        if isinstance(values, dict) and isinstance(values.get("network"), dict):
            family = FAMILIES.get(str(values.get("family")))
            if family is not None:
                return {**values, "network": family.settings.model_validate(values["network"])}
        return values

    @model_validator(mode="after")
    def check_network(self) -> Self:
        family = FAMILIES.get(self.family)
        if family is None:
            raise ValueError(f"family is {self.family!r}; known are {', '.join(FAMILIES)}")
        if not isinstance(self.network, family.settings):
            raise ValueError(f"network holds no settings of the family {self.family!r}")
        if self.resolution not in family.resolutions:
            sides = ", ".join(map(str, family.resolutions))
            raise ValueError(f"resolution is {self.resolution}; the family {self.family!r} knows {sides}")
        if len(set(self.classes)) != len(self.classes) or len(self.classes) == 1:
            raise ValueError("classes must be two or more different names, or none")
        return self


class TrainingRecord(Closed):
    """The record of how a model's weights were trained."""

    dataset: Text = ""
    images: int = Field(0, ge=0)
    images_seen: int = Field(0, ge=0)
    objective: Text = ""
    parent: Text | None = None
    licence: Text | None = None
    metrics: dict[Annotated[str, Field(max_length=100)], float] = Field(default_factory=dict, max_length=100)


class ModelConfig(NetworkChoice):
    """The content of `config.json` in a model folder."""

    format: Literal[1] = 1
    weights_sha256: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    training: TrainingRecord = TrainingRecord()


class RunConfig(NetworkChoice):
    """`config.json` of a run: its whole plan, resolved before the first step. Amounts and intervals count pictures."""

    # data
    dataset: Text  # the zip's name
    dataset_hash: str = Field(pattern=r"^[0-9a-f]{8,64}$")
    pictures: int = Field(ge=1)  # training pictures, without those held out
    licence: Text | None = None
    source: Text | None = None  # this and the next three fields record how to prepare the same set again
    fit: Literal["crop", "pad"] = "crop"
    background: Annotated[str, Field(max_length=50)] = "white"
    choices: Choices = AS_FOUND
    # start and end
    preset: str = "good"
    parent: Text | None = None
    parent_folder: Text | None = None  # read once, at the start
    images_total: int | None = Field(None, ge=1, le=10**12)  # None until the measured speed turns `minutes` into a total
    minutes: float | None = Field(None, gt=0, le=10**6)
    plan_settled: bool = False  # whether the total is final: corrected by the speed measured at full size
    schedule_images: int | None = Field(None, ge=1, le=10**12)  # length of the schedules; None: images_total
    # the machine
    device: Literal["cpu", "cuda", "mps"] = "cpu"
    precision: Literal["float32", "bfloat16"] = "float32"
    threads: int = Field(1, ge=1, le=1024)
    fit_threads: bool = False  # whether a training by the clock uses fewer threads if steps are then faster
    seed: int = Field(0, ge=0, le=MAX_SEED)
    # the game and its losses
    game: str = Field("adversarial", pattern=r"^[a-z][a-z0-9-]{0,31}$")  # a name in the table GAMES
    discriminator: str = "own"  # a name in the table DISCRIMINATORS
    features: FeatureSettings = FeatureSettings()  # settings of the heads on pretrained features
    objective: str = "relativistic"  # loss of the family's own discriminator; `penalty` below applies only to it
    penalty: str = "r1+r2"
    penalty_weight: float = Field(1.0, ge=0, le=10**6)
    penalty_weight_end: float = Field(1.0, ge=0, le=10**6)
    penalty_every: int = Field(1, ge=1, le=64)  # in steps
    # optimisation
    batch: int = Field(32, ge=2, le=4096)
    generator_lr: float = Field(2e-3, gt=0, le=1)
    discriminator_lr: float = Field(2e-3, gt=0, le=1)
    beta1: float = Field(0.0, ge=0, lt=1)
    beta2: float = Field(0.99, ge=0, lt=1)
    lr_falls_from: Annotated[float, Field(ge=0, lt=1)] = 0.0  # fraction of the training before the cosine decay begins
    lr_end: Fraction = 1.0  # learning rate at the end of the cosine decay, as a fraction of the start
    warmup_images: int = Field(0, ge=0)
    ema_half_life_images: int = Field(10_000, ge=0)  # 0 turns averaging off
    ema_ramp: float = Field(0.05, ge=0, le=1)  # the half-life is at most this fraction of images_seen
    # growth from coarse to fine: (side, fraction of growth_images at which training leaves that side); the remainder trains at
    # full side
    growth: Annotated[tuple[tuple[int, Fraction], ...], Field(max_length=8)] = ()
    growth_images: int | None = Field(None, ge=1, le=10**12)  # the first value of images_total, even if the run is extended
    growth_softened: bool = False  # whether small pictures are blurred slightly
    # augmentation
    augmentations: tuple[str, ...] = ("flip",)
    augment_strength: Fraction = 0.0
    augment_strength_end: Fraction = 0.0
    # The strength of augmentation rises above this overfitting and falls below it. None: it does not adapt.
    augment_target: Fraction | None = None
    # snapshots, timed by the clock because they do not change the training
    snapshot_seconds: float = Field(60.0, ge=0, le=86_400)

    @model_validator(mode="after")
    def check_game(self) -> Self:
        tables: dict[str, dict[str, Any]] = {"discriminator": DISCRIMINATORS, "objective": OBJECTIVES, "penalty": PENALTIES}
        for field, table in tables.items():
            if getattr(self, field) not in table:
                raise ValueError(f"{field} is {getattr(self, field)!r}; known are {', '.join(table)}")
        unknown = set(self.augmentations) - set(OPERATIONS)
        if unknown:
            raise ValueError(f"augmentations holds {', '.join(sorted(unknown))}; known are {', '.join(OPERATIONS)}")
        sides, shares = [side for side, _ in self.growth], [share for _, share in self.growth]
        known = FAMILIES[self.family].growing_sides(self.resolution)
        if sides != [side for side in known if side in sides] or shares != sorted(shares):
            raise ValueError(f"growth is {self.growth}; it may go, from coarse to fine, through {known or 'no side'}")
        if self.images_total is None and self.minutes is None:
            raise ValueError("images_total and minutes are both missing; one of them must say when to end")
        return self


def check_combination(config: RunConfig) -> None:
    """Raise ConfigError, with the reason, for choices that cannot work together."""
    if OBJECTIVES[config.objective].needs_penalty and config.penalty == "none":
        raise ConfigError("objective_needs_penalty", objective=config.objective)
    family = FAMILIES[config.family]
    multiple = batch_multiple(config)
    if config.batch % multiple:
        raise ConfigError("batch_multiple", batch=config.batch, family=config.family, multiple=multiple)
    if config.penalty != "none" and family.separate_passes(config.network):
        raise ConfigError("penalty_with_batch_norm", penalty=config.penalty)
    if config.augment_target is not None and family.separate_passes(config.network):
        raise ConfigError("adapting_with_batch_norm")
    if config.augment_target is not None and not DISCRIMINATORS[config.discriminator].own:
        raise ConfigError("adapting_without_own", discriminator=config.discriminator)


def batch_multiple(config: RunConfig) -> int:
    """Return the number that a batch, and each process's part of it, must be a multiple of."""
    kind = DISCRIMINATORS[config.discriminator]
    own = FAMILIES[config.family].batch_multiple if kind.own else 1
    return math.lcm(own, config.features.group if kind.features else 1)


def parse_run(values: dict[str, Any]) -> RunConfig:
    """Return a checked RunConfig from plain values, as in a run's config.json. Raises ConfigError."""
    try:
        config = RunConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the plan"
        raise ConfigError("config_invalid", where=where, problem=first["msg"].removeprefix("Value error, ")) from error
    check_combination(config)
    return config
