"""Foreign text made fit to be shown: no control, escape or direction characters, and not too long."""

import unicodedata
from pathlib import Path
from typing import Any

from gan.limits import LONGEST_VALUE, SHOWN_LENGTH

JOINERS = {"\u200c", "\u200d"}  # emoji and several scripts are spelled with them
# Invisible or acting on what surrounds them: controls and escapes, formats and direction overrides, lone surrogates.
REMOVED = {"Cc", "Cf", "Cs"}
SPACES = {"\t", "\n", "\v", "\f", "\r", "\x85", "\u2028", "\u2029"}


def printable(text: str) -> str:
    """The text as one line that a terminal or a page can show: without control, escape, direction and invisible characters."""
    if text.isascii() and text.isprintable():
        return text
    kept = (" " if sign in SPACES else sign for sign in text)
    return "".join(sign for sign in kept if sign in JOINERS or unicodedata.category(sign) not in REMOVED)


def is_printable(text: str) -> bool:
    """Whether `printable` leaves a text as it is."""
    return printable(text) == text


def shorten(text: str, most: int = SHOWN_LENGTH) -> str:
    """At most `most` letters of a foreign text; an ellipsis stands for the rest."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def shown(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a sentence as they may be shown: texts and paths printable, and cut where they are very long."""
    return {
        key: shorten(printable(str(value)), LONGEST_VALUE) if isinstance(value, str | Path) else value
        for key, value in values.items()
    }
