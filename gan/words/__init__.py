"""All texts that users read, in English and Chinese: en.json and zh.json, and the formatting of their values.

Each file holds four sections: `errors` (a sentence for each error code), `page` (the tabs), `static` (the published page, which
contains this section) and `create` (the Create tab, which receives the whole section). printable.py cleans text of unknown
origin.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from gan.words.printable import is_printable as is_printable
from gan.words.printable import printable as printable
from gan.words.printable import shorten as shorten
from gan.words.printable import shown as shown

Language = Literal["en", "zh"]

LANGUAGES: tuple[Language, ...] = get_args(Language)


def _read(language: Language) -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / f"{language}.json").read_text(encoding="utf-8"))
    return sections


_SECTIONS = {language: _read(language) for language in LANGUAGES}
ERRORS: dict[Language, dict[str, str]] = {language: sections["errors"] for language, sections in _SECTIONS.items()}
PAGE: dict[Language, dict[str, str]] = {language: sections["page"] for language, sections in _SECTIONS.items()}
CREATE: dict[Language, dict[str, str]] = {language: sections["create"] for language, sections in _SECTIONS.items()}
STATIC: dict[Language, dict[str, str]] = {language: sections["static"] for language, sections in _SECTIONS.items()}
TEXTS: dict[Language, dict[str, str]] = {language: PAGE[language] | CREATE[language] for language in LANGUAGES}


CODED = ("state", "request")  # values of errors that are codes in a run's files; their words are state_done, request_pause, …


def say(language: Language, key: str, **values: Any) -> str:
    """Return the text of a key, with values inserted."""
    return TEXTS[language][key].format(**shown(values))


def counted(language: Language, key: str, count: float) -> str:
    """Return a text with a {count}. English uses KEY_one for a single thing, where that key exists."""
    return say(language, f"{key}_one" if count == 1 and f"{key}_one" in TEXTS[language] else key, count=number(count))


def sentence(language: Language, code: str, values: Mapping[str, Any]) -> str:
    """Return the text of an error, before its values are inserted. English uses CODE_one where one thing was `found`, if that
    text exists.
    """
    one = f"{code}_one"
    return ERRORS[language][one if values.get("found") == 1 and one in ERRORS[language] else code]


def error_text(language: Language, code: str, values: dict[str, Any]) -> str:
    """Return the sentence of an error or warning as the page shows it: paths are reduced to file names, and codes of files to
    words.
    """
    plain = {key: Path(value).name if is_path(value) else value for key, value in values.items()}
    coded = {key: f"{key}_{value}" for key, value in plain.items() if key in CODED and f"{key}_{value}" in TEXTS[language]}
    named = shown(plain | {key: say(language, text) for key, text in coded.items()})
    if f"error_{code}" in TEXTS[language]:
        return say(language, f"error_{code}", **named)
    return sentence(language, code, values).format(**named)


def is_path(value: Any) -> bool:
    """Return whether a value is an absolute path on the server."""
    return isinstance(value, Path) or (isinstance(value, str) and "\n" not in value and Path(value).is_absolute())


def number(value: float) -> str:
    """Format a number: 12,800 or −0.83."""
    words = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"
    return words.replace("-", "−")


def duration(language: Language, seconds: float) -> str:
    """Format a duration with rounding: 45 s, 6 min, 1 h 20 min."""
    if seconds < 59.5:
        return say(language, "seconds", count=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 60:
        return say(language, "minutes", count=minutes)
    return say(language, "hours", hours=minutes // 60, minutes=minutes % 60)


def speed(language: Language, pictures_per_second: float) -> str:
    """Format a speed: 58 pictures/s, or the seconds for each picture where the speed is below one a second."""
    if pictures_per_second >= 10:
        return say(language, "pictures_per_second", count=round(pictures_per_second))
    if pictures_per_second >= 1:
        return say(language, "pictures_per_second", count=f"{pictures_per_second:.1f}")
    return say(language, "seconds_per_picture", count=f"{1 / pictures_per_second:.1f}")
