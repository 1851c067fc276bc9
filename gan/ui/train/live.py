"""The live view of a training: the newest samples, progress in words, a history, plots, and buttons."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from gan.images import data_uri
from gan.models import has_model
from gan.runs import Run, Status
from gan.ui.language import text
from gan.ui.parts import Part, html
from gan.ui.train.eventlog import Event, EventLog
from gan.ui.train.plots import Series, plot_html
from gan.ui.train.runview import GOING, RESUMABLE, head_html
from gan.words import Language, number, say

NEWEST = 0


@dataclass(frozen=True)
class LiveView:
    """The components of the view."""

    head: gr.HTML
    sample: gr.HTML
    history: gr.Slider
    use: gr.Button
    resume: gr.Button
    pause: gr.Button
    stop: gr.Button
    save: gr.Button
    plots: gr.HTML

    @property
    def outputs(self) -> list[gr.components.Component]:
        """The components that `live_parts` updates, in its order."""
        return [self.head, self.sample, self.history, self.use, self.resume, self.pause, self.stop, self.save, self.plots]


def live_view() -> LiveView:
    """Build the components."""
    head = html("", elem_id="run-head")
    with gr.Row(elem_classes="live"):
        with gr.Column(elem_classes="live-picture", min_width=280):
            sample = html('<div class="sample"></div>', elem_id="sample")
            history = gr.Slider(1, 2, 2, step=1, label=text("live_history"), info=text("live_history_info"), visible=False,
                                buttons=[], elem_id="history", elem_classes="bare-slider")  # fmt: skip
        with gr.Column(elem_classes="live-side", min_width=260):
            with gr.Row(elem_classes="actions"):
                use = gr.Button(text("live_use"), size="md", variant="primary", visible=False, elem_id="use")
                resume = gr.Button(text("live_resume"), size="md", visible=False, elem_id="resume")
                pause = gr.Button(text("live_pause"), size="md", visible=False, elem_id="pause")
                stop = gr.Button(text("live_stop"), size="md", visible=False, elem_id="stop")
                save = gr.Button(text("live_save"), size="md", visible=False, elem_id="save")
            plots = html("", elem_id="plots")
    return LiveView(head, sample, history, use, resume, pause, stop, save, plots)


def live_parts(run: Run, status: Status, log: EventLog, position: int | None, language: Language) -> dict[str, Part]:
    """The content of each of `LiveView.outputs`. `position` is the place in the history, counted from 1; None is the newest."""
    events, samples = log.events(run), run.samples()
    notes = tuple(index for index, event in enumerate(events) if "code" in event or "text" in event)[-3:]
    usable = has_model(run.model_folder)
    count = len(samples)
    at = count if position is None else min(max(position, 1), count)
    path = samples[at - 1] if samples else None
    who = run.name

    def buttons(visible: bool, **more: Any) -> Part:
        return Part((visible, *more.items()), lambda: gr.update(visible=visible, **more))

    # The view has one primary button: to use the model, once its training has ended.
    ended = status.state not in GOING
    training = status.state in ("training", "preparing")
    return {
        "head": Part((who, status.model_dump_json(), notes), lambda: head_html(run, status, events, language)),
        "sample": Part((who, path, path and _changed(path)), lambda: sample_html(path, language)),
        "history": Part((who, count, at), lambda: gr.update(maximum=max(count, 2), value=at, visible=count > 1)),
        "use": buttons(usable, variant="primary" if ended else "secondary"),
        "resume": buttons(status.state in RESUMABLE),
        "pause": buttons(training or status.state == "queued"),
        "stop": buttons(training),
        "save": buttons(status.state == "training"),
        "plots": Part((who, len(events)), lambda: plots_html(events, language)),
    }


def sample_html(path: Path | None, language: Language) -> str:
    """A sample grid and how many pictures had been seen."""
    if path is None:
        return f'<div class="sample"><p class="empty">{escape(say(language, "live_no_sample"))}</p></div>'
    seen = say(language, "live_after", count=number(int(path.stem)))
    image = f'<img src="{data_uri(path.read_bytes())}" alt="{escape(say(language, "live_alt"))}: {escape(seen)}">'
    return f'<figure class="sample">{image}<figcaption>{escape(seen)}</figcaption></figure>'


def plots_html(events: list[Event], language: Language) -> str:
    """Plots of scores, losses, closeness and variety, each once it has points."""

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
