"""The Train tab's layout, and the handlers of the steps before *Watch*: from a dropped zip to a training."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from gan import data
from gan.errors import DataError
from gan.order import free_name
from gan.playing.shelf import Shelf
from gan.runs import queue as jobs
from gan.ui.create import CreateTab
from gan.ui.language import language_of, text
from gan.ui.parts import html
from gan.ui.rights import check_training, needs
from gan.ui.spoken import spoken
from gan.ui.train.form import Dropped, Fields, Form, make_order, parent_choices, plan_form, usual_minutes
from gan.ui.train.frame import Frame, opened
from gan.ui.train.pictures import preview_html, refusal_html, report_html
from gan.ui.train.watch import QUIET, Watch, WatchHandlers, connect_watch, runs_list, showing, watch_step
from gan.words import Language, say

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
    frame: Frame
    report: gr.HTML
    preview: gr.HTML
    watch: Watch
    dropped: gr.State  # the zip that was dropped, and read

    @property
    def boxes(self) -> list[gr.blocks.Block]:
        """The components that change when another step is opened."""
        return [*self.frame.boxes, *self.watch.shown]


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
            runs = runs_list()
        with gr.Column(visible=False, elem_classes="stage", min_width=320) as stage:
            with gr.Column(elem_id="pictures") as pictures_box:
                report, preview = html(elem_id="report"), html(elem_id="preview")
            with gr.Column(visible=False, elem_id="live") as live_box:
                watch = watch_step(runs)
    frame = Frame(stage, pictures_box, live_box)
    return TrainTab(file, sample_set, drop_info, form_box, fields, start, frame, report, preview, watch, gr.State(None))


class TrainHandlers:
    """The handlers of the steps before *Watch*, for one home."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.home = shelf.home

    def read(self, zip_path: str, language: Language, progress: gr.Progress) -> tuple[Any, ...]:
        """A dropped zip's report, and the form where the zip can be trained on."""
        path = Path(zip_path)
        try:
            report = data.inspect(path, progress=told(progress, say(language, "train_reading"), say(language, "pictures_unit")))
        except DataError as error:
            refusal = refusal_html(error, path.stem, language)
            return None, refusal, "", gr.update(visible=False), "", gr.skip(), *opened("pictures"), *showing(None)
        name = free_name(self.home, path.stem)
        parents = gr.update(choices=parent_choices(self.shelf, language))
        shown = report_html(report, path.stem, language)
        dropped = Dropped(path, data.default_size(report))
        return dropped, shown, "", gr.update(visible=True), name, parents, *opened("pictures"), *showing(None)

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
        return None, None, gr.update(visible=False), *opened("watch"), *showing(run.name)


def told(progress: gr.Progress, words: str, unit: str) -> Callable[[int, int], None]:
    """A progress callback (done, total) that Gradio shows."""
    return lambda done, total: progress((done, total), desc=words, unit=unit)


def preparing(progress: gr.Progress, language: Language) -> Callable[[int, int], None]:
    """The progress of preparing pictures, in the visitor's language."""
    return told(progress, say(language, "train_preparing"), say(language, "pictures_unit"))


def connect_train(page: gr.Blocks, tab: TrainTab, create: CreateTab, tabs: gr.Tabs, shelf: Shelf) -> None:
    """Wire the tab up."""
    watching, look = connect_watch(page, tab.watch, tab.frame, shelf.home, create, tabs)
    _connect_pictures(tab, TrainHandlers(shelf), watching, look)


def _connect_pictures(tab: TrainTab, handlers: TrainHandlers, watching: WatchHandlers, look: dict[str, Any]) -> None:
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
    tab.file.clear(watching.arrive, None, tab.boxes, **QUIET).then(forget, None, [tab.dropped, tab.form_box], **QUIET).then(
        **look
    )
    # What changes how pictures are prepared shows at once what it changes.
    shaping = [field.input for field in (fields.parent, fields.preset, fields.side, fields.fit)]
    gr.on(shaping, preview, form, tab.preview, trigger_mode="always_last", **busy)
    fields.preset.input(needs("visitor")(usual_minutes), fields.preset, fields.minutes, **QUIET)
    started = [tab.dropped, tab.file, tab.form_box, *tab.boxes]
    tab.start.click(start, form, started, show_progress_on=tab.preview, **busy).success(**look)
