"""Which language a visitor reads, and the texts that the browser chooses by itself."""

import re

import gradio as gr
from gradio.i18n import I18nData

from gan.words import PAGE, Language, say

COOKIE = "seedbed_language"  # what a visitor chose by the switch in the header; theme.py's script writes it
OTHER: dict[Language, Language] = {"en": "zh", "zh": "en"}
CHOSEN = re.compile(rf"(?:^|;\s*){COOKIE}=(en|zh)(?:;|$)")


def translations() -> gr.I18n:
    """The fixed texts, for the browser to choose from. The server fills in those with {values}."""
    fixed = [key for key, english in PAGE["en"].items() if "{" not in english]
    return gr.I18n(**{language: {key: texts[key] for key in fixed} for language, texts in PAGE.items()})


def text(key: str) -> I18nData:
    """A fixed text, which the browser shows in its own language."""
    assert "{" not in PAGE["en"][key], key
    return I18nData(key)


def language_of(request: gr.Request | None) -> Language:
    """The language that the visitor chose, else that of the browser's first preference."""
    if request is None:
        return language_in(None)
    return language_in(request.headers.get("accept-language"), request.headers.get("cookie"))


def language_in(wishes: str | None, cookies: str | None = None) -> Language:
    """The language that cookies hold, else that of an Accept-Language header.

    Gradio knows two kinds of Chinese; any other language reads English.
    """
    chosen = CHOSEN.search(cookies or "")
    if chosen is not None:
        return "zh" if chosen[1] == "zh" else "en"
    return "zh" if (wishes or "").strip().lower().startswith(("zh-cn", "zh-tw")) else "en"


def switch_html(language: Language) -> str:
    """The button that turns the page to the other language, in that language."""
    other = OTHER[language]
    code = {"en": "en", "zh": "zh-CN"}[other]
    name = say(other, "header_language")
    return f'<button type="button" class="language-switch" data-language="{other}" lang="{code}">{name}</button>'
