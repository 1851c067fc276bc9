"""Parts of the page with HTML of their own. Parts that are polled all the time are sent only when their fingerprint has
changed.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr
from gradio.i18n import I18nData

Seen = dict[str, Hashable]


def html(value: str | I18nData = "", **options: Any) -> gr.HTML:
    """Return an HTML component in the page's own style, without Gradio's styles for running text."""
    return gr.HTML(value, apply_default_css=False, padding=False, **options)


@dataclass(frozen=True)
class Part:
    """The next value of a component: a fingerprint that is cheap to compute, and a function that makes the value."""

    fingerprint: Hashable
    make: Callable[[], Any]


def news(parts: Mapping[str, Part], seen: Seen) -> list[Any]:
    """Return the value of each part, or `gr.skip()` if the browser already has it; then the new `seen`, or `gr.skip()` if nothing
    changed.
    """
    values = [gr.skip() if name in seen and seen[name] == part.fingerprint else part.make() for name, part in parts.items()]
    now: Seen = {name: part.fingerprint for name, part in parts.items()}
    return [*values, gr.skip() if now == seen else now]


# Results, problems and progress


def said_html(words: str, url: str | None = None) -> str:
    """Return a sentence about a result, with the result's address."""
    link = f' <a href="{escape(url)}" target="_blank" rel="noopener">{escape(url)}</a>' if url else ""
    return f'<p class="said" role="status">{escape(words)}{link}</p>'


def trouble_html(words: str) -> str:
    """Return a sentence about a problem and its remedy."""
    return f'<p class="trouble" role="alert">{escape(words)}</p>'


def hint_html(words: str) -> str:
    """Return a sentence in the quiet style."""
    return f'<p class="hint">{escape(words)}</p>'


def told(progress: gr.Progress, words: str, unit: str) -> Callable[[int, int], None]:
    """Return a progress callback (done, total) that Gradio shows."""
    return lambda done, total: progress((done, total), desc=words, unit=unit)
