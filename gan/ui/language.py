"""Which language a visitor reads, and the texts that the browser chooses by itself."""

import gradio as gr
from gradio.i18n import I18nData

from gan.words import PAGE, Language


def translations() -> gr.I18n:
    """The fixed texts, for the browser to choose from. The server fills in those with {values}."""
    fixed = [key for key, english in PAGE["en"].items() if "{" not in english]
    return gr.I18n(**{language: {key: texts[key] for key in fixed} for language, texts in PAGE.items()})


def text(key: str) -> I18nData:
    """A fixed text, which the browser shows in its own language."""
    assert "{" not in PAGE["en"][key], key
    return I18nData(key)


def language_of(request: gr.Request | None) -> Language:
    """The language of the browser's first preference."""
    return language_in(request.headers.get("accept-language") if request is not None else None)


def language_in(wishes: str | None) -> Language:
    """The language of an Accept-Language header. Gradio knows two kinds of Chinese; any other language reads English."""
    return "zh" if (wishes or "").strip().lower().startswith(("zh-cn", "zh-tw")) else "en"
