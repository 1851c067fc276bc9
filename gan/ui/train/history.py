"""The list of trainings, newest first and a part at a time: each has a thumbnail, a name and a state."""

import base64
import io
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from pathlib import Path

from PIL import Image

from gan.runs import Run, Status, read_queue
from gan.runs.listing import Listed
from gan.ui.train.runview import share_of
from gan.words import Language, number, say

SHOWN_AT_FIRST = 12
MORE = 24
THUMBNAIL_SIDE = 48  # pixels
PICTURES_ACROSS = 2  # pictures of a sample grid along one side of a thumbnail

ACT_ON_LIST = """
element.addEventListener("click", (event) => {
  const run = event.target.closest("[data-run]");
  if (run) trigger("pick", {run: run.dataset.run});
  if (event.target.closest("[data-more]")) trigger("more");
});
"""


def list_html(runs: Sequence[Listed], chosen: str | None, language: Language, shown: int = SHOWN_AT_FIRST) -> str:
    """Return the newest `shown` trainings, and the chosen one in any case, as buttons."""
    if not runs:
        return ""
    visible = [row for index, row in enumerate(runs) if index < shown or row[0].name == chosen]
    rows = "".join(_row(run, status, run.name == chosen, language) for run, status in visible)
    left = len(runs) - len(visible)
    more = f'<button type="button" class="runs-more" data-more>{escape(say(language, "runs_more", count=number(left)))}</button>'
    title = escape(say(language, "runs_title"))
    return f'<h2 class="section-title">{title}</h2><ul class="runs">{rows}</ul>{more if left else ""}'


def _row(run: Run, status: Status, is_chosen: bool, language: Language) -> str:
    picture = thumbnail_of(run)
    image = f'<img src="{picture}" alt="">' if picture else '<span class="runs-blank"></span>'
    return (
        f'<li><button type="button" data-run="{escape(run.name)}" data-state="{status.state}" '
        f'aria-pressed="{str(is_chosen).lower()}">{image}<span class="runs-name">{escape(run.name)}</span>'
        f'<span class="runs-state">{escape(_short(run, status, language))}</span></button></li>'
    )


def _short(run: Run, status: Status, language: Language) -> str:
    """Return the state, with a training's progress, or its position in the queue."""
    state = say(language, f"state_{status.state}")
    waiting = [place.name for place in read_queue(run.home)] if status.state == "queued" else []
    if run.name in waiting:
        return say(language, "state_queued_place", place=waiting.index(run.name) + 1)
    share = share_of(status)
    return f"{state} · {int(share * 100)} %" if status.state != "done" and share else state


def thumbnail_of(run: Run) -> str:
    """Return the first pictures of a run's newest sample as a small data URI; empty before the first sample."""
    samples = run.samples()
    if not samples:
        return ""
    try:
        return thumbnail(samples[-1], samples[-1].stat().st_mtime_ns)
    except OSError:  # the file is being replaced or removed
        return ""


@lru_cache(512)
def thumbnail(path: Path, written_at: int) -> str:
    """Return a corner of a sample grid; `written_at` is part of the cache's key, so that a file that was written again is read
    again.
    """
    with Image.open(path) as image:
        side = image.width * PICTURES_ACROSS // 4
        corner = image.convert("RGB").crop((0, 0, side, side))
    corner = corner.resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BILINEAR)
    file = io.BytesIO()
    corner.save(file, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
