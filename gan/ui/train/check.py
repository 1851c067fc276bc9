"""The step *Check*: the report, the pictures as prepared for the network, and the user's choices of pictures and classes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any, NamedTuple

import gradio as gr
import numpy as np

from gan.data import Choices, Report, Survey
from gan.data.choices import apply_choices, possible_levels, sort_by_level
from gan.data.classes import MAX_CLASS_NAME
from gan.data.report import FEW_PICTURES
from gan.ui.language import text
from gan.ui.parts import html
from gan.ui.train.gallery import NO_SELECTION, Marks, Selection
from gan.ui.train.pictures import folded, skipped_html
from gan.words import Language, counted, error_text, number, printable, say

LISTED = 30  # names in a folded list
CLASSES_SHOWN = 60
CHIPS = 12  # classes in the line above the gallery
AUTOMATIC = -1

PICK_PICTURE = """
element.addEventListener("click", (event) => {
  const picture = event.target.closest("[data-picture]");
  const view = event.target.closest("[data-view]");
  if (picture) {
    const out = picture.getAttribute("aria-pressed") !== "true";
    picture.setAttribute("aria-pressed", String(out));
    trigger("leave", {picture: Number(picture.dataset.picture), out});
  } else if (view) {
    trigger("view", {which: view.dataset.view, page: Number(view.dataset.page || 0)});
  } else if (event.target.closest("[data-near]")) {
    trigger("near", {});
  }
});
"""
PICK_CLASS = """
element.addEventListener("change", (event) => {
  const input = event.target, row = input.closest("[data-class]");
  if (row && input.type === "text") trigger("rename", {name: row.dataset.class, to: input.value});
  if (row && input.type === "checkbox") trigger("ignore", {name: row.dataset.class, out: !input.checked});
});
"""


@dataclass(frozen=True)
class CheckStep:
    """The components of the step Check, and a visitor's state."""

    report: gr.HTML
    chosen: gr.HTML
    fit: gr.Radio
    background: gr.Dropdown
    level: gr.Dropdown
    classes: gr.HTML
    gallery: gr.HTML
    onward: gr.Button
    choices: gr.State
    selection: gr.State


def check_step() -> CheckStep:
    """Build the step Check inside its body."""
    with gr.Row(elem_classes="view"):
        with gr.Column(elem_classes="controls", min_width=240):
            report = html(elem_id="report")
            levels = [(text("check_level_auto"), AUTOMATIC)]
            level = gr.Dropdown(
                levels, value=AUTOMATIC, label=text("check_level"), visible=False, filterable=False, elem_id="level"
            )
            classes = html(elem_id="classes", js_on_load=PICK_CLASS)
            fits = [(text("plan_crop"), "crop"), (text("plan_pad"), "pad")]
            fit = gr.Radio(fits, value="crop", label=text("plan_fit"), info=text("plan_fit_info"), elem_id="fit")
            grounds = [(text("check_white"), "white"), (text("check_black"), "black"), (text("check_grey"), "#808080")]
            background = gr.Dropdown(
                grounds,
                value="white",
                label=text("check_background"),
                info=text("check_background_info"),
                filterable=False,
                elem_id="background",
            )
            onward = gr.Button(text("check_onward"), size="md", elem_id="onward")
        with gr.Column(elem_classes="stage", min_width=300):
            chosen = html(elem_id="chosen")
            gallery = html(elem_id="preview", js_on_load=PICK_PICTURE)
    selection = gr.State(NO_SELECTION)
    return CheckStep(report, chosen, fit, background, level, classes, gallery, onward, gr.State(Choices()), selection)


def report_html(report: Report, name: str, language: Language) -> str:
    """Return the report on a source, each kind of file with its names."""
    facts = [counted(language, "report_usable", report.usable)] + [say(language, "report_grey")] * report.grey
    parts = [f"<h2>{escape(name)}</h2>", f"<p>{escape(say(language, 'comma').join(facts))}</p>"]
    parts += [f'<p class="trouble">{escape(error_text(language, code, values))}</p>' for code, values in report.warnings]
    if report.duplicates:
        lines = [
            f"<li><b>{escape(copy)}</b> {escape(say(language, 'report_copy_of', name=of))}</li>"
            for copy, of in report.copies[:LISTED]
        ]
        parts.append(folded(counted(language, "report_duplicates", report.duplicates), lines, report.duplicates, language))
    if report.skipped:
        parts.append(skipped_html(report.skipped, language))
    if report.classes:
        parts.append(f'<p class="hint">{escape(_labels_from(report, language))}</p>')
    return f'<div class="report">{"".join(parts)}</div>'


def _labels_from(report: Report, language: Language) -> str:
    """Return the sentence on where the classes come from."""
    if report.labels_from == "folders":
        return say(language, "report_labels_folders", level=report.level, example=report.example)
    return say(language, "report_labels_file", file=report.labels_from)


class Classes(NamedTuple):
    """The classes of a survey before any is ignored or renamed: names, and the number of pictures in each."""

    names: list[str]
    counts: list[int]


def classes_of(survey: Survey, choices: Choices) -> Classes:
    """Return the classes at the chosen level."""
    found = survey.findings
    names, labels = found.classes, found.labels
    if choices.level is not None:
        by_level = sort_by_level(found.names, choices.level)
        names, labels = by_level.classes, by_level.labels
    counts = np.bincount(labels, minlength=len(names))[: len(names)]
    return Classes(list(names), [int(count) for count in counts])


def classes_html(classes: Classes, choices: Choices, language: Language) -> str:
    """Return a row for each class: whether it is used, its name as a field, and a bar of its pictures."""
    if not classes.names:
        return ""
    most = max(classes.counts)
    rows = []
    for name, count in list(zip(classes.names, classes.counts, strict=True))[:CLASSES_SHOWN]:
        used = "" if name in choices.ignored else " checked"
        shown = escape(choices.renamed.get(name, name))
        rows.append(
            f'<li data-class="{escape(name)}">'
            f'<input type="checkbox"{used} aria-label="{escape(say(language, "class_use", name=name))}">'
            f'<input type="text" value="{shown}" maxlength="200" aria-label="{escape(say(language, "class_name", name=name))}">'
            f'<b>{number(count)}</b><span class="share" style="width:{100 * count / most:.1f}%"></span></li>'
        )
    more = len(classes.names) - len(rows)
    rest = f'<p class="hint">{escape(say(language, "and_more", count=number(more)))}</p>' if more else ""
    title, info = escape(say(language, "classes_title")), escape(say(language, "classes_info"))
    return f'<h2 class="section-title">{title}</h2><p class="hint">{info}</p><ul class="class-rows">{"".join(rows)}</ul>{rest}'


def chosen_html(survey: Survey, choices: Choices, language: Language) -> str:
    """Return a line on the pictures to train on, and their classes with the balance among them."""
    kept, counts = kept_of(survey, choices)
    facts = [counted(language, "chosen_count", kept)]
    if left := len(survey.findings.names) - kept:
        facts.append(counted(language, "chosen_left_out", left))
    chips = "".join(
        f'<span class="chip">{escape(name)} <b>{number(count)}</b></span>' for name, count in list(counts.items())[:12]
    )
    more = len(counts) - 12
    chips += f'<span class="chip">{escape(say(language, "and_more", count=number(more)))}</span>' if more > 0 else ""
    words = f'<p class="said" role="status">{escape(say(language, "comma").join(facts))}</p>'
    few = f'<p class="trouble">{escape(error_text(language, "few_pictures", {"found": kept, "advised": FEW_PICTURES}))}</p>'
    return words + (few if left and kept < FEW_PICTURES else "") + (f'<p class="report-classes">{chips}</p>' if chips else "")


def kept_of(survey: Survey, choices: Choices) -> tuple[int, Mapping[str, int]]:
    """Return how many pictures remain after the choices, in all and in each class."""
    found = survey.findings
    chosen = apply_choices(found.names, found.classes, found.labels, choices)
    counts = np.bincount(chosen.labels, minlength=len(chosen.classes))
    return len(chosen.kept), {name: int(counts[index]) for index, name in enumerate(chosen.classes)}


def level_choices(survey: Survey, language: Language) -> list[tuple[str, int]]:
    """Return the levels of folders that could be the classes; only the first entry where there is no choice."""
    automatic = [(say(language, "check_level_auto"), AUTOMATIC)]
    levels = possible_levels(survey.findings.names)
    if not levels and not survey.findings.classes:
        return automatic
    found = [(say(language, "check_level_folders", level=level, count=number(count)), level) for level, count in levels.items()]
    return [*automatic, *found, (say(language, "check_level_none"), 0)]


# Changes


def leave(survey: Survey, choices: Choices, picture: Any, out: bool) -> Choices:
    """Leave out a picture, given by its position, or include it again."""
    names = survey.findings.names
    if not isinstance(picture, int) or not 0 <= picture < len(names):
        return choices
    left = set(choices.left_out)
    return _with(choices, left_out=tuple(left | {names[picture]} if out else left - {names[picture]}))


def leave_near_duplicates(survey: Survey, marks: Marks, choices: Choices) -> Choices:
    """Leave out all but the first picture of each group of near-duplicates."""
    names = survey.findings.names
    extra = {names[index] for group in marks.near for index in group[1:]}
    return _with(choices, left_out=tuple({*choices.left_out, *extra}))


def rename(survey: Survey, choices: Choices, name: str, to: str) -> Choices:
    """Give a class another name; an empty name restores its own."""
    if name not in classes_of(survey, choices).names:
        return choices
    return _with(choices, renamed={**choices.renamed, name: printable(to)[:MAX_CLASS_NAME].strip() or name})


def ignore(survey: Survey, choices: Choices, name: str, out: bool) -> Choices:
    """Leave out a class, or include it again."""
    if name not in classes_of(survey, choices).names:
        return choices
    ignored = set(choices.ignored)
    return _with(choices, ignored=tuple(ignored | {name} if out else ignored - {name}))


def at_level(choices: Choices, level: int | None) -> Choices:
    """Use another level of folders for the classes, and drop choices of classes at the former level."""
    return Choices(left_out=choices.left_out, level=None if level in (None, AUTOMATIC) else level)


def _with(choices: Choices, **changes: Any) -> Choices:
    return Choices.model_validate(dict(choices) | changes)


def first_page(selection: Selection) -> Selection:
    """Show the same kind of pictures from the beginning."""
    return replace(selection, page=0)
