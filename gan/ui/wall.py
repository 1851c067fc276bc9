"""The wall: pictures with their captions, large and on a quiet ground; a click enlarges one, a link saves it with its recipe."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import gradio as gr

from gan.ui.language import Language, say
from gan.ui.parts import html

SCRIPT = Path(__file__).with_name("wall.js")


@dataclass(frozen=True)
class Tile:
    """A picture on the wall: its PNG file, what stands below it, first and aside, and the name it is saved under."""

    png: bytes
    caption: str
    aside: str
    alt: str
    file_name: str


def data_uri(png: bytes) -> str:
    """A PNG inside the page itself: no file is published, and its text chunks stay as they are."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def wall_html(tiles: Sequence[Tile], language: Language) -> str:
    """The wall's content."""
    enlarge, close, save = (escape(say(language, key)) for key in ("wall_enlarge", "wall_close", "wall_save"))
    figures = "".join(_figure(tile, enlarge, save) for tile in tiles)
    return f'<div class="wall" data-count="{len(tiles)}" data-close="{close}">{figures}</div>'


def empty_wall(count: int) -> str:
    """The room that pictures will take, so that nothing jumps when they come."""
    tile = '<figure class="tile tile-empty"><div class="tile-picture"></div><figcaption>&nbsp;</figcaption></figure>'
    return f'<div class="wall" data-count="{count}" aria-busy="true">{tile * count}</div>'


def wall(content: str) -> gr.HTML:
    """The component."""
    return html(content, elem_classes="wall-block", js_on_load=SCRIPT.read_text(encoding="utf-8"))


def _figure(tile: Tile, enlarge: str, save: str) -> str:
    alt, caption, aside, file_name = (escape(value) for value in (tile.alt, tile.caption, tile.aside, tile.file_name))
    return (
        f'<figure class="tile"><button type="button" class="tile-picture" aria-label="{enlarge}: {alt}">'
        f'<img src="{data_uri(tile.png)}" alt="{alt}" draggable="false"></button>'
        f'<figcaption><span><span class="seed">{caption}</span> {aside}</span>'
        f'<a href="#" download="{file_name}" title="{save}" aria-label="{save}: {alt}">PNG</a></figcaption></figure>'
    )
