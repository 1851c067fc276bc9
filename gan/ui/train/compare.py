"""Compares several trainings: curves of one measure in one plot, and samples of the same seeds."""

from collections.abc import Sequence
from html import escape

from gan.images import data_uri
from gan.runs import Run
from gan.ui.train.eventlog import EventLog
from gan.ui.train.plots import Series, plot_html
from gan.words import Language, number, say

MOST_COMPARED = 4
TITLES = {"sliced_wasserstein": "plot_distance", "diversity": "plot_variety", "discriminator_loss": "plot_discriminator"}


def compare_html(runs: Sequence[Run], log: EventLog, language: Language) -> str:
    """Return curves and grids of at most MOST_COMPARED runs; empty for fewer than two."""
    if len(runs) < 2:
        return ""
    runs = runs[:MOST_COMPARED]
    plots = "".join(_plot(figure, title, runs, log, language) for figure, title in TITLES.items())
    grids = "".join(_grid(run, language) for run in runs)
    hint = escape(say(language, "compare_same_seeds"))
    return f'<div class="beside">{grids}</div><p class="hint">{hint}</p><div class="plots">{plots}</div>'


def _plot(figure: str, title: str, runs: Sequence[Run], log: EventLog, language: Language) -> str:
    lines = []
    for run in runs:
        told = (event for event in log.events(run) if isinstance(event.get(figure), int | float))
        points = [(event["images_seen"], event[figure]) for event in told]
        lines.append(Series(run.name, points))
    if not any(line.points for line in lines):
        return ""
    return plot_html(say(language, title), say(language, f"{title}_how"), lines, language)


def _grid(run: Run, language: Language) -> str:
    samples = run.samples()
    if not samples:
        return ""
    when = say(language, "live_after", count=number(int(samples[-1].stem)))
    return (
        f'<figure><img src="{data_uri(samples[-1].read_bytes())}" alt="{escape(run.name)}">'
        f"<figcaption><b>{escape(run.name)}</b> {escape(when)}</figcaption></figure>"
    )
