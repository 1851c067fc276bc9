"""The step *Watch* of the Train tab: one run, updated every few seconds, and the list of all runs."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from gan.runs import Run
from gan.runs.listing import run_list
from gan.ui.create import CreateTab
from gan.ui.language import language_of, text
from gan.ui.pace import SHORTEST_PAUSE, pause_between_looks
from gan.ui.parts import Part, Seen, html, news
from gan.ui.rights import check_training, needs
from gan.ui.spoken import spoken
from gan.ui.train.compare import compare_html
from gan.ui.train.doing import connect_buttons, connect_managing
from gan.ui.train.eventlog import EventLog
from gan.ui.train.frame import Frame, opened
from gan.ui.train.history import ACT_ON_LIST, MORE, SHOWN_AT_FIRST, list_html, thumbnail_of
from gan.ui.train.lessons import ACT_ON_LESSONS, PICK_PART, lesson_html, lessons_html, siblings, start_lesson
from gan.ui.train.live import LiveView, live_parts, live_view
from gan.ui.train.manage import Managing, managing_part, managing_parts
from gan.ui.train.runview import GOING
from gan.words import Language, say

QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


class RunsList(NamedTuple):
    """The list of runs, the button that restores a removed run, and the lessons."""

    list: gr.HTML
    undo: gr.Button
    lessons: gr.HTML


@dataclass(frozen=True)
class Watch:
    """The components of the step, and a visitor's state, which lasts until the page is left."""

    lesson: gr.HTML
    live: LiveView
    beside: gr.HTML  # the trainings of a lesson that has several
    managing: Managing
    runs: RunsList
    watched: gr.State  # the name of the shown run
    position: gr.State  # the place in its history, None for the newest
    seen: gr.State  # fingerprints of what the browser shows
    listed: gr.State  # the number of runs in the list
    removed: gr.State  # what `restore` needs for the last removed run, or None
    ticks: gr.Timer

    @property
    def shown(self) -> list[gr.blocks.Block]:
        """The components that `showing` returns values for, in its order."""
        return [self.watched, self.position, self.seen]

    @property
    def looked_at(self) -> list[gr.blocks.Block]:
        """The components that change with the shown run, in the order of `WatchHandlers.look`."""
        return [self.lesson, *self.live.outputs, self.beside, *self.managing.outputs]


def runs_list() -> RunsList:
    """Build the list of runs."""
    with gr.Accordion(text("lessons_title"), open=False, elem_classes="drawer", elem_id="lessons-box"):
        lessons = html(elem_id="lessons", js_on_load=ACT_ON_LESSONS)
    undo = gr.Button(text("runs_undo"), size="md", visible=False, elem_id="undo-remove")
    return RunsList(html(elem_id="runs", js_on_load=ACT_ON_LIST), undo, lessons)


def watch_step(runs: RunsList) -> Watch:
    """Build the view of one run, inside the frame."""
    lesson = html("", elem_id="lesson", js_on_load=PICK_PART)
    live, beside, managing = live_view(), html("", elem_id="lesson-beside"), managing_part()
    states = gr.State(None), gr.State(None), gr.State({}), gr.State(SHOWN_AT_FIRST), gr.State(None)
    return Watch(lesson, live, beside, managing, runs, *states, gr.Timer(SHORTEST_PAUSE))


def showing(run: str | None) -> tuple[Any, ...]:
    """Return the values of `Watch.shown` for a run, so that the browser receives all of the step's parts again."""
    return run, None, {}


class WatchHandlers:
    """The step's event handlers, for one home. Those that open a step return the values of `Frame.boxes` and `Watch.shown`."""

    def __init__(self, watch: Watch, home: Path) -> None:
        self.watch = watch
        self.home = home
        self.log = EventLog()
        self.runs = run_list(home)

    def first(self) -> str | None:
        """Return the run that a newly opened page shows: the one that trains, else the newest; None without any run."""
        rows = self.runs.rows()
        return next((run.name for run, status in rows if status.state in GOING), rows[0][0].name if rows else None)

    def shown(self, name: str | None) -> tuple[Any, ...]:
        """Return the values with which the step shows a run; without a run the stage is hidden."""
        return *opened("watch" if name is not None else None), *showing(name)

    @needs("visitor")
    def arrive(self) -> tuple[Any, ...]:
        """Return the step that a newly opened page shows: a run, else the first step."""
        return self.shown(self.first())

    @needs("visitor")
    def look(self, watched: str | None, position: int | None, seen: Seen, listed: int, request: gr.Request) -> list[Any]:
        """Return updates of the components that have changed since the last call: `Watch.looked_at`, the list of runs, the timer,
        `seen`.
        """
        language = language_of(request)
        rows = self.runs.rows()
        chosen = next(((run, status) for run, status in rows if run.name == watched), None)
        parts: dict[str, Part] = {}
        if chosen is not None:
            run, names = chosen[0], [run.name for run, _ in rows]
            parts["lesson"] = Part((run.name, len(rows)), lambda: lesson_html(run, names, language))
            parts |= live_parts(*chosen, self.log, position, language)
            parts["beside"] = self.beside(run, names, language)
            parts |= managing_parts(run, names, language)
        visible = tuple((each.name, status.state, status.images_seen, thumbnail_of(each)) for each, status in rows[:listed])
        parts["list"] = Part((visible, len(rows), watched), lambda: list_html(rows, watched, language, listed))
        pause = pause_between_looks(None if chosen is None else chosen[1])
        parts["ticks"] = Part(pause, lambda: gr.Timer(pause))
        values = news(parts, seen)
        nothing = [] if chosen else [gr.skip()] * len(self.watch.looked_at)
        return nothing + values

    def beside(self, run: Run, names: list[str], language: Language) -> Part:
        """Return the trainings of the lesson that a run belongs to, where it has several."""
        others = siblings(run, names)
        counts = tuple(len(self.log.events(each)) for each in others)

        def shown() -> str:
            compared = compare_html(others, self.log, language)
            title = escape(say(language, "lesson_beside"))
            return f'<h2 class="section-title">{title}</h2>{compared}' if compared else ""

        return Part((run.name, counts, len(names)), shown)

    @needs("visitor")
    def greet(self, request: gr.Request) -> str:
        """Return the list of lessons, in the visitor's language."""
        return lessons_html(language_of(request))

    @spoken
    @needs("trainer")
    def begin_lesson(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Begin a lesson, and show its first training."""
        check_training(request, self.home, None)
        return self.shown(start_lesson(str(event.lesson), self.home).name)

    @needs("visitor")
    def pick(self, event: gr.EventData) -> tuple[Any, ...]:
        """Show the run that was clicked in the list."""
        return self.shown(Run.open(self.home, str(event.run)).name)

    @needs("visitor")
    def more(self, listed: int) -> int:
        """Show more runs in the list."""
        return listed + MORE

    @needs("visitor")
    def go_back(self, watched: str, value: float) -> int | None:
        """Go to a place in the history; the last place follows the newest sample."""
        return int(value) if value < len(Run.open(self.home, watched).samples()) else None


def connect_watch(
    page: gr.Blocks, watch: Watch, frame: Frame, home: Path, create: CreateTab, tabs: gr.Tabs
) -> tuple[WatchHandlers, dict[str, Any]]:
    """Connect the step, and return its handlers and the event to run after another event has shown a run."""
    handlers = WatchHandlers(watch, home)
    look: dict[str, Any] = {
        "fn": spoken(handlers.look),
        "inputs": [watch.watched, watch.position, watch.seen, watch.listed],
        "outputs": [*watch.looked_at, watch.runs.list, watch.ticks, watch.seen],
        **QUIET,
    }
    boxes = [*frame.boxes, *watch.shown]
    page.load(handlers.arrive, None, boxes, **QUIET).then(**look)
    page.load(handlers.greet, None, watch.runs.lessons, **QUIET)
    watch.ticks.tick(**look, trigger_mode="once")
    watch.runs.list.pick(handlers.pick, None, boxes, **QUIET).then(**look)
    watch.lesson.pick(handlers.pick, None, boxes, **QUIET).then(**look)
    watch.runs.lessons.begin(
        handlers.begin_lesson,
        None,
        boxes,
        api_visibility="private",
        concurrency_id="pictures",
        show_progress_on=watch.runs.lessons,
    ).success(**look)
    watch.runs.list.more(handlers.more, watch.listed, watch.listed, **QUIET).then(**look)
    watch.live.history.input(
        handlers.go_back, [watch.watched, watch.live.history], watch.position, trigger_mode="always_last", **QUIET
    ).then(**look)
    connect_buttons(watch.live, watch.watched, watch.position, boxes, handlers.shown, home, look, create, tabs)
    connect_managing(watch.managing, watch.watched, watch.removed, watch.runs.undo, boxes, handlers, look)
    return handlers, look
