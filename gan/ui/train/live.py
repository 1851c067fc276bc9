"""The live view of a training: samples over time, sentences on progress and health, plots, and views inside the networks."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from gan.errors import CheckpointError
from gan.images import data_uri
from gan.models import has_model
from gan.runs import Run, Status
from gan.runs.earlier import nearest_model
from gan.runs.looks import COPIES, VIEWS, Copies, View, Written, look_at, looks, read_look
from gan.ui.language import text
from gan.ui.parts import Part, html
from gan.ui.train.advice import ACT, advice_html, health_of_events
from gan.ui.train.copies import copies_html
from gan.ui.train.eventlog import Event, EventLog
from gan.ui.train.inside import inside_html
from gan.ui.train.keeping import best_images, parent_preview
from gan.ui.train.plots import Series, plot_html
from gan.ui.train.runview import GOING, RESUMABLE, head_html
from gan.words import Language, number, say

LOG_LINES = 30


@dataclass(frozen=True)
class LiveView:
    """The components of the view whose values `live_parts` returns, in its order."""

    head: gr.HTML
    advice: gr.HTML
    sample: gr.HTML
    history: gr.Slider
    keep_earlier: gr.Button
    film_button: gr.Button
    film: gr.HTML
    use: gr.Button
    longer: gr.Button
    share: gr.Button
    keep_best: gr.Button
    keep_newest: gr.Button
    parent: gr.Button
    resume: gr.Button
    pause: gr.Button
    stop: gr.Button
    save: gr.Button
    plots: gr.HTML
    inside_box: gr.Accordion
    inside: gr.HTML
    copies_box: gr.Accordion
    copies: gr.HTML

    @property
    def outputs(self) -> list[gr.blocks.Block]:
        """The components that `live_parts` updates, in its order."""
        return [getattr(self, field.name) for field in fields(self)]


def live_view() -> LiveView:
    """Build the components of the live view."""
    head = html("", elem_id="run-head")
    advice = html("", elem_id="advice", js_on_load=ACT)
    with gr.Row(elem_classes="live"):
        with gr.Column(elem_classes="live-picture", min_width=280):
            sample = html('<div class="sample"></div>', elem_id="sample")
            history = gr.Slider(1, 2, 2, step=1, label=text("live_history"), info=text("live_history_info"), visible=False,
                                buttons=[], elem_id="history", elem_classes="bare-slider")  # fmt: skip
            keep_earlier = gr.Button(text("live_keep_newest"), size="md", visible=False, elem_id="keep-earlier")
            film_button = gr.Button(text("film_make"), size="md", visible=False, elem_id="film-button")
            film = html("", elem_id="film")
        with gr.Column(elem_classes="live-side", min_width=260):
            with gr.Row(elem_classes="actions"):
                buttons = {name: _button(name) for name in BUTTONS}
            plots = html("", elem_id="plots")
    with gr.Accordion(text("inside_title"), open=True, visible=False, elem_classes="drawer", elem_id="inside-box") as inside_box:
        inside = html("", elem_id="inside")
    with gr.Accordion(text("copies_title"), open=False, visible=False, elem_classes="drawer", elem_id="copies-box") as copies_box:
        copies = html("", elem_id="copies")
    return LiveView(
        head, advice, sample, history, keep_earlier, film_button, film, **buttons, plots=plots,
        inside_box=inside_box, inside=inside, copies_box=copies_box, copies=copies,
    )  # fmt: skip


BUTTONS = ("use", "longer", "share", "keep_best", "keep_newest", "parent", "resume", "pause", "stop", "save")


def _button(name: str) -> gr.Button:
    variant: Any = "primary" if name == "use" else "secondary"
    return gr.Button(text(f"live_{name}"), size="md", variant=variant, visible=False, elem_id=name.replace("_", "-"))


def live_parts(run: Run, status: Status, log: EventLog, position: int | None, language: Language) -> dict[str, Part]:
    """Return the content of each of `LiveView.outputs`. `position` is a place in the history, counted from 1; None is the
    newest.
    """
    events, samples = log.events(run), run.samples()
    notes = tuple(index for index, event in enumerate(events) if "code" in event or "text" in event)[-3:]
    count = len(samples)
    at = _place(samples, position)
    path = samples[at - 1] if samples else None
    moment = moment_at(samples, position)
    earlier = None if moment is None else nearest_model(run, moment)
    best = best_images(run)
    is_best = path is not None and best is not None and _is_best(path, samples, best)
    health = health_of_events(run, status, events)
    tail = run.log_tail(LOG_LINES) if status.error is not None else ""
    return {
        "head": Part((run.name, status.model_dump_json(), notes), lambda: head_html(run, status, events, language)),
        "advice": Part((run.name, status.state, status.error, health, tail), lambda: advice_html(health, status, tail, language)),
        "sample": Part((run.name, path, path and _changed(path), is_best), lambda: sample_html(path, language, best=is_best)),
        "history": Part((run.name, count, at), lambda: gr.update(maximum=max(count, 2), value=at, visible=count > 1)),
        "keep_earlier": _visible(earlier is not None, **_earlier_label(earlier, language)),
        "film_button": _visible(count > 1),
        "film": Part((run.name,), lambda: ""),
        **_button_parts(run, status, best, language),
        "plots": Part((run.name, len(events)), lambda: plots_html(events, language)),
        **_look_parts(run, moment, language),
    }


def _place(samples: Sequence[Path], position: int | None) -> int:
    return len(samples) if position is None else min(max(position, 1), len(samples))


def moment_at(samples: Sequence[Path], position: int | None) -> int | None:
    """Return the number of pictures seen at a place in the history; None for the newest sample."""
    at = _place(samples, position)
    return None if at == len(samples) else int(samples[at - 1].stem)


def _earlier_label(folder: Path | None, language: Language) -> dict[str, str]:
    return {} if folder is None else {"value": say(language, "live_keep_earlier", count=number(int(folder.name)))}


def _visible(visible: bool, **more: Any) -> Part:
    return Part((visible, *more.items()), lambda: gr.update(visible=visible, **more))


def _button_parts(run: Run, status: Status, best: int | None, language: Language) -> dict[str, Part]:
    """Return the buttons that suit a run's state. The only primary button, to use the model, appears after the training."""
    usable = has_model(run.model_folder)
    ended = status.state not in GOING
    training = status.state in ("training", "preparing")
    star = {} if best is None else {"value": say(language, "live_keep_best_of", count=number(best))}
    return {
        "use": _visible(usable, variant="primary" if ended else "secondary"),
        "longer": _visible(usable and status.state in ("done", "paused")),
        "share": _visible(usable and ended),
        "keep_best": _visible(best is not None and ended, **star),
        "keep_newest": _visible(usable and ended),
        "parent": _visible(usable and ended and parent_preview(run) is not None),
        "resume": _visible(status.state in RESUMABLE),
        "pause": _visible(training or status.state == "queued"),
        "stop": _visible(training),
        "save": _visible(status.state == "training"),
    }


def _look_parts(run: Run, moment: int | None, language: Language) -> dict[str, Part]:
    """Return the view inside the networks at the time of the shown sample, and the newest copies."""
    view = look_at(looks(run, VIEWS), moment)
    copies = look_at(looks(run, COPIES), None)

    def inside() -> str:
        values = read_look(view, View)
        return inside_html(view, values, _config(run), language) if view is not None and values is not None else ""

    def copied() -> str:
        values = read_look(copies, Copies)
        return copies_html(copies, values, language) if copies is not None and values is not None else ""

    return {
        "inside_box": _visible(view is not None),
        "inside": Part((run.name, _when(view)), inside),
        "copies_box": _visible(copies is not None),
        "copies": Part((run.name, _when(copies)), copied),
    }


def _when(look: Written | None) -> tuple[int, int] | None:
    """Return a value that differs between a look and one that replaces it."""
    if look is None:
        return None
    try:
        return look.images_seen, look.folder.stat().st_mtime_ns
    except OSError:
        return look.images_seen, 0


def _config(run: Run) -> dict[str, Any]:
    """Return a run's config for display only; empty where it is damaged, which resuming reports."""
    try:
        return run.config
    except CheckpointError:
        return {}


def _is_best(path: Path, samples: list[Path], best: int) -> bool:
    """Return whether a sample is the nearest in time to the best model."""
    return path == min(samples, key=lambda sample: abs(int(sample.stem) - best))


def sample_html(path: Path | None, language: Language, *, best: bool = False) -> str:
    """Return a sample grid and the number of pictures seen by then, with a star if it is the best so far."""
    if path is None:
        return f'<div class="sample"><p class="empty">{escape(say(language, "live_no_sample"))}</p></div>'
    seen = say(language, "live_after", count=number(int(path.stem)))
    image = f'<img src="{data_uri(path.read_bytes())}" alt="{escape(say(language, "live_alt"))}: {escape(seen)}">'
    star = f' <b class="star">★ {escape(say(language, "live_best"))}</b>' if best else ""
    return f'<figure class="sample">{image}<figcaption>{escape(seen)}{star}</figcaption></figure>'


def plots_html(events: list[Event], language: Language) -> str:
    """Return plots of scores, losses, closeness to real pictures and variety, each once it has points."""

    def series(key: str) -> Series:
        points = [(event["images_seen"], event[key]) for event in events if isinstance(event.get(key), int | float)]
        return Series(say(language, f"plot_{key}"), points)

    def plot(name: str, *keys: str, how: str = "how", within: tuple[float, ...] = ()) -> str:
        lines = [series(key) for key in keys]
        if not any(line.points for line in lines):
            return ""
        return plot_html(say(language, f"plot_{name}"), say(language, f"plot_{name}_{how}"), lines, language, within)

    # Held-out pictures are scored only where augmentation adapts to them.
    held_out = any("held_out_score" in event for event in events)
    plots = (
        plot("scores", "real_score", "fake_score", *["held_out_score"] * held_out, how="held_out_how" if held_out else "how")
        + plot("losses", "generator_loss", "discriminator_loss")
        + plot("distance", "sliced_wasserstein")
        + plot("variety", "diversity", within=(0.0, 1.0))
    )
    return f'<div class="plots">{plots}</div>' if plots else ""


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns
