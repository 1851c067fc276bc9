"""The visitor's language, and the texts that the browser translates by itself."""

import re

import gradio as gr
from gradio.i18n import I18nData
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


class ChosenLanguage:
    """Middleware that presents the visitor's chosen language to the page's scripts as the browser's own.

    Gradio reads the browser's language before any other script of this package runs, so the page's HTML must begin with this
    middleware's script.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; for a visitor who chose a language, the page begins with a script."""
        chosen = CHOSEN.search(Headers(scope=scope).get("cookie", "")) if scope["type"] == "http" else None
        if chosen is None or scope["method"] != "GET" or scope["path"] != "/":
            await self.app(scope, receive, send)
            return
        script = AS_BROWSERS_OWN.format(locale=LOCALES["zh" if chosen[1] == "zh" else "en"]).encode()
        await self.app(scope, receive, _BeginningWith(script, send))


class _BeginningWith:
    """Sends an HTML answer with a script at the beginning of its head; any other answer stays as it is."""

    def __init__(self, script: bytes, send: Send) -> None:
        self.script, self.send = script, send
        self.waits = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            self.waits = headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
            if self.waits and "content-length" in headers:
                headers["content-length"] = str(int(headers["content-length"]) + len(self.script))
            message = {**message, "headers": headers.raw}
        elif self.waits and b"<head>" in message.get("body", b""):
            message = {**message, "body": message["body"].replace(b"<head>", b"<head>" + self.script, 1)}
            self.waits = False
        await self.send(message)
