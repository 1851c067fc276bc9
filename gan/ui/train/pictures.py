"""The report on a zip: what will be trained on, what was skipped and why, and how the network will see them."""

from html import escape

import numpy as np

from gan.data import Dataset, Report, Skipped, TooFewPicturesError
from gan.data.report import most_frequent
from gan.errors import DataError
from gan.images import data_uri, encode_png
from gan.words import Language, counted, error_text, number, say

SKIPPED_SHOWN = 8
CLASSES_SHOWN = 12
PREVIEW_BYTES = 600_000


def report_html(report: Report, name: str, language: Language) -> str:
    """What was found in a zip."""
    facts = [counted(language, "report_usable", report.usable)]
    if report.duplicates:
        facts.append(counted(language, "report_duplicates", report.duplicates))
    if report.grey:
        facts.append(say(language, "report_grey"))
    parts = [f"<h2>{escape(name)}</h2>", f"<p>{escape(say(language, 'comma').join(facts))}</p>"]
    parts += [f'<p class="trouble">{escape(error_text(language, code, values))}</p>' for code, values in report.warnings]
    if report.classes:
        parts.append(_classes(report, language))
        parts.append(f'<p class="hint">{escape(_labels_from(report, language))}</p>')
    if report.skipped:
        parts.append(_skipped(report, language))
    return f'<div class="report">{"".join(parts)}</div>'


def refusal_html(error: DataError, name: str, language: Language) -> str:
    """Why a zip cannot be trained on, and what was found in it."""
    values = dict(error.values)
    skipped = ""
    if isinstance(error, TooFewPicturesError) and error.report.skipped:
        values["reason"] = most_frequent([skip_reason(entry, language) for entry in error.report.skipped])
        skipped = _skipped(error.report, language)
    cause = escape(error_text(language, error.code, values))
    return f'<div class="report"><h2>{escape(name)}</h2><p class="trouble" role="alert">{cause}</p>{skipped}</div>'


def preview_html(dataset: Dataset, language: Language) -> str:
    """Prepared pictures, spread over the whole zip."""
    count = max(4, min(24, PREVIEW_BYTES // (dataset.resolution**2 * dataset.channels)))
    chosen = np.linspace(0, len(dataset.pictures) - 1, min(count, len(dataset.pictures))).astype(int)
    label = escape(say(language, "report_alt", name=dataset.name))
    pictures = "".join(f'<img src="{data_uri(encode_png(dataset.pictures[index]))}" alt="{label}">' for index in chosen)
    words = say(language, "report_prepared", side=dataset.resolution)
    return f'<p class="hint">{escape(words)}</p><div class="prepared">{pictures}</div>'


def _classes(report: Report, language: Language) -> str:
    shown = list(report.classes.items())[:CLASSES_SHOWN]
    items = "".join(f'<span class="chip">{escape(name)} <b>{number(count)}</b></span>' for name, count in shown)
    more = len(report.classes) - len(shown)
    rest = f'<span class="chip">{escape(say(language, "and_more", count=more))}</span>' if more else ""
    return f'<p class="report-classes">{items}{rest}</p>'


def _labels_from(report: Report, language: Language) -> str:
    """What told the classes."""
    if report.labels_from == "folders":
        return say(language, "report_labels_folders", level=report.level, example=report.example)
    return say(language, "report_labels_file", file=report.labels_from)


def _skipped(report: Report, language: Language) -> str:
    lines = [
        f"<li><b>{escape(entry.name)}</b> {escape(skip_reason(entry, language))}</li>" for entry in report.skipped[:SKIPPED_SHOWN]
    ]
    more = len(report.skipped) - len(lines)
    if more:
        lines.append(f"<li>{escape(counted(language, 'and_more', more))}</li>")
    head = escape(counted(language, "report_skipped", len(report.skipped)))
    return f"<details><summary>{head}</summary><ul>{''.join(lines)}</ul></details>"


def skip_reason(entry: Skipped, language: Language) -> str:
    """Why a file of the zip was skipped."""
    return error_text(language, entry.reason_code, entry.values)
