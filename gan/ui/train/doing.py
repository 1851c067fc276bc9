"""The buttons of the step *Watch*: requests to the trainer, remedies, saving models, the time-lapse, and managing runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import gradio as gr

from gan.errors import RunError
from gan.models import keep_model
from gan.order import free_name
from gan.playing.shelf import Shelf
from gan.runs import Request as AskedFor
from gan.runs import Run
from gan.runs import queue as jobs
from gan.runs.earlier import nearest_model
from gan.runs.remedies import REMEDIES, as_long_again, begin_again
from gan.ui.create import CreateTab
from gan.ui.language import language_of
from gan.ui.rights import asker_of, check_training, needs
from gan.ui.spoken import spoken
from gan.ui.train.advice import known_remedies
from gan.ui.train.eventlog import EventLog
from gan.ui.train.film import film_html
from gan.ui.train.keeping import beside_parent_html
from gan.ui.train.live import LiveView, moment_at
from gan.ui.train.manage import Managing, ManagingHandlers
from gan.words import say

QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
Shown = Callable[[str | None], tuple[Any, ...]]
"""Takes the name of a run, and returns the values with which the step *Watch* shows it."""


class Showing(Protocol):
    """The handlers of the step Watch that are called after a run was renamed, removed or restored."""

    home: Path
    log: EventLog

    def first(self) -> str | None:
        """Return the run that a fresh page shows."""

    def shown(self, name: str | None) -> tuple[Any, ...]:
        """Return the values with which the step shows a run."""


def connect_buttons(
    live: LiveView,
    watched: gr.State,
    position: gr.State,
    boxes: list[gr.blocks.Block],
    shown: Shown,
    home: Path,
    look: dict[str, Any],
    create: CreateTab,
    tabs: gr.Tabs,
) -> None:
    """Connect the buttons that act on one training. `boxes` are the components that `shown` returns values for."""

    def asking(kind: AskedFor) -> Callable[..., None]:
        @spoken
        @needs("owner")
        def ask(name: str, request: gr.Request) -> None:
            jobs.request(Run.open(home, name), kind)

        return ask

    @spoken
    @needs("owner")
    def resume(name: str, request: gr.Request) -> None:
        check_training(request, home, None)
        jobs.submit(Run.open(home, name))

    @spoken
    @needs("owner")
    def longer(name: str, request: gr.Request) -> None:
        check_training(request, home, None)
        train_longer(Run.open(home, name))

    @needs("visitor")
    def use(name: str) -> tuple[Any, ...]:
        return gr.Tabs(selected="create"), create.open(f"run:{name}")

    @spoken
    @needs("trainer")
    def remedy(name: str, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        return shown(apply_remedy(Run.open(home, name), str(event.remedy), request))

    for button, handler in (
        (live.pause, asking("pause")),
        (live.stop, asking("stop")),
        (live.save, asking("save")),
        (live.resume, resume),
        (live.longer, longer),
    ):
        button.click(handler, watched, None, **QUIET).then(**look)
    live.use.click(use, watched, [tabs, create.instrument], **QUIET)
    live.advice.remedy(remedy, watched, boxes, **QUIET).success(**look)
    _connect_keeping(live, watched, position, home)


def connect_sharing(live: LiveView, watched: gr.State, shared: gr.Dropdown, tabs: gr.Tabs, shelf: Shelf) -> None:
    """Connect the button that opens the Share tab with the run's model. `shared` is the field there that names the model."""

    @spoken
    @needs("visitor")
    def share(name: str, request: gr.Request) -> tuple[Any, Any]:
        if not asker_of(request).may("owner"):  # the tab then shows who may share
            return gr.Tabs(selected="share"), gr.skip()
        choices = shelf.choices(language_of(request))
        return gr.Tabs(selected="share"), gr.update(choices=choices, value=shelf.entry(f"run:{name}").key)

    live.share.click(share, watched, [tabs, shared], **QUIET)


def _connect_keeping(live: LiveView, watched: gr.State, position: gr.State, home: Path) -> None:
    def keeping(folder_of: Callable[[Run], Path]) -> Callable[..., None]:
        @spoken
        @needs("owner")
        def keep(name: str, request: gr.Request) -> None:
            run = Run.open(home, name)
            tell_kept(keep_model(run, folder_of(run)), request)

        return keep

    def tell_kept(name: str, request: gr.Request) -> None:
        gr.Info(say(language_of(request), "live_kept", name=name), title="")

    @spoken
    @needs("owner")
    def keep_earlier(name: str, position: int | None, request: gr.Request) -> None:
        run = Run.open(home, name)
        moment = moment_at(run.samples(), position)
        earlier = None if moment is None else nearest_model(run, moment)
        tell_kept(keep_model(run, earlier or run.model_folder), request)

    @spoken
    @needs("visitor")
    def film(name: str, request: gr.Request) -> str:
        run = Run.open(home, name)
        samples = run.samples()
        if not samples:
            raise RunError("run_without_samples", name=name)
        return film_html(run.name, samples, language_of(request))

    @spoken
    @needs("visitor")
    def beside_parent(name: str, request: gr.Request) -> str:
        return beside_parent_html(Run.open(home, name), language_of(request))

    telling = QUIET | {"queue": True}  # Gradio shows gr.Info only for queued calls
    live.keep_best.click(keeping(lambda run: run.best_folder), watched, None, **telling)
    live.keep_newest.click(keeping(lambda run: run.model_folder), watched, None, **telling)
    live.keep_earlier.click(keep_earlier, [watched, position], None, **telling)
    live.parent.click(beside_parent, watched, live.film, **QUIET)
    busy: dict[str, Any] = {"api_visibility": "private", "concurrency_id": "film", "concurrency_limit": 1}
    live.film_button.click(film, watched, live.film, show_progress_on=live.film, **busy)


def train_longer(run: Run) -> None:
    """Double the training of a run that has ended. Raises GanError."""
    jobs.submit(run, **as_long_again(run.config, run.status()))


def apply_remedy(run: Run, remedy: str, request: gr.Request) -> str:
    """Do the action of a button of the advice; return the name of the run to show.

    Raises AccessError for a visitor without the right, ConfigError for a change that cannot work.
    """
    change = known_remedies().get(remedy, "")
    if change in REMEDIES:
        config = begin_again(run.config, change)
        check_training(request, run.home, config["minutes"])
        return jobs.start(run.home, free_name(run.home, run.name), config).name
    ask_owner(request)
    if remedy == "stop":
        jobs.request(run, "stop")
    elif remedy == "longer":
        train_longer(run)
    return run.name


@needs("owner")
def ask_owner(request: gr.Request) -> None:
    """Raise AccessError for everyone but the owner."""


def connect_managing(
    managing: Managing,
    watched: gr.State,
    removed: gr.State,
    undo: gr.Button,
    boxes: list[gr.blocks.Block],
    showing: Showing,
    look: dict[str, Any],
) -> None:
    """Connect the actions on a training as a whole."""
    handlers = ManagingHandlers(showing.home, showing.log)

    @spoken
    @needs("owner")
    def rename(name: str, new: str, request: gr.Request) -> tuple[Any, ...]:
        return showing.shown(handlers.rename(name, new).name)

    @spoken
    @needs("owner")
    def remove(name: str, request: gr.Request) -> tuple[Any, ...]:
        place = handlers.remove(name)
        back = gr.update(visible=True, value=say(language_of(request), "runs_undo_name", name=name))
        return place, back, *showing.shown(showing.first())

    @spoken
    @needs("owner")
    def restore(place: tuple[str, str], request: gr.Request) -> tuple[Any, ...]:
        return None, gr.update(visible=False), *showing.shown(handlers.restore(place).name)

    gr.on([managing.rename.click, managing.name.submit], rename, [watched, managing.name], boxes, **QUIET).success(**look)
    managing.remove.click(remove, watched, [removed, undo, *boxes], **QUIET).success(**look)
    undo.click(restore, removed, [removed, undo, *boxes], **QUIET).success(**look)
    managing.csv.click(handlers.csv, watched, managing.file, **QUIET)
    managing.others.input(handlers.compare, [watched, managing.others], managing.compared, **QUIET)
