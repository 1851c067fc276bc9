"""The Models tab: every model here, pulling one from the Hub, and pushing one to it."""

from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from gan import models, sharing
from gan.errors import HubError
from gan.playing.shelf import Shelf
from gan.ui.create import CreateTab
from gan.ui.language import language_of, text
from gan.ui.models.cards import cards_html
from gan.ui.parts import html
from gan.ui.rights import needs
from gan.ui.spoken import spoken
from gan.ui.train.tab import PROGRESS, told
from gan.words import Language, say

ACT_ON_CARD = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button) trigger(button.dataset.act, {model: button.closest("[data-model]").dataset.model});
});
// the names of the events: "use", "give"
"""


@dataclass(frozen=True)
class ModelsTab:
    """The tab's components."""

    repo: gr.Textbox
    pull: gr.Button
    model: gr.Dropdown
    to_repo: gr.Textbox
    private: gr.Checkbox
    token: gr.Textbox
    push: gr.Button
    share: gr.Accordion
    said: gr.HTML
    cards: gr.HTML


def models_tab() -> ModelsTab:
    """Build the tab inside a `gr.Tab`."""
    with gr.Row(elem_classes="view"):
        with gr.Column(elem_classes="controls", min_width=240):
            html(text("models_get"), elem_classes="section-title")
            repo = gr.Textbox(
                label=text("models_repo"), elem_id="repo", info=text("models_repo_info"), placeholder="user/repo", max_lines=1
            )
            pull = gr.Button(text("models_pull"), variant="primary", elem_id="pull")
            with gr.Accordion(text("models_share"), open=False, elem_classes="drawer", elem_id="share") as share:
                model = gr.Dropdown([], label=text("models_which"), elem_id="share-model")
                to_repo = gr.Textbox(
                    label=text("models_to_repo"),
                    elem_id="to-repo",
                    info=text("models_to_repo_info"),
                    placeholder="user/repo",
                    max_lines=1,
                )
                private = gr.Checkbox(True, label=text("models_private"))
                token = gr.Textbox(
                    label=text("models_token"), elem_id="token", info=text("models_token_info"), type="password", max_lines=1
                )
                push = gr.Button(text("models_push"), elem_id="push")
            said = html("", elem_id="models-said")
        with gr.Column(elem_classes="stage", min_width=320):
            cards = html("", elem_id="cards", js_on_load=ACT_ON_CARD)
    return ModelsTab(repo, pull, model, to_repo, private, token, push, share, said, cards)


def connect_models(tab: ModelsTab, own: gr.Tab, create: CreateTab, tabs: gr.Tabs, shelf: Shelf) -> None:
    """Wire the tab up."""
    slow: dict[str, Any] = {
        "api_visibility": "private",
        "concurrency_id": "hub",
        "concurrency_limit": 4,
        "show_progress_on": tab.said,
    }
    quick: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}

    def listed(language: Language, chosen: str | None = None) -> tuple[Any, Any]:
        choices = shelf.choices(language)
        value = chosen if chosen in [key for _, key in choices] else (choices[0][1] if choices else None)
        return cards_html(shelf.entries(), language), gr.update(choices=choices, value=value)

    @spoken
    @needs("visitor")
    def show(chosen: str | None, request: gr.Request) -> tuple[Any, Any]:
        return listed(language_of(request), chosen)

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
            token=False,  # the machine's own login is its owner's, not any visitor's
        )
        key = next(entry.key for entry in shelf.entries() if entry.folder.samefile(folder))
        return say_html(say(language, "models_pulled", name=key.partition(":")[2])), "", *listed(language, key)

    @spoken
    @needs("owner")
    def push(
        key: str, repo: str, private: bool, token: str, request: gr.Request, progress: gr.Progress = PROGRESS
    ) -> tuple[str, str]:
        language = language_of(request)
        if not token.strip():  # the machine's own login is its owner's, not any visitor's
            raise HubError("hub_token_missing")
        folder = shelf.entry(key).folder
        url, _ = sharing.push(
            folder,
            repo.strip(),
            private,
            token.strip(),
            progress=told(progress, say(language, "models_pushing"), say(language, "bytes_unit")),
        )
        return say_html(say(language, "models_pushed"), url), ""

    @needs("visitor")
    def use(event: gr.EventData) -> tuple[Any, ...]:
        return gr.Tabs(selected="create"), create.open(str(event.model))

    @spoken
    @needs("visitor")
    def give(event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        return shelf.entry(str(event.model)).key, gr.update(open=True)

    own.select(show, tab.model, [tab.cards, tab.model], **quick)
    gr.on([tab.pull.click, tab.repo.submit], pull, tab.repo, [tab.said, tab.repo, tab.cards, tab.model], **slow)
    tab.push.click(push, [tab.model, tab.to_repo, tab.private, tab.token], [tab.said, tab.token], **slow)
    tab.cards.give(give, None, [tab.model, tab.share], **quick)
    tab.cards.use(use, None, [tabs, create.instrument], **quick)


def say_html(words: str, url: str | None = None) -> str:
    """A sentence about what was done, with the address of the result."""
    link = f' <a href="{escape(url)}" target="_blank" rel="noopener">{escape(url)}</a>' if url else ""
    return f'<p class="said" role="status">{escape(words)}{link}</p>'
