"""The step *Pictures*: turns a zip, loose pictures, a folder, the sample set or a dataset on the Hub into a source."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from gan.data import MIN_PICTURES, Skipped, TooFewPicturesError
from gan.data.report import most_frequent
from gan.data.sources import PREFIX, HubSource, Loose, gather
from gan.errors import GanError
from gan.ui.language import text
from gan.ui.parts import html
from gan.words import Language, counted, error_text, number, say

SKIPPED_SHOWN = 8
LONGEST_NAME = 300  # letters of a path inside an uploaded folder
# The browser sends the files' own names only, so this module stores their paths in the folder until the upload is read.
# The module also reports dropped folders that hold no file, of which the server would not learn.
TAKE_FOLDERS = """
import(new URL(`${props.web}folders.js`, document.baseURI).href)
  .then(({whenRefused}) => whenRefused((folder) => trigger("folder", folder)));
"""
FOLDER_PROBLEMS = {"empty": "train_folder_empty", "unreadable": "train_folder_unreadable"}
SEND_PATHS = "(files, paths, ...rest) => [files, JSON.stringify(window.seedbedPaths || []), ...rest]"


class Dropped(NamedTuple):
    """A checked source: its text, its name, and the side that suits its pictures."""

    source: str
    name: str
    size: int


@dataclass(frozen=True)
class PicturesStep:
    """The components of the step Pictures, and a visitor's state."""

    files: gr.File
    folder: gr.UploadButton
    paths: gr.Textbox
    sample_set: gr.Button
    hub_name: gr.Textbox
    hub: gr.Button
    info: gr.HTML
    refusal: gr.HTML
    loose: gr.State  # pictures uploaded so far, while there are too few of them


def pictures_step(web: str) -> PicturesStep:
    """Build the step Pictures inside its body. `web` is the address of the page's modules."""
    with gr.Column(elem_classes="drop"):
        html(text("train_drop"), elem_classes="section-title")
        files = gr.File(label=text("train_zip"), show_label=False, file_count="multiple", height=180, elem_id="zip")
        with gr.Row(elem_classes="actions"):
            words: Any = text("train_folder")  # translated like any label, although its type differs
            folder = gr.UploadButton(words, file_count="directory", size="md", elem_id="folder")
            sample_set = gr.Button(text("train_sample_set"), size="md", elem_id="sample-set")
        info = html(text("train_drop_info"), elem_classes="hint", elem_id="drop-info")
        refusal = html(elem_id="refusal", js_on_load=TAKE_FOLDERS, web=web)
        with gr.Accordion(text("train_hub"), open=False, elem_classes="drawer"):
            hub_name = gr.Textbox(
                label=text("train_hub_name"),
                info=text("train_hub_info"),
                placeholder="user/dataset@revision",
                max_lines=1,
                elem_id="hub-name",
            )
            hub = gr.Button(text("train_hub_fetch"), size="md", elem_id="hub-fetch")
        paths = gr.Textbox(visible=False)
    return PicturesStep(files, folder, paths, sample_set, hub_name, hub, info, refusal, gr.State(()))


class Sent(NamedTuple):
    """The result of an upload: a source, its name, and the loose pictures that it is made of."""

    source: str
    name: str
    loose: tuple[Loose, ...] = ()


def sent(files: Sequence[str], before: Sequence[Loose], store: Path, language: Language, paths: str = "[]") -> Sent:
    """Return the source of uploaded files: a single zip, else pictures, which join those uploaded before.

    `paths` is a JSON list of the files' paths in a folder, from the browser. Raises DataError.
    """
    only = Path(files[0])
    if len(files) == 1 and only.suffix.lower() == ".zip":
        return Sent(str(only), only.stem)
    names = _names(files, paths)
    tops = {name.partition("/")[0] for name in names}
    top = tops.pop() if len(tops) == 1 and all("/" in name for name in names) else ""
    names = [name.removeprefix(f"{top}/") for name in names] if top else names
    fresh = [Loose(name, Path(file)) for name, file in zip(names, files, strict=True)]
    known = {each.path for each in fresh}
    loose = (*(each for each in before if each.path not in known), *fresh)
    name = top or say(language, "train_loose_name")
    return Sent(str(gather(loose, store, name)), name, loose)


def _names(files: Sequence[str], paths: str) -> list[str]:
    """Return the files' original names, without their folders unless the browser sent all paths."""
    plain = [Path(file).name for file in files]
    try:
        told = json.loads(paths)
    except ValueError:
        return plain
    if not isinstance(told, list) or len(told) != len(files):
        return plain
    return [
        each if isinstance(each, str) and 0 < len(each) <= LONGEST_NAME else name for each, name in zip(told, plain, strict=True)
    ]


def hub_source(name: str, home: Path) -> Sent:
    """Return a dataset on the Hub, fetched and pinned to its commit. Raises HubError and DataError."""
    source = HubSource(PREFIX + name.strip().removeprefix(PREFIX), home)
    return Sent(source.pinned(), source.stem)


def refusal_html(error: GanError, name: str, language: Language, loose: bool = False) -> str:
    """Return why pictures cannot be trained on, and what was found; `loose` pictures that are too few can be added to."""
    values = dict(error.values)
    skipped = ""
    if isinstance(error, TooFewPicturesError):
        report = error.report
        skipped = skipped_html(report.skipped, language) if report.skipped else ""
        if loose and report.usable:
            start = counted(language, "train_too_few_so_far", report.usable)
            rest = counted(language, "train_more_needed", MIN_PICTURES - report.usable)
            gap = "" if language == "zh" else " "  # Chinese has no space between sentences
            return f'<div class="report" role="status"><p>{escape(start + gap + rest)}</p>{skipped}</div>'
        if report.skipped:
            values["reason"] = most_frequent([skip_reason(entry, language) for entry in report.skipped])
    return _refused(name, error_text(language, error.code, values), skipped)


def folder_refused_html(name: str, problem: str, language: Language) -> str:
    """Return why nothing of a dropped folder was sent; `problem` is a key of FOLDER_PROBLEMS."""
    return _refused(name[:LONGEST_NAME], say(language, FOLDER_PROBLEMS[problem], least=MIN_PICTURES))


def _refused(name: str, cause: str, skipped: str = "") -> str:
    return f'<div class="report"><h2>{escape(name)}</h2><p class="trouble" role="alert">{escape(cause)}</p>{skipped}</div>'


def skipped_html(skipped: Sequence[Skipped], language: Language) -> str:
    """Return the unused files, folded: each by its name, with the reason."""
    lines = [f"<li><b>{escape(entry.name)}</b> {escape(skip_reason(entry, language))}</li>" for entry in skipped[:SKIPPED_SHOWN]]
    return folded(counted(language, "report_skipped", len(skipped)), lines, len(skipped), language)


def folded(head: str, lines: Sequence[str], count: int, language: Language) -> str:
    """Return a line that opens to a list, and the number of entries beyond those listed."""
    more = count - len(lines)
    rest = f'<li class="hint">{escape(say(language, "and_more", count=number(more)))}</li>' if more else ""
    return f"<details><summary>{escape(head)}</summary><ul>{''.join(lines)}{rest}</ul></details>"


def skip_reason(entry: Skipped, language: Language) -> str:
    """Return why a file was skipped."""
    return error_text(language, entry.reason_code, entry.values)
