"""The step *Plan*: the main fields of a training, further ones in a closed drawer, and the order made from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import gradio as gr

from gan.config import PRESETS, preset_values
from gan.data.choices import AS_FOUND, Choices
from gan.discriminators import DISCRIMINATORS
from gan.families import FAMILIES
from gan.losses.objectives import OBJECTIVES
from gan.losses.penalties import PENALTIES
from gan.order import Fit, Order, Parent
from gan.playing.shelf import Shelf
from gan.ui.language import text
from gan.ui.parts import html
from gan.ui.train.pictures import Dropped
from gan.ui.train.plan import MEASURE_AGAIN, PICK_CARD, TAKE_BASE
from gan.words import Language, say

FROM_SCRATCH = ""
AS_PRESET = ""
FIRST_PRESET = "good"
BATCHES = (8, 16, 32, 64, 128, 256)
SIDES = (16, 32, 64, 128, 256, 512)
OPEN = -1.0  # stands for a number that the preset chooses
RATES = (0.0005, 0.001, 0.002, 0.0035, 0.005, 0.01, 0.02)
HALF_LIVES = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000)
STRENGTHS = (0.0, 0.2, 0.4, 0.6)


@dataclass(frozen=True)
class Form:
    """A visitor's choices, in the order of Fields. The empty text, 0 for size and batch, and OPEN leave a choice to the
    preset.
    """

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
    background: str = "white"
    generator_lr: float = OPEN
    discriminator_lr: float = OPEN
    ema_half_life: float = OPEN  # pictures
    strength: float = OPEN  # strength of augmentation

    def as_card(self, preset: str) -> "Form":
        """Return the same choices with another preset and its length."""
        return replace(self, preset=preset, minutes=usual_minutes(preset))

    @property
    def settings(self) -> dict[str, Any]:
        """Return further fields of a RunConfig from the form."""
        values = {
            "generator_lr": self.generator_lr,
            "discriminator_lr": self.discriminator_lr,
            "ema_half_life_images": int(self.ema_half_life),
            "augment_strength": self.strength,
            "augment_strength_end": self.strength,
        }
        return {name: value for name, value in values.items() if value != OPEN}


class Fields(NamedTuple):
    """The form's components. `fit` and `background` are in the step before."""

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
    background: gr.Dropdown
    generator_lr: gr.Dropdown
    discriminator_lr: gr.Dropdown
    ema_half_life: gr.Dropdown
    strength: gr.Dropdown


class PlanStep(NamedTuple):
    """The components of the step Plan."""

    cards: gr.HTML
    expectation: gr.HTML
    base: gr.HTML
    expert: gr.HTML
    fields: Fields


def plan_step(fit: gr.Radio, background: gr.Dropdown) -> PlanStep:
    """Build the step Plan inside its body."""
    with gr.Column(elem_id="plan", elem_classes="plan"):
        cards = html(elem_id="lengths", js_on_load=PICK_CARD)
        expectation = html(elem_id="expectation", js_on_load=MEASURE_AGAIN)
        with gr.Row(elem_classes="plan-fields"):
            name = gr.Textbox(label=text("plan_name"), info=text("plan_name_info"), max_lines=1, elem_id="run-name")
            minutes = gr.Number(
                usual_minutes(FIRST_PRESET), label=text("plan_minutes"), info=text("plan_minutes_info"), elem_id="minutes"
            )
            parent = gr.Dropdown(
                [(text("plan_scratch"), FROM_SCRATCH)],
                value=FROM_SCRATCH,
                label=text("plan_parent"),
                info=text("plan_parent_info"),
                elem_id="parent",
            )
        base = html(elem_id="base", js_on_load=TAKE_BASE)
        with gr.Accordion(text("plan_more"), open=False, elem_classes="drawer"):
            with gr.Row(elem_classes="plan-fields"):
                what, how = _what(), _how()
            expert = html(elem_id="expert")
    side, network, discriminator, objective, penalty = what[1:]
    batch, generator_lr, discriminator_lr, ema_half_life, strength, seed = how
    choices = (name, parent, what[0], minutes, side, network, discriminator, objective, penalty, batch, seed)
    fields = Fields(*choices, fit, background, generator_lr, discriminator_lr, ema_half_life, strength)
    return PlanStep(cards, expectation, base, expert, fields)


def _dropdown(key: str, choices: list[Any], value: Any, elem_id: str | None = None) -> gr.Dropdown:
    label, info = text(f"plan_{key}"), text(f"plan_{key}_info")
    return gr.Dropdown(choices, value=value, label=label, info=info, filterable=False, elem_id=elem_id, min_width=240)


def _what() -> tuple[gr.Dropdown, ...]:
    """Build the fields of preset, size, networks and losses."""
    as_preset = (text("plan_as_preset"), AS_PRESET)
    presets = [(text(f"preset_{preset.replace('-', '_')}"), preset) for preset in PRESETS]
    sides: list[tuple[Any, int]] = [(text("plan_side_auto"), 0), *((f"{side} × {side}", side) for side in SIDES)]
    kinds = [as_preset, *((text(f"discriminator_{kind}"), kind) for kind in DISCRIMINATORS)]
    return (
        _dropdown("preset", presets, FIRST_PRESET, "preset"),
        _dropdown("side", sides, 0, "side"),
        _dropdown("network", [as_preset, *FAMILIES], AS_PRESET),
        _dropdown("discriminator", kinds, AS_PRESET, "discriminator"),
        _dropdown("objective", [as_preset, *OBJECTIVES], AS_PRESET),
        _dropdown("penalty", [as_preset, *PENALTIES], AS_PRESET),
    )


def _how() -> tuple[Any, ...]:
    """Build the fields of batch, rates, averaging, augmentation, seed."""

    def among(key: str, values: Sequence[float]) -> gr.Dropdown:
        known: list[tuple[Any, float]] = [(text("plan_as_preset"), OPEN), *((f"{value:,}", value) for value in values)]
        return _dropdown(key, known, OPEN)

    batches: list[tuple[Any, int]] = [(text("plan_as_preset"), 0), *((str(batch), batch) for batch in BATCHES)]
    strengths: list[tuple[Any, float]] = [
        (text("plan_as_preset"), OPEN),
        *((f"{strength:.0%}", strength) for strength in STRENGTHS),
    ]
    return (
        _dropdown("batch", batches, 0, "batch"),
        among("generator_lr", RATES),
        among("discriminator_lr", RATES),
        among("ema", HALF_LIVES),
        _dropdown("strength", strengths, OPEN, "strength"),
        gr.Number(0, label=text("plan_seed"), info=text("plan_seed_info"), precision=0, min_width=240),
    )


def parent_choices(shelf: Shelf, language: Language) -> list[tuple[str, str]]:
    """Return the models that a training can start from."""
    return [(say(language, "plan_scratch"), FROM_SCRATCH), *shelf.choices(language)]


def usual_minutes(preset: str) -> float | None:
    """Return the minutes that a preset trains for; None where it counts pictures instead."""
    minutes: float | None = preset_values(preset).get("minutes")
    return minutes


def make_order(form: Form, dropped: Dropped, shelf: Shelf, choices: Choices = AS_FOUND) -> Order:
    """Return the order of a form. Raises ConfigError for a number out of bounds, ModelError for a parent that no longer
    exists.
    """
    entry = shelf.entry(form.parent) if form.parent else None
    return Order.of(
        source=dropped.source,
        name=form.name.strip(),
        parent=Parent(name=entry.name, folder=entry.folder) if entry else None,
        preset=form.preset,
        size=form.side or None,
        fit=form.fit,
        background=form.background,
        choices=choices,
        minutes=form.minutes,
        network=form.network or None,
        discriminator=form.discriminator or None,
        objective=form.objective or None,
        penalty=form.penalty or None,
        batch=form.batch or None,
        seed=form.seed,
        settings=form.settings,
    )
