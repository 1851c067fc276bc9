"""An order: a source of pictures and the user's choices, from which a run is made. The command line, the page and tests use
it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gan import data
from gan.config import ModelConfig, RunConfig, choose_channels, choose_size, resolve_run
from gan.data import Dataset
from gan.data.choices import AS_FOUND, Choices
from gan.errors import ConfigError, RunError
from gan.files import open_home
from gan.limits import LARGEST_SIDE, LEAST_BATCH, LEAST_SIDE, MAX_SEED, MINUTES, MOST_BATCH, MOST_IMAGES
from gan.models import read_config
from gan.runs import Run, check_name, list_runs
from gan.runs.changing import plain_name

Fit = Literal["crop", "pad"]
Progress = Callable[[int, int], None]
"""Receives (done, total) in pictures."""


class Parent(BaseModel):
    """A model to fine-tune: its name, which the config of the run and the model card contain, and its folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    folder: Path

    @property
    def config(self) -> ModelConfig:
        """Return the config of the model in the folder. Raises CheckpointError."""
        return read_config(self.folder)


class Order(BaseModel):
    """The user's choices for a training. None leaves a choice to the preset, the pictures, the parent or the machine.

    The fields are bounded and further fields are refused: `Order.of(…)` makes an order from plain values and raises an error for
    invalid ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    source: str | Path  # source of pictures: a zip, a folder, hf:user/dataset[@revision]
    name: str
    parent: Parent | None = None
    preset: str = "good"
    size: int | None = Field(None, ge=LEAST_SIDE, le=LARGEST_SIDE)  # side in pixels
    fit: Fit = "crop"
    background: str = "white"  # a name or #rrggbb, for transparent and padded areas
    choices: Choices = AS_FOUND  # choices of pictures and classes
    images: int | None = Field(None, ge=1, le=MOST_IMAGES)  # number of training pictures; set either this or minutes
    minutes: float | None = Field(None, ge=MINUTES[0], le=MINUTES[1])
    network: str | None = None  # name of a family
    discriminator: str | None = None
    objective: str | None = None
    penalty: str | None = None
    batch: int | None = Field(None, ge=LEAST_BATCH, le=MOST_BATCH)
    seed: int | None = Field(None, ge=0, le=MAX_SEED)
    device: str | None = None
    threads: int | None = Field(None, ge=1, le=1024)
    settings: dict[str, Any] = Field(default_factory=dict)
    """Further fields of RunConfig by name, such as rates, augmentation and growth."""

    @classmethod
    def of(cls, **choices: Any) -> Self:
        """Return an order made from plain values. Raises ConfigError that names the choice, its value and the values allowed."""
        try:
            return cls.model_validate(choices)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise ConfigError("config_field", field=field, found=first["input"], expected=_allowed(field, first)) from error

    def check_free(self, home: Path) -> None:
        """Raise RunError if a new run cannot have the name. Called before the pictures are prepared, to save that work."""
        if (home / "runs" / check_name(self.name)).exists():
            raise RunError("run_exists", name=self.name)

    def prepare(
        self, home: Path, *, suited: int | None = None, checking: Progress | None = None, preparing: Progress | None = None
    ) -> Dataset:
        """Return the source's pictures as the training will use them; fast where they have been prepared before.

        `suited` is the side that suits the pictures, if the caller has determined it. Otherwise the pictures are inspected for
        it, unless the order, the preset or the parent names a side. Raises DataError, HubError, ConfigError, CheckpointError.
        """
        parent = self.parent.config if self.parent else None
        side = choose_size(self.preset, parent, suited or 0, self.size)
        if not side:
            side = data.default_size(data.inspect(self.source, home=home, choices=self.choices, progress=checking))
        return data.prepare(self.source, home=home, choices=self.choices, progress=preparing, **self.preparation(side))

    def preparation(self, suited: int) -> dict[str, Any]:
        """Return how to prepare pictures: size, channels, fit and background. `suited` is the side unless the order, the preset
        or the parent names one.
        """
        parent = self.parent.config if self.parent else None
        size, channels = choose_size(self.preset, parent, suited, self.size), choose_channels(self.preset, parent)
        return {"size": size, "channels": channels, "fit": self.fit, "background": self.background}

    def resolve(self, dataset: Dataset) -> RunConfig:
        """Return the config that holds everything the training depends on. Raises ConfigError for choices that cannot work,
        CheckpointError for the parent.
        """
        return resolve_run(
            dataset,
            preset=self.preset,
            parent=self.parent.config if self.parent else None,
            parent_name=self.parent.name if self.parent else None,
            parent_folder=str(self.parent.folder) if self.parent else None,
            device=self.device,
            threads=self.threads,
            images=self.images,
            minutes=self.minutes,
            family=self.network,
            discriminator=self.discriminator,
            objective=self.objective,
            penalty=self.penalty,
            batch=self.batch,
            seed=self.seed,
            source=str(self.source),
            fit=self.fit,
            background=self.background,
            choices=self.choices,
            **self.settings,
        )

    def create(
        self, home: Path, *, suited: int | None = None, checking: Progress | None = None, preparing: Progress | None = None
    ) -> Run:
        """Create a run that waits to be trained, with its pictures prepared. Raises GanError; see `prepare` and `resolve`."""
        self.check_free(home)
        open_home(home)  # tests, before the pictures are prepared, what a run needs in the home
        dataset = self.prepare(home, suited=suited, checking=checking, preparing=preparing)
        return Run.create(home, self.name, self.resolve(dataset).model_dump(mode="json"))


def _allowed(field: str, problem: Any) -> str:
    """Return the allowed values of a choice as the sentence `config_field` needs them: the bounds of a number, else pydantic's
    message.
    """
    schema = Order.model_json_schema()["properties"].get(field, {})
    bounds = next((each for each in schema.get("anyOf", [schema]) if "minimum" in each), None)
    return f"{bounds['minimum']:,} … {bounds['maximum']:,}" if bounds else str(problem["msg"])


def free_name(home: Path, wanted: str) -> str:
    """Return a name close to `wanted` that no run has yet."""
    stem = plain_name(wanted, "run")[:48]
    taken = {run.name for run in list_runs(home)}
    return next(name for name in [stem, *(f"{stem}-{count}" for count in range(2, 10_000))] if name not in taken)
