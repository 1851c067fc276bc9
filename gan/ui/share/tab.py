"""The Share tab's layout and handlers: from a chosen model to the link or file that is shared."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gradio as gr
from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder
from huggingface_hub import get_token

from gan import sharing
from gan.errors import ConfigError, GanError
from gan.hub import Pushed, is_reachable
from gan.models import Entry, read_config
from gan.playing.asking import Place
from gan.playing.sharing import Drafts, publish, push_written, write_model_file
from gan.playing.shelf import Shelf
from gan.runs import Run
from gan.sharing import Statement, copy_stated, restate
from gan.ui.language import language_of, text
from gan.ui.parts import hint_html, html, said_html, told, trouble_html
from gan.ui.rights import asker_of, needs
from gan.ui.share.form import Fields, Where, Wish, share_form
from gan.ui.share.looks import app_html, card_markdown, file_html, head_html, page_html
from gan.ui.spoken import spoken
from gan.words import LANGUAGES, TEXTS, Language, say

PROGRESS = gr.Progress()
NOTICES: dict[Place, str] = {"space": "share_visiting_space", "keyed": "share_visiting_keyed", "open": "share_visiting_open"}
NEXT_STEP: dict[Where, str] = {"static": "share_publish", "app": "share_create", "hub": "share_push", "file": "share_make"}
# The message below the button is scrolled into the window when it changes, and when the progress of a step begins.
SHOW_MESSAGE = """
const said = element.closest("#share-said") ?? element;
let before = "";
new MutationObserver(() => {
  const now = said.querySelector(".progress-level") ? "working" : element.textContent.trim();
  if (now && now !== before) said.scrollIntoView({block: "nearest"});
  before = now;
}).observe(said, {childList: true, subtree: true});
"""
TOKEN_TROUBLE = ("hub_token_missing", "hub_token_refused", "hub_forbidden")


@dataclass(frozen=True)
class ShareTab:
    """The components of the Share tab."""

    notice: gr.HTML
    box: gr.Row
    fields: Fields
    share: gr.Button
    said: gr.HTML
    file: gr.File
    head: gr.HTML
    look: gr.HTML
    card: gr.Markdown

    @property
    def shown(self) -> list[Any]:
        """The outputs of `ShareHandlers.look`."""
        fields = self.fields
        return [fields.app_kind, fields.file_kind, fields.push_box, self.share, self.head, self.look, self.card]


def share_tab() -> ShareTab:
    """Build the Share tab inside a `gr.Tab`."""
    notice = html(visible=False, elem_id="share-notice")
    with gr.Row(elem_classes="view", elem_id="share") as box:
        with gr.Column(elem_classes="controls", min_width=240):
            fields = share_form()
            share = gr.Button(text("share_look_first"), variant="primary", size="lg", elem_id="share-go")
            said = html("", elem_id="share-said", js_on_load=SHOW_MESSAGE)
            file = gr.File(label=text("share_ready"), visible=False, interactive=False, elem_id="share-result")
        with gr.Column(elem_classes="stage", min_width=320):
            head, look = html("", elem_id="share-head"), html("", elem_id="share-look")
            card = gr.Markdown("", elem_id="share-card", visible=False)
    return ShareTab(notice, box, fields, share, said, file, head, look, card)


class ShareHandlers:
    """The event handlers of the Share tab, for one home."""

    def __init__(self, shelf: Shelf, drafts: Drafts) -> None:
        self.shelf = shelf
        self.drafts = drafts

    def listed(self, chosen: str | None, opened: str | None, language: Language) -> Any:
        """Return the models to choose from, and the chosen one: the one already chosen, else the newest run, else the model that
        is open on Create.
        """
        choices = self.shelf.choices(language)
        keys = [key for _, key in choices]
        own = next((entry.key for entry in self.shelf.entries() if entry.kind == "run"), None)
        return gr.update(choices=choices, value=next((key for key in (chosen, own, opened, *keys) if key in keys), None))

    def begin(self, key: str | None) -> tuple[str, str, str, bool, Any]:
        """Return the fields as a model fills them: its name, its source, its licence, an empty confirmation, and whether a token
        is needed.
        """
        asked = gr.update(visible=get_token() is None)
        if not key:
            return "", "", "", False, asked
        entry = self.shelf.entry(key)
        statement = Statement.of(read_config(entry.folder))
        # loose pictures have no name but the one that the page gives them, which tells nobody whose they are
        dataset = "" if statement.dataset in {TEXTS[each]["train_loose_name"] for each in LANGUAGES} else statement.dataset
        return entry.name.rpartition("/")[2], dataset, statement.licence, False, asked

    def look(self, wish: Wish, language: Language) -> tuple[Any, ...]:
        """Return the values of `ShareTab.shown`: the needed fields, the button's next step, and the preview."""
        pushes = wish.where != "file"
        needed = (gr.update(visible=wish.where == "app"), gr.update(visible=not pushes), gr.update(visible=pushes))
        if not wish.model:
            return *needed, gr.update(), "", say(language, "models_none"), gr.update(visible=False)
        entry = self.shelf.entry(wish.model)
        config = read_config(entry.folder)
        draft = self.drafts.find(entry.folder, wish.statement) if wish.where == "static" else None
        words = "share_look_first" if wish.where == "static" and draft is None else NEXT_STEP[wish.where]
        look = ""
        if wish.where == "static":
            look = page_html(draft, language)
        elif wish.where == "app":
            look = app_html(entry, wish, language)
        elif wish.where == "file":
            look = file_html(entry.folder, wish, language)
        is_card = wish.where == "hub"
        card = gr.update(value=card_markdown(entry.folder, wish) if is_card else "", visible=is_card)
        return (
            *needed,
            gr.update(value=say(language, words)),
            "" if draft else head_html(entry, config, language),  # the preview of the page already shows the model
            look,
            card,
        )

    def beginning(self, wish: Wish, language: Language) -> str:
        """Return what the next step begins to do, where it takes long and its progress is not known."""
        if wish.where == "file":
            return said_html(say(language, "share_making"))
        if wish.where == "static" and self.drafts.find(self.shelf.entry(wish.model).folder, wish.statement) is None:
            return said_html(say(language, "share_writing"))
        return ""

    def share(self, wish: Wish, token: str | None, language: Language, progress: gr.Progress) -> tuple[str, str | None]:
        """Do the next step: write the page for a preview, push, or make the file. Return the message, and the file."""
        entry = self.shelf.entry(wish.model)
        if wish.where == "file":
            return said_html(say(language, "share_file_ready")), self._make_file(entry, wish)
        if wish.where == "static" and self.drafts.find(entry.folder, wish.statement) is None:
            self._draft(entry, wish)
            return said_html(say(language, "share_page_written")), None
        if not wish.may_use:
            raise ConfigError("share_promise_missing")
        pushed = self._push(entry, wish, token, language, progress)
        remember(entry, wish.statement)
        return said_html(say(language, "share_done" if pushed.changed else "share_unchanged"), pushed.url), None

    def _push(self, entry: Entry, wish: Wish, token: str | None, language: Language, progress: gr.Progress) -> Pushed:
        sending = told(progress, say(language, "models_pushing"), say(language, "bytes_unit"))
        name = wish.name.strip()
        if wish.where == "hub":
            return sharing.push(entry.folder, name, wish.private, token, sending, wish.statement)
        if wish.where == "static":  # publishes exactly the page of the preview
            written = self._draft(entry, wish)
            return push_written(written, name, "static", wish.private, token, sending)
        with TemporaryDirectory(prefix="seedbed-stated-") as temporary:
            stated = copy_stated(entry.folder, Path(temporary), wish.statement)
            return publish(stated, name, self.shelf.home, wish.app_kind, wish.private, token, sending)

    def _draft(self, entry: Entry, wish: Wish) -> Path:
        return self.drafts.page(entry.folder, wish.statement, self.shelf.home).folder

    def _make_file(self, entry: Entry, wish: Wish) -> str:
        with TemporaryDirectory(prefix="seedbed-stated-") as stated, TemporaryDirectory(prefix="seedbed-file-") as made:
            copy = copy_stated(entry.folder, Path(stated), wish.statement)
            return offered(write_model_file(copy, Path(made), self.shelf.home, wish.file_kind))


def offered(path: Path) -> str:
    """Return a file that Gradio serves for a day, at an address that holds the sha256 of its content."""
    return save_file_to_cache(path, get_upload_folder())


def remember(entry: Entry, statement: Statement) -> None:
    """Store a statement with a model of the home, so that it need not be typed again, except for a run that is training, whose
    trainer writes the model.
    """
    if entry.kind == "kept" or (entry.kind == "run" and not Run(entry.folder.parent).active()):
        restate(entry.folder, statement)


def connect_share(page: gr.Blocks, tab: ShareTab, own: gr.Tab, opened: gr.State, shelf: Shelf, drafts: Drafts) -> None:
    """Connect the tab's events. `opened` is the model that is open on Create."""
    handlers = ShareHandlers(shelf, drafts)
    quick: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}
    slow: dict[str, Any] = {"api_visibility": "private", "concurrency_id": "hub", "concurrency_limit": 4}
    fields = tab.fields

    @spoken
    @needs("owner")
    def begin(key: str | None, request: gr.Request) -> tuple[Any, ...]:
        return handlers.begin(key)

    @spoken
    @needs("visitor")
    def look(request: gr.Request, *wished: Any) -> tuple[Any, ...]:
        if not asker_of(request).may("owner"):  # visitors already see a notice
            return tuple(gr.skip() for _ in tab.shown)
        return handlers.look(Wish(*wished), language_of(request))

    @spoken
    @needs("owner")
    def announce(request: gr.Request, *wished: Any) -> str:
        try:
            return handlers.beginning(Wish(*wished), language_of(request))
        except GanError:
            return ""  # the step itself, which comes next, ends with this error and shows it

    @spoken
    @needs("owner")
    def share(
        token: str, request: gr.Request, login: gr.OAuthToken | None, progress: gr.Progress = PROGRESS, *wished: Any
    ) -> tuple[Any, ...]:
        language, wish = language_of(request), Wish(*wished)
        given = token.strip() or (login.token if login else None)
        try:
            said, file = handlers.share(wish, given, language, progress)
        except GanError as error:
            free = wish.where == "app" and error.code == "hub_payment"
            asked = gr.update(visible=True) if error.code in TOKEN_TROUBLE else gr.skip()
            return trouble_html(error.translated(language)), gr.update(visible=False), asked, "static" if free else gr.skip()
        return said, gr.update(value=file, visible=file is not None), "", gr.skip()

    looking: dict[str, Any] = {"fn": look, "inputs": fields.inputs, "outputs": tab.shown, **quick}
    begun = [fields.name, fields.dataset, fields.licence, fields.may_use, fields.token]
    _connect_arrival(page, tab, own, opened, handlers, looking)
    fields.model.change(begin, fields.model, begun, **quick).success(**looking)
    shaping = [fields.where.change, fields.app_kind.input, fields.file_kind.input]
    typed = [each.blur for each in (fields.dataset, fields.licence, fields.name)]
    gr.on([*shaping, *typed], **looking)
    tab.share.click(announce, fields.inputs, tab.said, **quick).success(
        share,
        [fields.token, *fields.inputs],
        [tab.said, tab.file, fields.token, fields.where],
        show_progress_on=tab.said,
        **slow,
    ).success(**looking)


def _connect_arrival(
    page: gr.Blocks, tab: ShareTab, own: gr.Tab, opened: gr.State, handlers: ShareHandlers, looking: dict[str, Any]
) -> None:
    """Connect the events of opening the page and the tab: visitors see a notice, and the owner sees whether the Hub answers."""
    quick: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}
    model, where = tab.fields.model, tab.fields.where

    @needs("visitor")
    def receive(request: gr.Request) -> tuple[Any, Any]:
        asker, language = asker_of(request), language_of(request)
        if asker.may("owner"):
            return gr.update(visible=False), gr.update(visible=True)
        return gr.update(value=hint_html(say(language, NOTICES[asker.place])), visible=True), gr.update(visible=False)

    @spoken
    @needs("visitor")
    def arrive(chosen: str | None, opened: str | None, request: gr.Request) -> tuple[Any, Any]:
        if not asker_of(request).may("owner"):
            return gr.skip(), gr.skip()
        return handlers.listed(chosen, opened, language_of(request)), ""

    @spoken
    @needs("visitor")
    def check_hub(request: gr.Request) -> tuple[Any, Any]:
        if not asker_of(request).may("owner"):
            return gr.skip(), gr.skip()
        if is_reachable():
            return gr.update(visible=False), gr.skip()
        return gr.update(value=hint_html(say(language_of(request), "share_offline")), visible=True), "file"

    page.load(receive, None, [tab.notice, tab.box], **quick)
    own.select(arrive, [model, opened], [model, tab.said], **quick).then(**looking).then(
        check_hub, None, [tab.notice, where], **quick
    )
