"""The Train tab's layout, and the events of the steps before *Watch*: from pictures to a training."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from gan import data
from gan.data import Choices
from gan.data.sources import Loose
from gan.playing.shelf import Shelf
from gan.ui.create import CreateTab
from gan.ui.language import language_of
from gan.ui.rights import check_training, needs
from gan.ui.spoken import spoken
from gan.ui.train import check
from gan.ui.train.check import CheckStep, check_step
from gan.ui.train.doing import connect_sharing
from gan.ui.train.form import Form, PlanStep, plan_step, usual_minutes
from gan.ui.train.frame import Frame, Said, Step, connect_frame, frame, opened
from gan.ui.train.gallery import VIEWS, Selection, gallery_html
from gan.ui.train.handlers import PROGRESS, TrainHandlers, Visit, told
from gan.ui.train.pictures import (
    SEND_PATHS,
    Dropped,
    PicturesStep,
    Sent,
    folder_refused_html,
    hub_source,
    pictures_step,
    sent,
)
from gan.ui.train.plan import CARDS
from gan.ui.train.watch import QUIET, Watch, connect_watch, runs_list, showing, watch_step
from gan.words import say

__all__ = ["PROGRESS", "TrainTab", "connect_train", "told", "train_tab"]

BUSY: dict[str, Any] = {"api_visibility": "private", "concurrency_id": "pictures", "concurrency_limit": 2}
# Changes run one after the other, and none is dropped, because each starts from the choices that the previous one returned.
ONE_BY_ONE: dict[str, Any] = {
    "api_visibility": "private",
    "concurrency_limit": 1,
    "trigger_mode": "multiple",
    "show_progress": "hidden",
}


@dataclass(frozen=True)
class TrainTab:
    """The steps of the Train tab, and the visitor's source."""

    frame: Frame
    pictures: PicturesStep
    check: CheckStep
    plan: PlanStep
    watch: Watch
    dropped: gr.State

    @property
    def boxes(self) -> list[gr.blocks.Block]:
        """The components that change when another step is opened."""
        return [*self.frame.boxes, *self.watch.shown]

    @property
    def found(self) -> list[gr.blocks.Block]:
        """The components that `TrainHandlers.read` returns values for, in its order."""
        pictures, checked, fields = self.pictures, self.check, self.plan.fields
        states = [self.dropped, checked.choices, checked.selection, pictures.loose, self.frame.said]
        texts = [pictures.files, checked.report, pictures.refusal, checked.classes, checked.chosen, checked.gallery]
        return [*states, *texts, fields.name, fields.parent, checked.level, *self.frame.boxes]

    @property
    def form(self) -> list[gr.blocks.Block]:
        """The components that hold a visitor's choices, in the order of `Visit`."""
        return [self.dropped, self.check.choices, *self.plan.fields]


def train_tab(web: str) -> TrainTab:
    """Build the Train tab inside a `gr.Tab`. `web` is the address of the page's modules."""
    built = frame()
    with built.bodies["pictures"]:
        pictures = pictures_step(web)
    with built.bodies["check"]:
        checked = check_step()
    with built.bodies["plan"]:
        plan = plan_step(checked.fit, checked.background)
    with built.bodies["watch"], gr.Row(elem_classes="view"):
        with gr.Column(elem_classes="controls", min_width=240):
            runs = runs_list()
        with gr.Column(elem_classes="stage", min_width=320, elem_id="live"):
            watch = watch_step(runs)
    return TrainTab(built, pictures, checked, plan, watch, gr.State(None))


def connect_train(page: gr.Blocks, tab: TrainTab, create: CreateTab, shared: gr.Dropdown, tabs: gr.Tabs, shelf: Shelf) -> None:
    """Connect the events of the Train tab. `shared` is the field of the Share tab that names the model."""
    handlers = TrainHandlers(shelf)
    picked = connect_frame(page, tab.frame)
    _, look = connect_watch(page, tab.watch, tab.frame, shelf.home, create, tabs)
    connect_sharing(tab.watch.live, tab.watch.watched, shared, tabs, shelf)
    _connect_pictures(tab, handlers)
    onward = _connect_check(tab, handlers, picked)
    _connect_plan(tab, handlers, (picked, onward))
    _connect_start(tab, handlers, look)


def visit_of(dropped: Dropped | None, choices: Choices, fields: Sequence[Any], request: gr.Request) -> Visit:
    """Return a visitor's choices. Raises gr.Error where the server was restarted while the page was open."""
    language = language_of(request)
    if dropped is None:
        raise gr.Error(say(language, "train_forgotten"), title="", print_exception=False)
    return Visit(dropped, choices, Form(*fields), language)


def _connect_pictures(tab: TrainTab, handlers: TrainHandlers) -> None:
    store = handlers.home / "data" / "loose"

    @spoken
    @needs("trainer")
    def read_files(
        files: list[str], loose: tuple[Loose, ...], request: gr.Request, progress: gr.Progress = PROGRESS
    ) -> tuple[Any, ...]:
        language = language_of(request)
        return handlers.read(lambda: sent(files, loose, store, language), Path(files[0]).stem, language, progress)

    @spoken
    @needs("trainer")
    def read_folder(files: list[str], paths: str, request: gr.Request, progress: gr.Progress = PROGRESS) -> tuple[Any, ...]:
        language = language_of(request)
        return handlers.read(lambda: sent(files, (), store, language, paths), "", language, progress)

    @spoken
    @needs("trainer")
    def read_sample_set(request: gr.Request, progress: gr.Progress = PROGRESS) -> tuple[Any, ...]:
        sample = data.sample_zip()
        return handlers.read(lambda: Sent(str(sample), sample.stem), sample.stem, language_of(request), progress)

    @spoken
    @needs("owner")  # this reads the Hub with this machine's login, and stores what it fetches
    def read_hub(name: str, request: gr.Request, progress: gr.Progress = PROGRESS) -> tuple[Any, ...]:
        return handlers.read(lambda: hub_source(name, handlers.home), name, language_of(request), progress)

    @needs("trainer")
    def refuse_folder(event: gr.EventData, request: gr.Request) -> str:
        return folder_refused_html(str(event.name), str(event.problem), language_of(request))

    step = tab.pictures
    step.refusal.folder(refuse_folder, None, step.refusal, **QUIET)
    shown: dict[str, Any] = {"show_progress_on": step.info, **BUSY}
    for event in (
        step.files.upload(read_files, [step.files, step.loose], tab.found, **shown),
        step.folder.upload(read_folder, [step.folder, step.paths], tab.found, js=SEND_PATHS, **shown),
        step.sample_set.click(read_sample_set, None, tab.found, **shown),
        step.hub.click(read_hub, step.hub_name, tab.found, **shown),
    ):
        event.success(**_look_event(tab, handlers))


def _look_event(tab: TrainTab, handlers: TrainHandlers) -> dict[str, Any]:
    """Return the event that shows the pictures as they will be prepared."""

    @spoken
    @needs("trainer")
    def look(
        at: Step,
        selection: Selection,
        said: Said,
        dropped: Dropped | None,
        choices: Choices,
        request: gr.Request,
        progress: gr.Progress = PROGRESS,
        *fields: Any,
    ) -> tuple[Any, ...]:
        # without a source the page shows the reason; the pictures of a closed step are shown when it opens
        if dropped is None or at != "check":
            return (gr.skip(),) * 5
        return handlers.look(visit_of(dropped, choices, fields, request), selection, said, progress)

    step = tab.check
    outputs = [step.level, step.classes, step.chosen, step.gallery, tab.frame.said]
    inputs = [tab.frame.at, step.selection, tab.frame.said, *tab.form]
    return {"fn": look, "inputs": inputs, "outputs": outputs, "show_progress_on": step.gallery, **BUSY}


def _connect_check(tab: TrainTab, handlers: TrainHandlers, picked: Dependency) -> Dependency:
    """Connect the step, which `picked` may have opened, and return the event that opens the next one."""
    step = tab.check
    look = _look_event(tab, handlers)
    fields = tab.plan.fields
    # A change of how pictures are prepared appears at once. A change made while the step is closed appears when it opens.
    gr.on([fields.fit.input, fields.background.input], trigger_mode="always_last", **look)
    picked.then(**look)

    @spoken
    @needs("trainer")
    def change(
        said: Said, dropped: Dropped | None, choices: Choices, event: gr.EventData, request: gr.Request, *fields: Any
    ) -> Any:
        visit = visit_of(dropped, choices, fields, request)
        survey, _ = handlers.survey(visit)
        told = event._data or {}
        if "picture" in told:
            choices = check.leave(survey, choices, told["picture"], bool(told["out"]))
        elif "to" in told:
            choices = check.rename(survey, choices, str(told["name"]), str(told["to"]))
        else:
            choices = check.ignore(survey, choices, str(told["name"]), bool(told["out"]))
        return choices, *handlers.chosen(visit._replace(choices=choices), survey, said)

    @spoken
    @needs("trainer")
    def near(dropped: Dropped | None, choices: Choices, request: gr.Request, *fields: Any) -> Choices:
        survey, marks = handlers.survey(visit_of(dropped, choices, fields, request))
        return check.leave_near_duplicates(survey, marks, choices)

    @spoken
    @needs("trainer")
    def view(
        dropped: Dropped | None, choices: Choices, event: gr.EventData, request: gr.Request, *fields: Any
    ) -> tuple[Any, ...]:
        visit = visit_of(dropped, choices, fields, request)
        survey, marks = handlers.survey(visit)
        which = next((each for each in VIEWS if each == event.which), VIEWS[0])
        selection = Selection(which, int(event.page))
        return selection, gallery_html(survey, marks, choices, selection, visit.language)

    @needs("visitor")
    def at_level(choices: Choices, level: int | None) -> Choices:
        return check.at_level(choices, level)

    @needs("visitor")
    def onward() -> tuple[Any, ...]:
        return opened("plan")

    changed = [step.choices, step.chosen, tab.frame.said]
    for changing in (step.gallery.leave, step.classes.rename, step.classes.ignore):
        changing(change, [tab.frame.said, *tab.form], changed, **ONE_BY_ONE)
    step.gallery.near(near, tab.form, step.choices, **ONE_BY_ONE).success(**look)
    step.gallery.view(view, tab.form, [step.selection, step.gallery], **ONE_BY_ONE)
    step.level.input(at_level, [step.choices, step.level], step.choices, **QUIET).then(**look)
    going_on: Dependency = step.onward.click(onward, None, tab.frame.boxes, **QUIET)
    return going_on


def _connect_plan(tab: TrainTab, handlers: TrainHandlers, opening: Sequence[Dependency]) -> None:
    """Connect the step. `opening` are events after which it may be open."""

    def planning(measuring: bool) -> Callable[..., tuple[Any, ...]]:
        @spoken
        @needs("trainer")
        def plan(
            at: Step, said: Said, dropped: Dropped | None, choices: Choices, request: gr.Request, *fields: Any
        ) -> tuple[Any, ...]:
            if at != "plan" or dropped is None:
                return (gr.skip(),) * 4
            return handlers.plan(visit_of(dropped, choices, fields, request), said, measuring)

        return plan

    @spoken
    @needs("trainer")
    def estimates(at: Step, dropped: Dropped | None, choices: Choices, request: gr.Request, *fields: Any) -> tuple[Any, ...]:
        if at != "plan" or dropped is None:
            return (gr.skip(),) * 2
        return handlers.estimates(visit_of(dropped, choices, fields, request))

    @spoken
    @needs("trainer")
    def forget(dropped: Dropped | None, choices: Choices, request: gr.Request, *fields: Any) -> None:
        handlers.forget(visit_of(dropped, choices, fields, request))

    @needs("visitor")
    def pick(event: gr.EventData) -> tuple[Any, ...]:
        preset = next((each for each in CARDS if each == event.preset), CARDS[0])
        return preset, usual_minutes(preset)

    step, fields = tab.plan, tab.plan.fields
    measured: dict[str, Any] = {
        "fn": estimates,
        "inputs": [tab.frame.at, *tab.form],
        "outputs": [step.cards, step.expectation],
        "show_progress": "hidden",
        "api_visibility": "private",
        "concurrency_id": "pace",
        "concurrency_limit": 1,
    }
    quick: dict[str, Any] = {
        "fn": planning(False),
        "inputs": [tab.frame.at, tab.frame.said, *tab.form],
        "outputs": [step.cards, step.expectation, step.expert, tab.frame.said],
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    choosing = (fields.parent, fields.side, fields.network, fields.discriminator, fields.objective, fields.penalty, fields.batch)
    told_apart = (*choosing, fields.strength, fields.minutes)
    gr.on([field.input for field in told_apart], trigger_mode="always_last", **quick)
    picked = step.cards.pick(pick, None, [fields.preset, fields.minutes], **QUIET)
    chosen = fields.preset.input(needs("visitor")(usual_minutes), fields.preset, fields.minutes, **QUIET)
    chosen.then(**quick)
    # a changed plan is measured only by its training, because a measuring process for each change would cost too much
    forgotten = step.expectation.again(forget, tab.form, None, **QUIET)
    for following in (*(event.then for event in (*opening, picked)), forgotten.success):
        following(**{**quick, "fn": planning(True)}).success(**measured)
    _connect_base(tab, handlers, opening, quick)


def _connect_base(tab: TrainTab, handlers: TrainHandlers, opening: Sequence[Dependency], planning: dict[str, Any]) -> None:
    """Connect the line on the nearest model; `planning` is the event that shows a changed plan."""

    @spoken
    @needs("trainer")
    def nearest(at: Step, dropped: Dropped | None, choices: Choices, request: gr.Request, *fields: Any) -> Any:
        if at != "plan" or dropped is None:
            return gr.skip()
        return handlers.base(visit_of(dropped, choices, fields, request))

    @needs("visitor")
    def take(event: gr.EventData) -> str:
        return handlers.shelf.entry(str(event.base)).key

    step, parent = tab.plan, tab.plan.fields.parent
    comparing: dict[str, Any] = {
        "fn": nearest,
        "inputs": [tab.frame.at, *tab.form],
        "outputs": step.base,
        "show_progress": "hidden",
        "api_visibility": "private",
        "concurrency_id": "base",
        "concurrency_limit": 1,
    }
    for event in (*opening, step.base.take(take, None, parent, **QUIET).then(**planning)):
        event.then(**comparing)
    parent.input(**comparing)


def _connect_start(tab: TrainTab, handlers: TrainHandlers, look: dict[str, Any]) -> None:
    @spoken
    @needs("trainer")
    def start(
        dropped: Dropped | None, choices: Choices, request: gr.Request, progress: gr.Progress = PROGRESS, *fields: Any
    ) -> tuple[Any, ...]:
        visit = visit_of(dropped, choices, fields, request)
        check_training(request, handlers.home, visit.form.minutes)
        run = handlers.start(visit, progress)
        return None, {}, *opened("watch"), *showing(run)

    started = [tab.dropped, tab.frame.said, *tab.boxes]
    tab.frame.start.click(start, tab.form, started, show_progress_on=tab.frame.progress, **BUSY).success(**look)
