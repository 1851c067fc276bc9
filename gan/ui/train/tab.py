"""The Train tab's layout and handlers: from a dropped zip to a training that is watched."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from gan import data
from gan.errors import DataError
from gan.order import free_name
from gan.playing.shelf import Shelf
from gan.runs import Request as AskedFor
from gan.runs import Run, list_runs
from gan.runs import queue as jobs
from gan.ui.create import CreateTab
from gan.ui.language import language_of, text
from gan.ui.parts import Part, Seen, html, news
from gan.ui.rights import check_training, needs
from gan.ui.spoken import spoken
from gan.ui.train.eventlog import EventLog
from gan.ui.train.form import Dropped, Fields, Form, make_order, parent_choices, plan_form, usual_minutes
from gan.ui.train.live import LiveView, live_parts, live_view
from gan.ui.train.pictures import preview_html, refusal_html, report_html
from gan.ui.train.runview import GOING, list_html
from gan.words import Language, say

LOOK_SECONDS = 1
PICK_RUN = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-run]");
  if (button) trigger("pick", {run: button.dataset.run});
});
"""
PROGRESS = gr.Progress()


@dataclass(frozen=True)
class TrainTab:
    """The tab's components, and a visitor's state until the page is left."""

    file: gr.File
    sample_set: gr.Button
    drop_info: gr.HTML
    form_box: gr.Column
    fields: Fields
    start: gr.Button
    runs: gr.HTML
    stage: gr.Column
    pictures_box: gr.Column
    report: gr.HTML
    preview: gr.HTML
    live_box: gr.Column
    live: LiveView
    dropped: gr.State  # the zip that was dropped, and read
    watched: gr.State  # the run on the stage
    position: gr.State  # the place in its history, None for the newest
    seen: gr.State  # fingerprints of what the browser shows

    @property
    def boxes(self) -> list[gr.blocks.Block]:
        """The components that change when the stage shows something else."""
        return [self.stage, self.pictures_box, self.live_box, self.watched, self.position, self.seen]


def train_tab(shelf: Shelf) -> TrainTab:
    """Build the tab inside a `gr.Tab`."""
    with gr.Row(elem_classes="view"):
        with gr.Column(elem_classes="controls", min_width=240):
            with gr.Column(elem_classes="drop"):
                html(text("train_drop"), elem_classes="section-title")
                file = gr.File(label=text("train_zip"), show_label=False, file_types=[".zip"], height=148, elem_id="zip")
                sample_set = gr.Button(text("train_sample_set"), size="md", elem_id="sample-set")
                drop_info = html(text("train_drop_info"), elem_classes="hint", elem_id="drop-info")
            with gr.Column(visible=False, elem_id="plan") as form_box:
                fields = plan_form()
                start = gr.Button(text("train_start"), variant="primary", size="lg", elem_id="start", elem_classes="main-action")
            runs = html(elem_id="runs", js_on_load=PICK_RUN)
        with gr.Column(visible=False, elem_classes="stage", min_width=320) as stage:
            with gr.Column(elem_id="pictures") as pictures_box:
                report, preview = html(elem_id="report"), html(elem_id="preview")
            with gr.Column(visible=False, elem_id="live") as live_box:
                live = live_view()
    states = gr.State(None), gr.State(None), gr.State(None), gr.State({})
    return TrainTab(
        file, sample_set, drop_info, form_box, fields, start, runs, stage, pictures_box, report, preview, live_box, live, *states
    )


class TrainHandlers:
    """The tab's event handlers, for one home."""

    def __init__(self, tab: TrainTab, shelf: Shelf) -> None:
        self.tab = tab
        self.shelf = shelf
        self.home = shelf.home
        self.log = EventLog()

    # The stage

    def stage(self, run: str | None = None, *, pictures: bool = False) -> tuple[Any, ...]:
        """Values of `TrainTab.boxes`: the stage shows a run or a zip's pictures; without either it is hidden."""
        shown = run is not None or pictures
        return gr.update(visible=shown), gr.update(visible=pictures), gr.update(visible=run is not None), run, None, {}

    @needs("visitor")
    def arrive(self) -> tuple[Any, ...]:
        """The stage of a fresh page: the run that trains, else the newest run, else the invitation."""
        runs = [(run.name, run.status().state) for run in list_runs(self.home)]
        return self.stage(next((name for name, state in runs if state in GOING), runs[0][0] if runs else None))

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
        nothing = [] if chosen else [gr.skip()] * len(self.tab.live.outputs)
        return nothing + values

    @needs("visitor")
    def pick(self, event: gr.EventData) -> tuple[Any, ...]:
        """Show a run of the list on the stage."""
        return self.stage(Run.open(self.home, str(event.run)).name)

    @needs("visitor")
    def go_back(self, watched: str, value: float) -> int | None:
        """A place in the history; the last place follows the newest sample."""
        return int(value) if value < len(Run.open(self.home, watched).samples()) else None

    # Pictures

    def read(self, zip_path: str, language: Language, progress: gr.Progress) -> tuple[Any, ...]:
        """A dropped zip's report, and the form where the zip can be trained on."""
        path = Path(zip_path)
        try:
            report = data.inspect(path, progress=told(progress, say(language, "train_reading"), say(language, "pictures_unit")))
        except DataError as error:
            refusal = refusal_html(error, path.stem, language)
            return None, refusal, "", gr.update(visible=False), "", gr.skip(), *self.stage(pictures=True)
        name = free_name(self.home, path.stem)
        parents = gr.update(choices=parent_choices(self.shelf, language))
        shown = report_html(report, path.stem, language)
        dropped = Dropped(path, data.default_size(report))
        return dropped, shown, "", gr.update(visible=True), name, parents, *self.stage(pictures=True)

    def preview(self, dropped: Dropped | None, fields: tuple[Any, ...], language: Language, progress: gr.Progress) -> str:
        """Some of the pictures as they will be trained on."""
        if dropped is None:
            return ""
        wanted = make_order(Form(*fields), dropped, self.shelf)
        dataset = wanted.prepare(self.home, suited=dropped.size, preparing=preparing(progress, language))
        return preview_html(dataset, language)

    def start(
        self, dropped: Dropped | None, fields: tuple[Any, ...], language: Language, progress: gr.Progress
    ) -> tuple[Any, ...]:
        """Start a training and show it on the stage; the form is cleared for the next one."""
        if dropped is None:  # the server was started again while the page was open
            raise gr.Error(say(language, "train_forgotten"), title="", print_exception=False)
        wanted = make_order(Form(*fields), dropped, self.shelf)
        run = wanted.create(self.home, suited=dropped.size, preparing=preparing(progress, language))
        jobs.submit(run)
        return None, None, gr.update(visible=False), *self.stage(run.name)


def told(progress: gr.Progress, words: str, unit: str) -> Callable[[int, int], None]:
    """A progress callback (done, total) that Gradio shows."""
    return lambda done, total: progress((done, total), desc=words, unit=unit)


def preparing(progress: gr.Progress, language: Language) -> Callable[[int, int], None]:
    """The progress of preparing pictures, in the visitor's language."""
    return told(progress, say(language, "train_preparing"), say(language, "pictures_unit"))


def connect_train(page: gr.Blocks, tab: TrainTab, create: CreateTab, tabs: gr.Tabs, shelf: Shelf) -> None:
    """Wire the tab up."""
    handlers = TrainHandlers(tab, shelf)
    quiet: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    look: dict[str, Any] = {
        "fn": spoken(handlers.look),
        "inputs": [tab.watched, tab.position, tab.seen],
        "outputs": [*tab.live.outputs, tab.runs, tab.seen],
        **quiet,
    }
    page.load(handlers.arrive, None, tab.boxes, **quiet).then(**look)
    gr.Timer(LOOK_SECONDS).tick(**look, trigger_mode="once")
    _connect_pictures(tab, handlers, look)
    _connect_live(tab, handlers, look, create, tabs)


def _connect_pictures(tab: TrainTab, handlers: TrainHandlers, look: dict[str, Any]) -> None:
    @spoken
    @needs("trainer")
    def read_upload(file: str, request: gr.Request, progress: gr.Progress = PROGRESS) -> tuple[Any, ...]:
        return handlers.read(file, language_of(request), progress)

    @spoken
    @needs("trainer")
    def read_sample_set(request: gr.Request, progress: gr.Progress = PROGRESS) -> tuple[Any, ...]:
        return handlers.read(str(data.sample_zip()), language_of(request), progress)

    @spoken
    @needs("trainer")
    def preview(dropped: Dropped | None, request: gr.Request, progress: gr.Progress = PROGRESS, *fields: Any) -> str:
        return handlers.preview(dropped, fields, language_of(request), progress)

    @spoken
    @needs("trainer")
    def start(dropped: Dropped | None, request: gr.Request, progress: gr.Progress = PROGRESS, *fields: Any) -> tuple[Any, ...]:
        check_training(request, handlers.home, Form(*fields).minutes)
        return handlers.start(dropped, fields, language_of(request), progress)

    @needs("visitor")
    def forget() -> tuple[Any, ...]:
        return None, gr.update(visible=False)

    quiet = {key: value for key, value in look.items() if key not in ("fn", "inputs", "outputs")}
    fields = tab.fields
    found = [tab.dropped, tab.report, tab.preview, tab.form_box, fields.name, fields.parent, *tab.boxes]
    busy: dict[str, Any] = {"api_visibility": "private", "concurrency_id": "pictures", "concurrency_limit": 2}
    form = [tab.dropped, *tab.fields]
    tab.file.upload(read_upload, tab.file, found, show_progress_on=tab.drop_info, **busy).success(
        preview, form, tab.preview, show_progress_on=tab.preview, **busy
    )
    tab.sample_set.click(read_sample_set, None, found, show_progress_on=tab.drop_info, **busy).success(
        preview, form, tab.preview, show_progress_on=tab.preview, **busy
    )
    tab.file.clear(handlers.arrive, None, tab.boxes, **quiet).then(forget, None, [tab.dropped, tab.form_box], **quiet).then(
        **look
    )
    # What changes how pictures are prepared shows at once what it changes.
    shaping = [field.input for field in (fields.parent, fields.preset, fields.side, fields.fit)]
    gr.on(shaping, preview, form, tab.preview, trigger_mode="always_last", **busy)
    fields.preset.input(needs("visitor")(usual_minutes), fields.preset, fields.minutes, **quiet)
    started = [tab.dropped, tab.file, tab.form_box, *tab.boxes]
    tab.start.click(start, form, started, show_progress_on=tab.preview, **busy).success(**look)


def _connect_live(tab: TrainTab, handlers: TrainHandlers, look: dict[str, Any], create: CreateTab, tabs: gr.Tabs) -> None:
    quiet = {key: value for key, value in look.items() if key not in ("fn", "inputs", "outputs")}
    tab.runs.pick(handlers.pick, None, tab.boxes, **quiet).then(**look)
    tab.live.history.input(
        handlers.go_back, [tab.watched, tab.live.history], tab.position, trigger_mode="always_last", **quiet
    ).then(**look)

    def asking(kind: AskedFor) -> Callable[..., None]:
        @spoken
        @needs("owner")
        def ask(watched: str, request: gr.Request) -> None:
            jobs.request(Run.open(handlers.home, watched), kind)

        return ask

    @spoken
    @needs("owner")
    def resume(watched: str, request: gr.Request) -> None:
        jobs.submit(Run.open(handlers.home, watched))

    @needs("visitor")
    def use(watched: str) -> tuple[Any, ...]:
        return gr.Tabs(selected="create"), create.open(f"run:{watched}")

    live = tab.live
    for button, handler in (
        (live.pause, asking("pause")),
        (live.stop, asking("stop")),
        (live.save, asking("save")),
        (live.resume, resume),
    ):
        button.click(handler, tab.watched, None, **quiet).then(**look)
    live.use.click(use, tab.watched, [tabs, create.instrument], **quiet)
