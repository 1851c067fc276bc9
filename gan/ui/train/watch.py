"""The step *Watch* of the Train tab: one run, looked at every second, and the list of all runs."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from gan.runs import Request as AskedFor
from gan.runs import Run, list_runs
from gan.runs import queue as jobs
from gan.ui.create import CreateTab
from gan.ui.language import language_of
from gan.ui.parts import Part, Seen, html, news
from gan.ui.rights import needs
from gan.ui.spoken import spoken
from gan.ui.train.eventlog import EventLog
from gan.ui.train.frame import Frame, opened
from gan.ui.train.live import LiveView, live_parts, live_view
from gan.ui.train.runview import GOING, list_html

LOOK_SECONDS = 1
QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
PICK_RUN = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-run]");
  if (button) trigger("pick", {run: button.dataset.run});
});
"""


@dataclass(frozen=True)
class Watch:
    """The step's components, and a visitor's state until the page is left."""

    live: LiveView
    runs: gr.HTML
    watched: gr.State  # the name of the run that is shown
    position: gr.State  # the place in its history, None for the newest
    seen: gr.State  # fingerprints of what the browser shows

    @property
    def shown(self) -> list[gr.blocks.Block]:
        """The components that `showing` has values for, in its order."""
        return [self.watched, self.position, self.seen]


def runs_list() -> gr.HTML:
    """Build the list of runs."""
    return html(elem_id="runs", js_on_load=PICK_RUN)


def watch_step(runs: gr.HTML) -> Watch:
    """Build the view of one run, inside the frame."""
    return Watch(live_view(), runs, gr.State(None), gr.State(None), gr.State({}))


def showing(run: str | None) -> tuple[Any, ...]:
    """Values of `Watch.shown`: what a visitor sees of a run is sent again in full."""
    return run, None, {}


class WatchHandlers:
    """The step's event handlers, for one home. Those that open a step have the values of `Frame.boxes` and `Watch.shown`."""

    def __init__(self, watch: Watch, home: Path) -> None:
        self.watch = watch
        self.home = home
        self.log = EventLog()

    @needs("visitor")
    def arrive(self) -> tuple[Any, ...]:
        """The step of a fresh page: the run that trains, else the newest run, else the invitation."""
        runs = [(run.name, run.status().state) for run in list_runs(self.home)]
        first = next((name for name, state in runs if state in GOING), runs[0][0] if runs else None)
        return *opened("watch" if first is not None else None), *showing(first)

    @needs("visitor")
    def look(self, watched: str | None, position: int | None, seen: Seen, request: gr.Request) -> list[Any]:
        """Updates for what changed since the visitor last saw it: the live view's outputs, the list of runs, `seen`."""
        language = language_of(request)
        runs = [(run, run.status()) for run in list_runs(self.home)]
        chosen = next(((run, status) for run, status in runs if run.name == watched), None)
        listed = tuple((run.name, status.state, status.images_seen) for run, status in runs)
        parts = live_parts(*chosen, self.log, position, language) if chosen else {}
        parts["list"] = Part((listed, watched), lambda: list_html(runs, watched, language))
        values = news(parts, seen)
        nothing = [] if chosen else [gr.skip()] * len(self.watch.live.outputs)
        return nothing + values

    @needs("visitor")
    def pick(self, event: gr.EventData) -> tuple[Any, ...]:
        """Show a run of the list."""
        return *opened("watch"), *showing(Run.open(self.home, str(event.run)).name)

    @needs("visitor")
    def go_back(self, watched: str, value: float) -> int | None:
        """A place in the history; the last place follows the newest sample."""
        return int(value) if value < len(Run.open(self.home, watched).samples()) else None


def connect_watch(
    page: gr.Blocks, watch: Watch, frame: Frame, home: Path, create: CreateTab, tabs: gr.Tabs
) -> tuple[WatchHandlers, dict[str, Any]]:
    """Wire the step up. What comes back: its handlers, and the event to be run after another has shown a run."""
    handlers = WatchHandlers(watch, home)
    look: dict[str, Any] = {
        "fn": spoken(handlers.look),
        "inputs": [watch.watched, watch.position, watch.seen],
        "outputs": [*watch.live.outputs, watch.runs, watch.seen],
        **QUIET,
    }
    boxes = [*frame.boxes, *watch.shown]
    page.load(handlers.arrive, None, boxes, **QUIET).then(**look)
    gr.Timer(LOOK_SECONDS).tick(**look, trigger_mode="once")
    watch.runs.pick(handlers.pick, None, boxes, **QUIET).then(**look)
    watch.live.history.input(
        handlers.go_back, [watch.watched, watch.live.history], watch.position, trigger_mode="always_last", **QUIET
    ).then(**look)
    _connect_buttons(watch, home, look, create, tabs)
    return handlers, look


def _connect_buttons(watch: Watch, home: Path, look: dict[str, Any], create: CreateTab, tabs: gr.Tabs) -> None:
    def asking(kind: AskedFor) -> Callable[..., None]:
        @spoken
        @needs("owner")
        def ask(watched: str, request: gr.Request) -> None:
            jobs.request(Run.open(home, watched), kind)

        return ask

    @spoken
    @needs("owner")
    def resume(watched: str, request: gr.Request) -> None:
        jobs.submit(Run.open(home, watched))

    @needs("visitor")
    def use(watched: str) -> tuple[Any, ...]:
        return gr.Tabs(selected="create"), create.open(f"run:{watched}")

    live = watch.live
    for button, handler in (
        (live.pause, asking("pause")),
        (live.stop, asking("stop")),
        (live.save, asking("save")),
        (live.resume, resume),
    ):
        button.click(handler, watch.watched, None, **QUIET).then(**look)
    live.use.click(use, watch.watched, [tabs, create.instrument], **QUIET)
