"""The training form: how long and from what, with the rest in a closed drawer; and the order that it makes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from gan.config import PRESETS, preset_values
from gan.discriminators import DISCRIMINATORS
from gan.families import FAMILIES
from gan.losses.objectives import OBJECTIVES
from gan.losses.penalties import PENALTIES
from gan.order import Fit, Order, Parent
from gan.playing.shelf import Shelf
from gan.ui.language import text
from gan.words import Language, say

FROM_SCRATCH = ""
AS_PRESET = ""
FIRST_PRESET = "good"
BATCHES = (8, 16, 32, 64, 128, 256)
SIDES = (16, 32, 64, 128, 256, 512)


@dataclass(frozen=True)
class Form:
    """A visitor's choices, in the order of Fields."""

    name: str
    parent: str
    preset: str
    minutes: float | None
    side: int
    network: str
    discriminator: str
    objective: str
    penalty: str
    batch: int
    seed: int
    fit: Fit


class Dropped(NamedTuple):
    """A zip that was inspected: its path, and the side that suits its pictures."""

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
    discriminator: gr.Dropdown
    objective: gr.Dropdown
    penalty: gr.Dropdown
    batch: gr.Dropdown
    seed: gr.Number
    fit: gr.Radio


def plan_form() -> Fields:
    """Build the fields."""
    as_preset = (text("plan_as_preset"), AS_PRESET)
    name = gr.Textbox(label=text("plan_name"), max_lines=1, elem_id="run-name")
    parent = gr.Dropdown(
        [(text("plan_scratch"), FROM_SCRATCH)],
        value=FROM_SCRATCH,
        label=text("plan_parent"),
        info=text("plan_parent_info"),
        elem_id="parent",
    )
    presets = [(text(f"preset_{preset.replace('-', '_')}"), preset) for preset in PRESETS]
    preset = gr.Dropdown(presets, value=FIRST_PRESET, label=text("plan_preset"), filterable=False, elem_id="preset")
    minutes = gr.Number(
        usual_minutes(FIRST_PRESET),
        label=text("plan_minutes"),
        info=text("plan_minutes_info"),
        elem_id="minutes",
    )
    with gr.Accordion(text("plan_more"), open=False, elem_classes="drawer"):
        sides: list[tuple[Any, int]] = [(text("plan_side_auto"), 0), *((f"{side} × {side}", side) for side in SIDES)]
        side = gr.Dropdown(sides, value=0, label=text("plan_side"), filterable=False, elem_id="side")
        network = gr.Dropdown([as_preset, *FAMILIES], value=AS_PRESET, label=text("plan_network"), filterable=False)
        kinds = [as_preset, *((text(f"discriminator_{kind}"), kind) for kind in DISCRIMINATORS)]
        discriminator = gr.Dropdown(
            kinds,
            value=AS_PRESET,
            label=text("plan_discriminator"),
            info=text("plan_discriminator_info"),
            filterable=False,
            elem_id="discriminator",
        )
        objective = gr.Dropdown([as_preset, *OBJECTIVES], value=AS_PRESET, label=text("plan_objective"), filterable=False)
        penalty = gr.Dropdown(
            [as_preset, *PENALTIES],
            value=AS_PRESET,
            label=text("plan_penalty"),
            info=text("plan_penalty_info"),
            filterable=False,
        )
        batches: list[tuple[Any, int]] = [(text("plan_as_preset"), 0), *((str(batch), batch) for batch in BATCHES)]
        batch = gr.Dropdown(
            batches, value=0, label=text("plan_batch"), info=text("plan_batch_info"), filterable=False, elem_id="batch"
        )
        seed = gr.Number(0, label=text("plan_seed"), info=text("plan_seed_info"), precision=0)
        fits = [(text("plan_crop"), "crop"), (text("plan_pad"), "pad")]
        fit = gr.Radio(fits, value="crop", label=text("plan_fit"), info=text("plan_fit_info"))
    return Fields(name, parent, preset, minutes, side, network, discriminator, objective, penalty, batch, seed, fit)


def parent_choices(shelf: Shelf, language: Language) -> list[tuple[str, str]]:
    """The models that a training can start from."""
    return [(say(language, "plan_scratch"), FROM_SCRATCH), *shelf.choices(language)]


def usual_minutes(preset: str) -> float | None:
    """How long a preset trains; None where it counts pictures instead."""
    minutes: float | None = preset_values(preset).get("minutes")
    return minutes


def make_order(form: Form, dropped: Dropped, shelf: Shelf) -> Order:
    """The order that a form stands for. Raises ConfigError for a number out of bounds, ModelError for a parent that is gone."""
    entry = shelf.entry(form.parent) if form.parent else None
    return Order.of(
        source=dropped.path,
        name=form.name.strip(),
        parent=Parent(name=entry.name, folder=entry.folder) if entry else None,
        preset=form.preset,
        size=form.side or None,
        fit=form.fit,
        minutes=form.minutes,
        network=form.network or None,
        discriminator=form.discriminator or None,
        objective=form.objective or None,
        penalty=form.penalty or None,
        batch=form.batch or None,
        seed=form.seed,
    )
