"""The time-lapse of a training: its sample grids, one after another, as a film to watch and to save."""

import base64
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from itertools import repeat
from pathlib import Path

import numpy as np
from PIL import Image

from gan.video import encode_video
from gan.words import Language, say

FRAMES = 120
LAST_FRAMES = 12  # frames for which the newest sample is shown
FRAMES_A_SECOND = 12
SIDE = 512


def chosen(samples: Sequence[Path], most: int = FRAMES) -> list[Path]:
    """Return at most `most` evenly spaced samples, the first and the newest among them."""
    if len(samples) <= most:
        return list(samples)
    return [samples[int(place)] for place in np.linspace(0, len(samples) - 1, most).round()]


@lru_cache(4)
def film_of(samples: tuple[Path, ...], written_at: int) -> bytes:
    """Return the film as MP4. `written_at` is part of the cache's key, so that a newest sample that was written again makes a new
    film.
    """
    return encode_video(_frames(samples), FRAMES_A_SECOND, side=SIDE)


def _frames(samples: Sequence[Path]) -> Iterator[np.ndarray]:
    """Yield the samples that can be read and have the first one's shape, and repeat the last of them."""
    last: np.ndarray | None = None
    for path in samples:
        try:
            with Image.open(path) as image:
                frame = np.asarray(image.convert("RGB"))
        except (OSError, SyntaxError):  # the sample was removed or is damaged: the film leaves it out
            continue
        if last is None or frame.shape == last.shape:
            last = frame
            yield frame
    if last is not None:
        yield from repeat(last, LAST_FRAMES)


def film_html(name: str, samples: Sequence[Path], language: Language) -> str:
    """Return the film with a link to save it."""
    picked = tuple(chosen(samples))
    film = film_of(picked, picked[-1].stat().st_mtime_ns)
    address = "data:video/mp4;base64," + base64.b64encode(film).decode()
    keep = escape(say(language, "film_keep"))
    return (
        f'<div class="film"><video src="{address}" controls autoplay loop muted playsinline></video>'
        f'<a class="link-button" download="{escape(name)}.mp4" href="{address}">{keep}</a></div>'
    )
