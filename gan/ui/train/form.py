"""The training form: how long and from what, with the rest in a closed drawer; and the recipe that comes of it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import gradio as gr

from gan import data
from gan.config import PRESETS, ModelConfig, RunConfig, choose_channels, choose_size, preset_values, resolve_run
from gan.data import Dataset
from gan.errors import ConfigError
from gan.families import FAMILIES
from gan.losses.objectives import OBJECTIVES
from gan.losses.penalties import PENALTIES
from gan.models import read_config
from gan.playing.shelf import Shelf
from gan.runs import list_runs
from gan.ui.language import text
from gan.words import Language, say

MINUTES = (0.1, 100_000)
SEEDS = (0, 2**32 - 1)

Fit = Literal["crop", "pad"]

FROM_SCRATCH = ""
AS_PRESET = ""
FIRST_PRESET = "good"
BATCHES = (8, 16, 32, 64, 128, 256)
SIDES = (16, 32, 64, 128, 256, 512)


@dataclass(frozen=True)
class Form:
    """What a visitor chose, in the order of Fields."""

    name: str
    parent: str
    preset: str
    minutes: float | None
    side: int
    network: str
    objective: str
    penalty: str
    batch: int
    seed: int
    fit: Fit


class Dropped(NamedTuple):
    """A zip that was read: where it is, and the side that suits its pictures."""

    path: Path
    size: int


class Fields(NamedTuple):
    """The form's components."""

    name: gr.Textbox
    parent: gr.Dropdown
    preset: gr.Dropdown
    minutes: gr.Number
    side: gr.Dropdown
    network: gr.Dropdown
    objective: gr.Dropdown
    penalty: gr.Dropdown
    batch: gr.Dropdown
    seed: gr.Number
    fit: gr.Radio


def recipe_form() -> Fields:
    """Build the fields."""
    as_preset = (text("recipe_as_preset"), AS_PRESET)
    name = gr.Textbox(label=text("recipe_name"), max_lines=1, elem_id="run-name")
    parent = gr.Dropdown(
        [(text("recipe_scratch"), FROM_SCRATCH)],
        value=FROM_SCRATCH,
        label=text("recipe_parent"),
        info=text("recipe_parent_info"),
        elem_id="parent",
    )
    presets = [(text(f"preset_{preset.replace('-', '_')}"), preset) for preset in PRESETS]
    preset = gr.Dropdown(presets, value=FIRST_PRESET, label=text("recipe_preset"), filterable=False, elem_id="preset")
    minutes = gr.Number(
        usual_minutes(FIRST_PRESET),
        label=text("recipe_minutes"),
        info=text("recipe_minutes_info"),
        elem_id="minutes",
    )
    with gr.Accordion(text("recipe_more"), open=False, elem_classes="drawer"):
        sides: list[tuple[Any, int]] = [(text("recipe_side_auto"), 0), *((f"{side} × {side}", side) for side in SIDES)]
        side = gr.Dropdown(sides, value=0, label=text("recipe_side"), filterable=False, elem_id="side")
        network = gr.Dropdown([as_preset, *FAMILIES], value=AS_PRESET, label=text("recipe_network"), filterable=False)
        objective = gr.Dropdown([as_preset, *OBJECTIVES], value=AS_PRESET, label=text("recipe_objective"), filterable=False)
        penalty = gr.Dropdown(
            [as_preset, *PENALTIES],
            value=AS_PRESET,
            label=text("recipe_penalty"),
            info=text("recipe_penalty_info"),
            filterable=False,
        )
        batches: list[tuple[Any, int]] = [(text("recipe_as_preset"), 0), *((str(batch), batch) for batch in BATCHES)]
        batch = gr.Dropdown(
            batches, value=0, label=text("recipe_batch"), info=text("recipe_batch_info"), filterable=False, elem_id="batch"
        )
        seed = gr.Number(0, label=text("recipe_seed"), info=text("recipe_seed_info"), precision=0)
        fits = [(text("recipe_crop"), "crop"), (text("recipe_pad"), "pad")]
        fit = gr.Radio(fits, value="crop", label=text("recipe_fit"), info=text("recipe_fit_info"))
    return Fields(name, parent, preset, minutes, side, network, objective, penalty, batch, seed, fit)


def parent_choices(shelf: Shelf, language: Language) -> list[tuple[str, str]]:
    """What a training can start from."""
    return [(say(language, "recipe_scratch"), FROM_SCRATCH), *shelf.choices(language)]


def usual_minutes(preset: str) -> float | None:
    """How long a preset means to train; None where it counts pictures instead."""
    minutes: float | None = preset_values(preset).get("minutes")
    return minutes


def free_name(home: Path, wanted: str) -> str:
    """A name for a run that is not taken yet, close to `wanted`."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", wanted).strip("-._")[:48] or "run"
    taken = {run.name for run in list_runs(home)}
    return next(name for name in [stem, *(f"{stem}-{count}" for count in range(2, 10_000))] if name not in taken)


def prepare(form: Form, dropped: Dropped, shelf: Shelf, progress: Any) -> Dataset:
    """The zip's pictures as the form's training will see them; quick where they have been prepared before."""
    parent = _parent(form, shelf)
    size = choose_size(form.preset, parent, dropped.size, form.side or None)
    channels = choose_channels(form.preset, parent)
    return data.prepare(dropped.path, home=shelf.home, size=size, channels=channels, fit=form.fit, progress=progress)


def resolve(form: Form, dataset: Dataset, shelf: Shelf) -> RunConfig:
    """The whole recipe. Raises ConfigError."""
    for field, value, (least, most) in (("minutes", form.minutes, MINUTES), ("seed", form.seed, SEEDS)):
        if value is not None and not least <= value <= most:
            raise ConfigError("config_field", field=field, found=value, expected=f"{least} … {most}")
    entry = shelf.entry(form.parent) if form.parent else None
    return resolve_run(
        dataset,
        preset=form.preset,
        parent=_parent(form, shelf),
        parent_name=entry.name if entry else None,
        parent_folder=str(entry.folder) if entry else None,
        minutes=form.minutes,
        family=form.network or None,
        objective=form.objective or None,
        penalty=form.penalty or None,
        batch=form.batch or None,
        seed=form.seed,
    )


def _parent(form: Form, shelf: Shelf) -> ModelConfig | None:
    return read_config(shelf.entry(form.parent).folder) if form.parent else None
