"""Parts of the page that we draw ourselves. Those looked at every second are sent only when their fingerprint has changed."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
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
