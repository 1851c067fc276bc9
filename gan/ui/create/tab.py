"""The Create tab's component: one custom HTML element in which the modules of gan/web build the user interface."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from gan.errors import GanError
from gan.limits import FIRST_SEEDS, for_browser
from gan.playing.asking import asked_by
from gan.playing.calls import CALLS
from gan.playing.pictures import LookCall, PicturesCall, look, pictures
from gan.playing.shelf import Shelf
from gan.playing.studio import Answer, Answering, Studio, answer
from gan.ui.language import language_of
from gan.ui.rights import asker_of, needs
from gan.words import CREATE

# Gradio runs this script once the component is in the page, and finds the names of events in its text. The address is relative to
# the page, so that it is also valid behind a proxy.
LOADER = """
const opened = (key) => trigger("opened", { key });
import(new URL(`${props.web}start.js`, document.baseURI).href)
  .then(({ start }) => start({ element, props, server, upload, watch, opened }))
  .catch((error) => {
    console.error(error);
    document.getElementById("arriving")?.remove();
    const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
    element.querySelector(".studio").textContent = props.words[language]["create_not_loaded"];
  });
"""


@dataclass(frozen=True)
class CreateTab:
    """The parts of this tab that other tabs and the page use."""

    instrument: gr.HTML
    model: gr.State  # the key of the model that is open in this visitor's browser
    studio: Studio

    def open(self, key: str) -> Any:
        """Return the value of the component `instrument` that opens a model in its initial state."""
        # the time makes the value new, even if the same model is opened again
        return gr.HTML(order=json.dumps({"model": key, "asked": time.time_ns()}))


def make_ask(studio: Studio, calls: Mapping[str, Answering]) -> Callable[..., Answer]:
    """Return the one function that the browser calls, as ask({"call": NAME, "with": {…}})."""

    @needs("visitor")  # the table of calls states which calls need more
    def ask(data: Any, request: gr.Request) -> Answer:
        with asked_by(asker_of(request)):
            return answer(studio, calls, data, language_of(request))

    return ask


def first_look(studio: Studio) -> Answer:
    """Return the data sent with the page, so that it shows pictures at once: models, a model, eight pictures."""
    try:
        seen = look(studio, LookCall(), "en")
        if seen["model"] is None:
            return seen
        call = PicturesCall.model_validate({"model": seen["model"]["key"], "seeds": FIRST_SEEDS})
        return {**seen, **pictures(studio, call, "en")}
    except GanError:  # the browser then makes the same call and receives the error
        return {"models": [], "model": None}


def create_tab(shelf: Shelf, web: str) -> CreateTab:
    """Build the tab inside a `gr.Tab`. `web` is the address of the modules."""
    studio = Studio(shelf, Path(get_upload_folder()))
    first = first_look(studio)
    instrument = gr.HTML(
        html_template='<div class="studio"></div>',
        js_on_load=LOADER,
        apply_default_css=False,
        padding=False,
        elem_id="studio",
        server_functions=[make_ask(studio, CALLS)],
        first=first,
        words=CREATE,
        limits=for_browser(),
        web=web,
        order="",
    )
    model = gr.State(first["model"] and first["model"]["key"])
    return CreateTab(instrument, model, studio)


def connect_create(tab: CreateTab) -> None:
    """Pass the key of the open model to the rest of the page."""

    @needs("visitor")
    def opened(event: gr.EventData) -> str:
        return str(event.key)

    tab.instrument.opened(opened, None, tab.model, queue=False, show_progress="hidden", api_visibility="private")
