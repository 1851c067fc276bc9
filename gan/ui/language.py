"""The visitor's language, and the texts that the browser translates by itself."""

import re

import gradio as gr
from gradio.i18n import I18nData

from gan.words import PAGE, Language, say

COOKIE = "seedbed_language"  # the visitor's choice by the switch in the header; theme.py's script writes it
LOCALES: dict[Language, str] = {"en": "en", "zh": "zh-CN"}
OTHER: dict[Language, Language] = {"en": "zh", "zh": "en"}
AS_BROWSERS_OWN = (
    "<script>"
    'Object.defineProperty(navigator, "language", {{ get: () => "{locale}" }});'
    'Object.defineProperty(navigator, "languages", {{ get: () => ["{locale}"] }});'
    "</script>"
)
CHOSEN = re.compile(rf"(?:^|;\s*){COOKIE}=(en|zh)(?:;|$)")


def translations() -> gr.I18n:
    """Return the fixed texts in both languages, from which the browser chooses. The server fills in texts with {values}."""
    fixed = [key for key, english in PAGE["en"].items() if "{" not in english]
    return gr.I18n(**{language: {key: texts[key] for key in fixed} for language, texts in PAGE.items()})


def text(key: str) -> I18nData:
    """Return a fixed text, which the browser shows in its own language."""
    assert "{" not in PAGE["en"][key], key
    return I18nData(key)


def language_of(request: gr.Request | None) -> Language:
    """Return the language that the visitor chose, else that of the browser's first preference."""
    if request is None:
        return language_in(None)
    return language_in(request.headers.get("accept-language"), request.headers.get("cookie"))


def language_in(wishes: str | None, cookies: str | None = None) -> Language:
    """Return the language in the cookies, else that of an Accept-Language header.

    Gradio distinguishes two kinds of Chinese; readers of any other language get English.
    """
    chosen = CHOSEN.search(cookies or "")
    if chosen is not None:
        return "zh" if chosen[1] == "zh" else "en"
    return "zh" if (wishes or "").strip().lower().startswith(("zh-cn", "zh-tw")) else "en"


def switch_html(language: Language) -> str:
    """Return the button that switches the page to the other language, labelled in that language."""
    other = OTHER[language]
    name = say(other, "header_language")
    return f'<button type="button" class="language-switch" data-language="{other}" lang="{LOCALES[other]}">{name}</button>'


def own_language_script(cookies: str | None) -> str:
    """Return a script that presents the language in the cookies to the page as the browser's own; "" without one."""
    chosen = CHOSEN.search(cookies or "")
    return AS_BROWSERS_OWN.format(locale=LOCALES["zh" if chosen[1] == "zh" else "en"]) if chosen else ""
