"""The Models tab: all models on this machine, adding one from the Hub or a file, and the owner's actions on each."""

import shutil
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gradio as gr
from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder

from gan import models
from gan.errors import GanError
from gan.models.packing import MODEL_ENDINGS
from gan.playing.shelf import Shelf
from gan.ui.create import CreateTab
from gan.ui.language import language_of, text
from gan.ui.models.cards import cards_html, megabytes
from gan.ui.parts import html, said_html, told
from gan.ui.rights import asker_of, needs
from gan.ui.spoken import spoken
from gan.words import Language, printable, say

PROGRESS = gr.Progress()
# Gradio finds the names of events in these texts.
ACT_ON_CARD = """
// "use", "give", "zip", "folder", "rename", "remove"
const act = (name, from, more) => {
  trigger(name, {model: from.closest("[data-model]").dataset.model, ...more});
  from.closest("details")?.removeAttribute("open");
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-act]");
  if (button) act(button.dataset.act, button, {});
  for (const menu of element.querySelectorAll("details[open]")) if (!menu.contains(event.target)) menu.open = false;
});
element.addEventListener("submit", (event) => {
  event.preventDefault();
  act("rename", event.target, {name: event.target.elements.name.value});
});
element.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});
// A file dropped anywhere on the tab goes to the field for files.
const panel = element.closest("[role=tabpanel]");
panel.addEventListener("dragover", (event) => event.preventDefault());
panel.addEventListener("drop", (event) => {
  const input = panel.querySelector("#model-file input[type=file]");
  if (!input || event.target.closest("#model-file") || !event.dataTransfer.files.length) return;
  event.preventDefault();
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", {bubbles: true}));
});
"""
ACT_ON_SAID = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-trash]");
  if (button) trigger("restore", {trash: button.dataset.trash});
});
"""
DOWNLOAD = """(file) => {
  if (!file) return;
  const link = Object.assign(document.createElement("a"), {href: file.url, download: file.orig_name || ""});
  document.body.append(link);
  link.click();
  link.remove();
}"""


@dataclass(frozen=True)
class ModelsTab:
    """The components of the Models tab."""

    getting: gr.Column
    repo: gr.Textbox
    pull: gr.Button
    dropped: gr.File
    said: gr.HTML
    zip: gr.File
    cards: gr.HTML


def models_tab() -> ModelsTab:
    """Build the Models tab inside a `gr.Tab`."""
    with gr.Row(elem_classes="view"):
        with gr.Column(elem_classes="controls", min_width=240):
            with gr.Column(elem_id="getting") as getting:
                html(text("models_get"), elem_classes="section-title")
                repo = gr.Textbox(
                    label=text("models_repo"), elem_id="repo", info=text("models_repo_info"), placeholder="user/repo", max_lines=1
                )
                pull = gr.Button(text("models_pull"), variant="primary", elem_id="pull")
                html(text("models_from_file"), elem_classes="field-title")
                dropped = gr.File(
                    show_label=False,
                    label=text("models_from_file"),
                    file_count="multiple",
                    file_types=list(MODEL_ENDINGS),
                    height=128,
                    elem_id="model-file",
                )
                html(text("models_from_file_info"), elem_classes="hint")
            said = html("", elem_id="models-said", js_on_load=ACT_ON_SAID)
            zip_file = gr.File(label=text("models_zip_ready"), visible=False, interactive=False, elem_id="model-zip")
        with gr.Column(elem_classes="stage", min_width=320):
            cards = html("", elem_id="cards", js_on_load=ACT_ON_CARD)
    return ModelsTab(getting, repo, pull, dropped, said, zip_file, cards)


def shown_cards(shelf: Shelf, request: gr.Request) -> str:
    """Return the cards of all models, with menus for the owner."""
    home = shelf.home if asker_of(request).may("owner") else None
    return cards_html(shelf.entries(), language_of(request), home)


def keep_dropped(files: list[str], home: Path) -> str:
    """Store the model of a dropped zip, or of the files of a folder, and return its name. Raises GanError."""
    paths = [Path(file) for file in files]
    if len(paths) == 1 and paths[0].suffix.lower() == ".zip":
        return models.add_beside(paths[0], home).name
    with TemporaryDirectory(prefix="seedbed-dropped-") as temporary:
        folder = Path(temporary) / "model"
        folder.mkdir()
        for path in paths:
            if path.name in models.MODEL_FILES:
                shutil.copyfile(path, folder / path.name)
        return models.add_beside(folder, home).name


def removed_html(name: str, removed: models.Removed, language: Language) -> str:
    """Return what was deleted, with the button that restores it."""
    words = escape(say(language, "models_deleted", name=name, size=megabytes(removed.bytes)))
    undo = escape(say(language, "models_undo"))
    button = f'<button type="button" class="quiet-action" data-trash="{escape(removed.folder.name)}">{undo}</button>'
    return f'<p class="said" role="status">{words} {button}</p>'


def connect_models(
    page: gr.Blocks, tab: ModelsTab, own: gr.Tab, create: CreateTab, shared: gr.Dropdown, tabs: gr.Tabs, shelf: Shelf
) -> None:
    """Connect the tab's events. `shared` is the field of the Share tab that names the model."""
    quick: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}
    _connect_getting(tab, shelf)
    _connect_changes(tab, shelf)

    @needs("visitor")
    def receive(request: gr.Request) -> Any:
        return gr.update(visible=asker_of(request).may("owner"))

    @spoken
    @needs("visitor")
    def show(request: gr.Request) -> Any:
        return shown_cards(shelf, request)

    @needs("visitor")
    def use(event: gr.EventData) -> tuple[Any, ...]:
        return gr.Tabs(selected="create"), create.open(str(event.model))

    @spoken
    @needs("owner")
    def give(event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        choices = shelf.choices(language_of(request))
        return gr.Tabs(selected="share"), gr.update(choices=choices, value=shelf.entry(str(event.model)).key)

    page.load(receive, None, tab.getting, **quick)
    own.select(show, None, tab.cards, **quick)
    tab.cards.give(give, None, [tabs, shared], **quick)
    tab.cards.use(use, None, [tabs, create.instrument], **quick)


def _connect_getting(tab: ModelsTab, shelf: Shelf) -> None:
    slow: dict[str, Any] = {
        "api_visibility": "private",
        "concurrency_id": "hub",
        "concurrency_limit": 4,
        "show_progress_on": tab.said,
    }

    @spoken
    @needs("owner")
    def pull(repo: str, request: gr.Request, progress: gr.Progress = PROGRESS) -> tuple[Any, ...]:
        language = language_of(request)
        name, _, revision = repo.strip().partition("@")
        folder = models.pull(
            name,
            shelf.home,
            revision or None,
            progress=told(progress, say(language, "models_pulling"), say(language, "bytes_unit")),
            token=False,  # the machine's own login belongs to its owner, not to visitors
        )
        key = next(entry.key for entry in shelf.entries() if entry.folder.samefile(folder))
        return said_html(say(language, "models_pulled", name=key.partition(":")[2])), "", shown_cards(shelf, request)

    @spoken
    @needs("owner")
    def keep(files: list[str] | None, request: gr.Request, progress: gr.Progress = PROGRESS) -> tuple[Any, ...]:
        language = language_of(request)
        progress(None, desc=say(language, "models_checking"))
        try:
            name = keep_dropped(files or [], shelf.home)
        except GanError as error:  # shown until the next drop, for which the field is emptied
            return f'<p class="trouble" role="alert">{escape(error.translated(language))}</p>', None, gr.skip()
        return said_html(say(language, "models_kept", name=name)), None, shown_cards(shelf, request)

    @spoken
    @needs("owner")
    def pack(event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        entry = shelf.entry(str(event.model))
        with TemporaryDirectory(prefix="seedbed-zip-") as temporary:
            path = Path(temporary) / f"{entry.name.replace('/', '--')}.zip"
            size = models.export_model(entry.folder, path)
            file = save_file_to_cache(path, get_upload_folder())
        words = say(language_of(request), "models_zip_done", name=entry.name, size=megabytes(size))
        return said_html(words), gr.update(value=file, visible=True)

    gr.on([tab.pull.click, tab.repo.submit], pull, tab.repo, [tab.said, tab.repo, tab.cards], **slow)
    tab.dropped.upload(keep, tab.dropped, [tab.said, tab.dropped, tab.cards], **slow)
    tab.cards.zip(pack, None, [tab.said, tab.zip], **slow).success(None, tab.zip, None, js=DOWNLOAD)


def _connect_changes(tab: ModelsTab, shelf: Shelf) -> None:
    quick: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}

    @spoken
    @needs("owner")
    def folder(event: gr.EventData, request: gr.Request) -> str:
        entry = shelf.entry(str(event.model))
        words = say(language_of(request), "models_lies_in", name=entry.name)
        return f'<p class="said" role="status">{escape(words)} <code>{escape(printable(str(entry.folder)))}</code></p>'

    @spoken
    @needs("owner")
    def rename(event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        entry = shelf.entry(str(event.model))
        key = models.rename_model(entry, str(event.name))
        words = say(language_of(request), "models_renamed", before=entry.name, name=key.partition(":")[2])
        return said_html(words), shown_cards(shelf, request)

    @spoken
    @needs("owner")
    def remove(event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        entry = shelf.entry(str(event.model))
        removed = models.remove_model(entry, shelf.home)
        return removed_html(entry.name, removed, language_of(request)), shown_cards(shelf, request)

    @spoken
    @needs("owner")
    def restore(event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        name = models.restore_model(str(event.trash), shelf.home)
        return said_html(say(language_of(request), "models_restored", name=name)), shown_cards(shelf, request)

    tab.cards.folder(folder, None, tab.said, **quick)
    tab.cards.rename(rename, None, [tab.said, tab.cards], **quick)
    tab.cards.remove(remove, None, [tab.said, tab.cards], **quick)
    tab.said.restore(restore, None, [tab.said, tab.cards], **quick)
