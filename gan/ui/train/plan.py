"""The contents of the step *Plan*: three lengths with their estimates on this machine, the results to expect, and the effect of
augmentation.
"""

from collections.abc import Mapping
from html import escape
from typing import NamedTuple

import numpy as np
import torch

from gan.config import RunConfig
from gan.data import Dataset
from gan.errors import GanError
from gan.images import data_uri, encode_png, to_tensor, to_uint8
from gan.losses import augmentation as augment
from gan.runs.estimates import STAGES, Estimate
from gan.sampler.bases import NEAR, Base
from gan.ui.train.formulas import formulas_html
from gan.ui.train.gallery import shown
from gan.words import Language, duration, number, printable, say, speed

CARDS = ("quick", "good", "best")
AUGMENTED = 6  # pictures
PICK_CARD = """
element.addEventListener("click", (event) => {
  const card = event.target.closest("[data-preset]");
  if (card) trigger("pick", {preset: card.dataset.preset});
});
"""
TAKE_BASE = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-base]");
  if (button) trigger("take", {base: button.dataset.base});
});
"""


MEASURE_AGAIN = """
element.addEventListener("click", (event) => event.target.closest("[data-again]") && trigger("again", {}));
"""


class Planned(NamedTuple):
    """A plan, and its measurement, if there is one, or the reason why it could not be measured."""

    config: RunConfig
    estimate: Estimate | None
    trouble: GanError | None = None


def cards_html(plans: Mapping[str, Planned], chosen: str, language: Language, measuring: bool = False) -> str:
    """Return the lengths to choose from, each with its time, pictures and memory."""
    cards = []
    for preset, plan in plans.items():
        lines = [duration(language, 60 * (plan.config.minutes or 0))]
        if plan.estimate is not None and plan.config.minutes is not None:
            images = _round(plan.estimate.images_in(plan.config, plan.config.minutes))
            lines.append(say(language, "card_pictures", count=number(images)))
            if plan.estimate.memory_bytes:
                lines.append(say(language, "memory_used", count=f"{plan.estimate.memory_bytes / 2**30:.1f}"))
        elif measuring:
            lines.append(say(language, "card_measuring"))
        else:
            lines.append(say(language, "card_not_measured"))
        facts = "".join(f"<span>{escape(line)}</span>" for line in lines)
        pressed, title = str(preset == chosen).lower(), escape(say(language, f"card_{preset}"))
        cards.append(
            f'<button type="button" data-preset="{preset}" aria-pressed="{pressed}"><b>{title}</b>'
            f'<span class="card-words">{escape(say(language, f"card_{preset}_info"))}</span>{facts}</button>'
        )
    return f'<div class="lengths" role="group" aria-label="{escape(say(language, "plan_preset"))}">{"".join(cards)}</div>'


def expectation_html(plan: Planned, minutes: float | None, language: Language, measuring: bool = False) -> str:
    """Return a line on the speed of this machine and on when to expect which results."""
    again = f'<button type="button" class="quiet-action" data-again>{escape(say(language, "measure_again"))}</button>'
    if plan.estimate is None:
        words = say(language, "expect_measuring" if measuring else "expect_unknown")
        if plan.trouble is not None:
            words = plan.trouble.translated(language)
        return f'<p class="hint" role="status">{escape(words)} {again if plan.trouble is not None else ""}</p>'
    side = plan.config.resolution
    rate = plan.estimate.rates[side]
    first = say(language, "expect_speed", speed=speed(language, rate), side=side)
    if plan.config.parent is not None:
        second = say(language, "expect_parent", parent=plan.config.parent)
    else:
        times = {stage: duration(language, plan.estimate.seconds_for(plan.config, images)) for stage, images in STAGES.items()}
        second = say(language, "expect_stages", **times)
    third, gap = "", "" if language == "zh" else " "
    if minutes:
        third = say(language, "expect_total", count=number(_round(plan.estimate.images_in(plan.config, minutes))))
    return f'<p class="expect" role="status">{escape(first + gap + third)} {again}</p><p class="hint">{escape(second)}</p>'


def base_html(base: Base | None, chosen: str, language: Language) -> str:
    """Return a line on the nearest model, and a button that starts from it unless `chosen`, a model's key, already names it."""
    if base is None:
        return ""
    name, key = printable(base.entry.name), base.entry.key
    words = say(language, "base_near" if base.is_near else "base_far", model=name, distance=f"{base.distance:.1f}", near=NEAR)
    line = f'<p class="hint" role="status">{escape(words)}</p>'
    if not base.is_near or chosen == key:
        return line
    take = escape(say(language, "base_take", model=name))
    return f'{line}<button type="button" class="link-button" data-base="{escape(key)}">{take}</button>'


def expert_html(plan: RunConfig, dataset: Dataset, language: Language) -> str:
    """Return the losses of a plan as formulas, and some pictures after its augmentation."""
    title = escape(say(language, "formula_title"))
    formulas = f"<details><summary>{title}</summary>{formulas_html(plan.objective, plan.penalty)}</details>"
    return formulas + augmented_html(plan, dataset, language)


def augmented_html(plan: RunConfig, dataset: Dataset, language: Language) -> str:
    """Return a row of pictures, and below it the same pictures as the discriminator may see them."""
    strength = augment.STRONGEST if plan.augment_target is not None else max(plan.augment_strength, plan.augment_strength_end)
    operations = [each for each in plan.augmentations if each == "flip" or strength > 0]
    title = f'<h2 class="section-title">{escape(say(language, "augmented_title"))}</h2>'
    if not operations:
        return f'{title}<p class="hint">{escape(say(language, "augmented_none"))}</p>'
    chosen = np.linspace(0, len(dataset.pictures) - 1, AUGMENTED).astype(int)
    pictures = np.asarray(dataset.pictures[chosen])
    draws = augment.draw(AUGMENTED, torch.Generator().manual_seed(1))
    changed = to_uint8(augment.apply(to_tensor(pictures), draws, strength, operations).clamp(-1, 1))
    rows = "".join(f'<div class="augmented">{"".join(map(_image, row))}</div>' for row in (pictures, changed))
    names = say(language, "comma").join(say(language, f"augment_{each}") for each in operations)
    info = say(language, "augmented_adapts" if plan.augment_target is not None else "augmented_fixed", strength=f"{strength:.0%}")
    return f'{title}<p class="hint">{escape(names)}. {escape(info)}</p>{rows}'


def _image(picture: np.ndarray) -> str:
    return f'<img src="{data_uri(encode_png(shown(picture)))}" alt="">'


def _round(count: int) -> int:
    """Round to two digits, because the figure is an estimate."""
    step = 10 ** max(0, len(str(count)) - 2)
    return round(count / step) * step
