"""Parts of the page that we draw ourselves. Those looked at every second are sent only when their fingerprint has changed."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr
from gradio.i18n import I18nData

Seen = dict[str, Hashable]


def html(value: str | I18nData = "", **options: Any) -> gr.HTML:
    """An HTML component in the page's own style, without Gradio's styles for running text."""
    return gr.HTML(value, apply_default_css=False, padding=False, **options)


@dataclass(frozen=True)
class Part:
    """What a component would show: a fingerprint that is cheap to take, and how to make the value."""

    fingerprint: Hashable
    make: Callable[[], Any]


def news(parts: Mapping[str, Part], seen: Seen) -> list[Any]:
    """For each part its value, or a skip where the browser has it already; then the new `seen`, or a skip."""
    values = [gr.skip() if name in seen and seen[name] == part.fingerprint else part.make() for name, part in parts.items()]
    now: Seen = {name: part.fingerprint for name, part in parts.items()}
    return [*values, gr.skip() if now == seen else now]


# What was done, what went wrong, how far something has come


def said_html(words: str, url: str | None = None) -> str:
    """A sentence about what was done, with the address of the result."""
    link = f' <a href="{escape(url)}" target="_blank" rel="noopener">{escape(url)}</a>' if url else ""
    return f'<p class="said" role="status">{escape(words)}{link}</p>'


def trouble_html(words: str) -> str:
    """A sentence about what went wrong and what to do."""
    return f'<p class="trouble" role="alert">{escape(words)}</p>'


def hint_html(words: str) -> str:
    """A quiet sentence."""
    return f'<p class="hint">{escape(words)}</p>'


def told(progress: gr.Progress, words: str, unit: str) -> Callable[[int, int], None]:
    """A progress callback (done, total) that Gradio shows."""
    return lambda done, total: progress((done, total), desc=words, unit=unit)
