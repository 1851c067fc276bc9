"""Makes text of unknown origin fit to be shown: without control, escape or direction characters, and not too long."""

import unicodedata
from pathlib import Path
from typing import Any

from gan.limits import LONGEST_VALUE, SHOWN_LENGTH

JOINERS = "\u200c\u200d"  # Persian words and emoji of several people contain these
BLACK_FLAG, TAGS = "\U0001f3f4", range(0xE0020, 0xE0080)  # the flags of England, Scotland and Wales end in tag characters
LINE_ENDS = str.maketrans(dict.fromkeys("\t\n\v\f\r\x85\u2028\u2029", " "))


def printable(text: str) -> str:
    """Return text of unknown origin as one line that is safe on a page and in a terminal.

    Spaces of any width and joiners between letters stay. Control characters and characters that move the cursor or reverse the
    direction of text are replaced.
    """
    if text.isprintable():
        return text
    text = text.translate(LINE_ENDS)
    shown = []
    for at, letter in enumerate(text):
        kept = letter.isprintable() or unicodedata.category(letter) == "Zs"
        if letter in JOINERS:
            kept = 0 < at < len(text) - 1 and text[at - 1] not in JOINERS
        elif ord(letter) in TAGS:
            kept = BLACK_FLAG in text[max(0, at - 7) : at]
        shown.append(letter if kept else "\N{REPLACEMENT CHARACTER}")
    return "".join(shown)


def is_printable(text: str) -> bool:
    """Return whether `printable` leaves a text unchanged."""
    return printable(text) == text


def shorten(text: str, most: int = SHOWN_LENGTH) -> str:
    """Return a text of at most `most` letters; an ellipsis replaces the remainder."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def shown(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a sentence in a form fit to show: texts and paths printable, and cut where they are very long."""
    return {
        key: shorten(printable(str(value)), LONGEST_VALUE) if isinstance(value, str | Path) else value
        for key, value in values.items()
    }
