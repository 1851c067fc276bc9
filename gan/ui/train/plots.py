"""Small plots of a training as inline SVG, in the page's colours and a few kilobytes each."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from gan.words import Language, number, say

MOST_POINTS = 240
BINS = 24
WIDTH, HEIGHT = 300, 100

Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """A line: its name, and (pictures seen, value) in order."""

    name: str
    points: Sequence[Point]


def thin(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """Return at most `most` points: neighbours are averaged, so that noise shrinks and no point is dropped."""
    size = -(-len(points) // most) if points else 1
    groups = [points[start : start + size] for start in range(0, len(points), size)]
    return [(group[-1][0], sum(y for _, y in group) / len(group)) for group in groups]


def value_range(lines: Sequence[Sequence[Point]], within: Sequence[float] = ()) -> tuple[float, float]:
    """Return the lowest and highest value shown, with a margin; `within` is always included. Single spikes do not widen the
    range.
    """
    values = sorted(y for line in lines for _, y in line)
    if not values:
        return 0.0, 1.0
    cut = len(values) // 100
    low, high = values[cut], values[-1 - cut]
    low, high = min([low, *within]), max([high, *within])
    margin = (high - low) * 0.06 or max(abs(high) * 0.06, 0.5)
    return low if low in within else low - margin, high if high in within else high + margin


def plot_html(title: str, explanation: str, series: Sequence[Series], language: Language, within: Sequence[float] = ()) -> str:
    """Return a plot with its legend, the newest values and a sentence on how to read it. It always shows the range `within`."""
    lines = [thin(each.points) for each in series]
    low, high = value_range(lines, within)
    last = max((line[-1][0] for line in lines if line), default=0)
    drawn = "".join(_polyline(line, index, low, high, last) for index, line in enumerate(lines))
    legend = "".join(
        f'<span class="plot-name plot-{index}">{escape(each.name)} <b>{number(line[-1][1]) if line else "–"}</b></span>'
        for index, (each, line) in enumerate(zip(series, lines, strict=True))
    )
    label = escape(title)
    return (
        f'<figure class="plot"><figcaption><h3>{label}</h3><div class="plot-legend">{legend}</div></figcaption>'
        f'<div class="plot-body"><div class="plot-y"><span>{number(high)}</span><span>{number(low)}</span></div>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{label}">{drawn}</svg></div>'
        f'<div class="plot-x"><span>0</span><span>{say(language, "pictures", count=number(last))}</span></div>'
        f"<p>{escape(explanation)}</p></figure>"
    )


def _polyline(line: Sequence[Point], index: int, low: float, high: float, last: float) -> str:
    places = [f"{WIDTH * x / max(last, 1):.1f},{min(max(HEIGHT * (high - y) / (high - low), 0), HEIGHT):.1f}" for x, y in line]
    alone = len(places) == 1  # a single point becomes a line to itself, which is drawn as a dot
    names, points = f"plot-{index}" + " plot-dot" * alone, " ".join(places * 2 if alone else places)
    return f'<polyline class="{names}" points="{points}" vector-effect="non-scaling-stroke"/>'


def histogram_html(title: str, explanation: str, series: Sequence[Series], language: Language) -> str:
    """Return histograms of several sets of values, as shares of each set. The first number of each point is a value."""
    values = [[x for x, _ in each.points] for each in series]
    low, high = value_range([[(0.0, value) for each in values for value in each]])
    counted = [_shares(each, low, high) for each in values]
    highest = max((share for shares in counted for share in shares), default=0.0) or 1.0
    drawn = "".join(_steps(shares, index, highest) for index, shares in enumerate(counted))
    legend = "".join(
        f'<span class="plot-name plot-{index}">{escape(each.name)} <b>{number(round(sum(found) / len(found), 2))}</b></span>'
        for index, (each, found) in enumerate(zip(series, values, strict=True))
        if found
    )
    label = escape(title)
    return (
        f'<figure class="plot histogram"><figcaption><h3>{label}</h3><div class="plot-legend">{legend}</div></figcaption>'
        f'<div class="plot-body"><svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f'{drawn}</svg></div><div class="plot-x"><span>{number(round(low, 1))}</span><span>{number(round(high, 1))}</span></div>'
        f"<p>{escape(explanation)}</p></figure>"
    )


def _shares(values: Sequence[float], low: float, high: float) -> list[float]:
    """Return the share of values in each of BINS equal parts of a range; values beyond the range count at its ends."""
    counts = [0] * BINS
    for value in values:
        counts[min(BINS - 1, max(0, int(BINS * (value - low) / (high - low))))] += 1
    return [count / max(1, len(values)) for count in counts]


def _steps(shares: Sequence[float], index: int, highest: float) -> str:
    """Return the filled outline of a histogram's bars, as SVG."""
    width = WIDTH / BINS
    points = [f"0,{HEIGHT}"]
    for place, share in enumerate(shares):
        top = HEIGHT * (1 - 0.96 * share / highest)
        points += [f"{place * width:.1f},{top:.1f}", f"{(place + 1) * width:.1f},{top:.1f}"]
    points.append(f"{WIDTH},{HEIGHT}")
    return f'<polygon class="plot-{index}" points="{" ".join(points)}" vector-effect="non-scaling-stroke"/>'
