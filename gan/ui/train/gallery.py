"""The gallery of the step *Check*: prepared pictures in pages; a click on a picture leaves it out."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import numpy as np
from PIL import Image

from gan.data import Choices, Survey
from gan.data.held_out import near_duplicates
from gan.images import data_uri, encode_png
from gan.words import Language, counted, number, say

PAGE = 48  # pictures
SHOWN_SIDE = 128  # pixels; larger pictures are reduced
MOST_COMPARED = 8000  # pictures among which near-duplicates are searched: the time grows with the square of their number
KEPT_OPEN = 3  # number of surveys that stay open

Which = Literal["all", "out", "small", "near"]
VIEWS: tuple[Which, ...] = ("all", "out", "small", "near")


@dataclass(frozen=True)
class Selection:
    """The pictures that the gallery shows."""

    which: Which = "all"
    page: int = 0


NO_SELECTION = Selection()


@dataclass(frozen=True)
class Marks:
    """Pictures of a survey that the user should check, by their positions."""

    small: list[int] = field(default_factory=list)  # pictures with fewer pixels than the network's side, which are enlarged
    near: list[list[int]] = field(default_factory=list)  # groups of nearly equal pictures


class Surveys:
    """The surveys that visitors use, with their marks. The latest KEPT_OPEN of them stay open."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[Any, ...], tuple[Survey, Marks]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[Any, ...], prepare: Callable[[], Survey]) -> tuple[Survey, Marks]:
        """Return the survey of a key: a source and how it is prepared. `prepare` makes it if it is not open."""
        with self._lock:
            found = self._open.get(key)
            if found is not None:
                self._open.move_to_end(key)
        if found is None:
            survey = prepare()
            found = survey, marks_of(survey)
            with self._lock:
                self._open[key] = found
                while len(self._open) > KEPT_OPEN:
                    self._open.popitem(last=False)
        return found


def marks_of(survey: Survey) -> Marks:
    """Return the marks of a survey. Near-duplicates are not searched in very large sets."""
    side, pictures = survey.dataset.resolution, survey.dataset.pictures
    small = [index for index, shorter in enumerate(survey.findings.sides) if shorter < side]
    return Marks(small, near_duplicates(pictures) if len(pictures) <= MOST_COMPARED else [])


def members(survey: Survey, marks: Marks, choices: Choices, which: Which) -> list[int]:
    """Return the positions of the pictures of a view."""
    if which == "out":
        left = set(choices.left_out)
        return [index for index, name in enumerate(survey.findings.names) if name in left]
    if which == "small":
        return marks.small
    if which == "near":
        return [index for group in marks.near for index in group]
    return list(range(len(survey.findings.names)))


def gallery_html(survey: Survey, marks: Marks, choices: Choices, selection: Selection, language: Language) -> str:
    """Return a page of the gallery, with buttons for other views and pages."""
    views = {which: members(survey, marks, choices, which) for which in VIEWS}
    chosen = views[selection.which]
    pages = max(1, -(-len(chosen) // PAGE))
    page = min(max(0, selection.page), pages - 1)
    left, names = set(choices.left_out), survey.findings.names
    tiles = []
    for index in chosen[page * PAGE : (page + 1) * PAGE]:
        label = escape(say(language, "gallery_leave_out", name=Path(names[index]).name))
        pressed = str(names[index] in left).lower()
        source = data_uri(encode_png(shown(survey.dataset.pictures[index])))
        tiles.append(
            f'<button type="button" data-picture="{index}" aria-pressed="{pressed}" aria-label="{label}" '
            f'title="{escape(names[index])}"><img src="{source}" alt=""></button>'
        )
    hint = f'<p class="hint">{escape(say(language, "gallery_info", side=survey.dataset.resolution))}</p>'
    all_but_one = selection.which == "near" and chosen
    near = (
        f'<button type="button" data-near class="quiet">{escape(say(language, "gallery_near_out"))}</button>'
        if all_but_one
        else ""
    )
    empty = f'<p class="hint">{escape(say(language, "gallery_none"))}</p>' if not chosen else ""
    nav = _pages(selection.which, page, pages, language) if pages > 1 else ""
    return f'{_views(views, selection.which, language)}{hint}{near}{empty}<div class="prepared">{"".join(tiles)}</div>{nav}'


def _views(views: dict[Which, list[int]], current: Which, language: Language) -> str:
    buttons = [
        f'<button type="button" data-view="{which}" aria-pressed="{str(which == current).lower()}">'
        f"{escape(counted(language, f'gallery_{which}', len(found)))}</button>"
        for which, found in views.items()
        if found or which in ("all", current)
    ]
    return f'<p class="gallery-views">{"".join(buttons)}</p>'


def _pages(which: Which, page: int, pages: int, language: Language) -> str:
    def step(to: int, key: str) -> str:
        off = "" if 0 <= to < pages else " disabled"
        return f'<button type="button" data-view="{which}" data-page="{to}"{off}>{escape(say(language, key))}</button>'

    place = escape(say(language, "gallery_page", page=number(page + 1), pages=number(pages)))
    return f'<p class="gallery-pages">{step(page - 1, "gallery_before")}<span>{place}</span>{step(page + 1, "gallery_after")}</p>'


def shown(picture: np.ndarray) -> np.ndarray:
    """Return a prepared picture, uint8 (H, H, C), reduced where it is larger than the gallery shows."""
    if picture.shape[0] <= SHOWN_SIDE:
        return picture
    image = Image.fromarray(picture.squeeze())
    reduced = np.asarray(image.resize((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.LANCZOS))
    return reduced.reshape(SHOWN_SIDE, SHOWN_SIDE, -1)
