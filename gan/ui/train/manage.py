"""Actions on a training as a whole: rename, remove and restore, its command line, its events as CSV, comparing."""

import base64
import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from gan.errors import CheckpointError
from gan.runs import Run, list_runs
from gan.runs.changing import remove, rename, restore
from gan.runs.tables import events_csv, train_command
from gan.ui.language import language_of, text
from gan.ui.parts import Part, html
from gan.ui.rights import needs
from gan.ui.spoken import spoken
from gan.ui.train.compare import MOST_COMPARED, compare_html
from gan.ui.train.eventlog import EventLog
from gan.words import Language, say

MOST_CHOICES = 200

# Runs once the component is in the page. Each new value of `file` is a file that the browser saves.
SAVE_FILE = """
watch("file", () => {
  if (!props.file) return;
  const { name, type, data } = JSON.parse(props.file);
  const link = document.createElement("a");
  link.href = `data:${type};base64,${data}`;
  link.download = name;
  link.click();
});
"""


@dataclass(frozen=True)
class Managing:
    """The components for actions on a training as a whole."""

    name: gr.Textbox
    rename: gr.Button
    csv: gr.Button
    remove: gr.Button
    command: gr.HTML
    file: gr.HTML
    others: gr.Dropdown
    compared: gr.HTML

    @property
    def outputs(self) -> list[gr.blocks.Block]:
        """The components that `managing_parts` updates, in its order."""
        return [self.name, self.command, self.others, self.compared]


def managing_part() -> Managing:
    """Build the components for actions on a training as a whole."""
    with gr.Accordion(text("compare_title"), open=False, elem_classes="drawer", elem_id="compare-box"):
        others = gr.Dropdown(
            [], value=[], multiselect=True, label=text("compare_with"), max_choices=MOST_COMPARED - 1, elem_id="compare-with"
        )
        compared = html("", elem_id="compared")
    with gr.Accordion(text("manage_title"), open=False, elem_classes="drawer", elem_id="manage-box"):
        with gr.Row(elem_classes="rename-row"):
            name = gr.Textbox(label=text("manage_name"), max_lines=1, elem_id="rename-to")
            rename_button = gr.Button(text("manage_rename"), size="md", elem_id="rename")
        command = html("", elem_id="run-command")
        with gr.Row(elem_classes="actions"):
            csv_button = gr.Button(text("manage_csv"), size="md", elem_id="csv")
            remove_button = gr.Button(text("manage_remove"), size="md", elem_id="remove")
        file = gr.HTML(html_template="<span></span>", js_on_load=SAVE_FILE, file="", elem_id="saved-file")
    return Managing(name, rename_button, csv_button, remove_button, command, file, others, compared)


def managing_parts(run: Run, names: list[str], language: Language) -> dict[str, Part]:
    """Return the content of `Managing.outputs` for a run; `names` are those of all runs."""
    others = [name for name in names if name != run.name][:MOST_CHOICES]
    return {
        "name": Part((run.name,), lambda: run.name),
        "command": Part((run.name,), lambda: command_html(run, language)),
        "others": Part((run.name, *others), lambda: gr.update(choices=others, value=[])),
        "compared": Part((run.name, len(others)), lambda: ""),
    }


def command_html(run: Run, language: Language) -> str:
    """Return the command that starts the same training."""
    try:
        command = train_command(run.name, run.config)
    except CheckpointError:
        return ""
    return f'<p class="hint">{escape(say(language, "manage_command"))}</p><pre class="command">{escape(command)}</pre>'


def saved(name: str, kind: str, content: bytes) -> Any:
    """Return the value of `Managing.file` that makes a browser save a file."""
    return gr.HTML(file=json.dumps({"name": name, "type": kind, "data": base64.b64encode(content).decode()}))


class ManagingHandlers:
    """The event handlers for actions on a training, for one home."""

    def __init__(self, home: Path, log: EventLog) -> None:
        self.home = home
        self.log = log

    def rename(self, watched: str, name: str) -> Run:
        """Give the shown run another name."""
        return rename(Run.open(self.home, watched), name.strip())

    def remove(self, watched: str) -> tuple[str, str]:
        """Move the shown run into the trash, and return what `restore` needs."""
        folder = remove(Run.open(self.home, watched))
        return folder.parent.name, folder.name

    def restore(self, removed: tuple[str, str]) -> Run:
        """Restore a removed run."""
        return restore(self.home, *removed)

    @spoken
    @needs("visitor")
    def csv(self, watched: str, request: gr.Request) -> Any:
        """Return the events of the shown run, as a file to save."""
        run = Run.open(self.home, watched)
        return saved(f"{run.name}.csv", "text/csv", events_csv(self.log.events(run)).encode())

    @spoken
    @needs("visitor")
    def compare(self, watched: str, names: list[str], request: gr.Request) -> str:
        """Show the run next to other runs, to compare them."""
        known = {run.name: run for run in list_runs(self.home)}
        chosen = [known[name] for name in [watched, *names[: MOST_COMPARED - 1]] if name in known]
        return compare_html(chosen, self.log, language_of(request))
