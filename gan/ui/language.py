"""Which language a visitor reads, and how sentences, errors, numbers and durations are said in it."""

from pathlib import Path
from typing import Any, Literal

import gradio as gr
from gradio.i18n import I18nData

from gan.errors import MESSAGES, GanError
from gan.ui.texts import TEXTS
from gan.ui.texts_create import CREATE
from gan.ui.texts_errors import ERRORS_ZH

Language = Literal["en", "zh"]


def translations() -> gr.I18n:
    """The fixed texts, for the browser to choose from. Texts with values are said by the server, Create's by its script."""
    fixed = {key: pair for key, pair in TEXTS.items() if "{" not in pair[0] and key not in CREATE}
    return gr.I18n(en={key: en for key, (en, _) in fixed.items()}, zh={key: zh for key, (_, zh) in fixed.items()})


def text(key: str) -> I18nData:
    """A fixed text that the browser says in its language."""
    assert "{" not in TEXTS[key][0], key
    return I18nData(key)


def language_of(request: gr.Request | None) -> Language:
    """The language of the browser's first wish. Gradio knows two kinds of Chinese; a page half in English would help nobody."""
    wishes = (request.headers.get("accept-language") or "") if request is not None else ""
    return "zh" if wishes.strip().lower().startswith(("zh-cn", "zh-tw")) else "en"


def say(language: Language, key: str, **values: Any) -> str:
    """A text in a language, with its values."""
    return TEXTS[key][language == "zh"].format(**values)


def counted(language: Language, key: str, count: float) -> str:
    """A text with a {count}; English has another one, KEY_one, for a single thing."""
    return say(language, f"{key}_one" if count == 1 and f"{key}_one" in TEXTS else key, count=number(count))


def sentence(language: Language, code: str, values: dict[str, Any]) -> str:
    """What an error or a warning says on the page: files by their names, because where they lie is the server's business."""
    shown = {key: Path(value).name if is_path(value) else value for key, value in values.items()}
    if f"error_{code}" in TEXTS:
        return say(language, f"error_{code}", **shown)
    return (ERRORS_ZH if language == "zh" else MESSAGES)[code].format(**shown)


def is_path(value: Any) -> bool:
    """Whether a value says where something lies on the server."""
    return isinstance(value, Path) or (isinstance(value, str) and "\n" not in value and Path(value).is_absolute())


def error_sentence(language: Language, error: GanError) -> str:
    """What a GanError says."""
    return sentence(language, error.code, error.values)


def number(value: float) -> str:
    """12,800 or −0.83."""
    words = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"
    return words.replace("-", "−")


def duration(language: Language, seconds: float) -> str:
    """45 s, 6 min, 1 h 20 min, rounded to what a person would say."""
    if seconds < 59.5:
        return say(language, "seconds", count=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 60:
        return say(language, "minutes", count=minutes)
    return say(language, "hours", hours=minutes // 60, minutes=minutes % 60)


def speed(language: Language, pictures_per_second: float) -> str:
    """58 pictures/s, or below one a second the seconds that a picture takes."""
    if pictures_per_second >= 10:
        return say(language, "pictures_per_second", count=round(pictures_per_second))
    if pictures_per_second >= 1:
        return say(language, "pictures_per_second", count=f"{pictures_per_second:.1f}")
    return say(language, "seconds_per_picture", count=f"{1 / pictures_per_second:.1f}")
