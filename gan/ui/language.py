"""Which language a visitor reads, and the texts that the browser chooses by itself."""

import re

import gradio as gr
from gradio.i18n import I18nData
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gan.words import PAGE, Language, say

COOKIE = "seedbed_language"  # what a visitor chose by the switch in the header; theme.py's script writes it
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
    name = say(other, "header_language")
    return f'<button type="button" class="language-switch" data-language="{other}" lang="{LOCALES[other]}">{name}</button>'


class ChosenLanguage:
    """Middleware that lets the page's scripts see the language that a visitor chose as the browser's own.

    Gradio takes the browser's language before any script of ours runs, so the page's HTML must say it first.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the page of a visitor who chose a language begins with a script."""
        chosen = CHOSEN.search(Headers(scope=scope).get("cookie", "")) if scope["type"] == "http" else None
        if chosen is None or scope["method"] != "GET" or scope["path"] != "/":
            await self.app(scope, receive, send)
            return
        script = AS_BROWSERS_OWN.format(locale=LOCALES["zh" if chosen[1] == "zh" else "en"]).encode()
        await self.app(scope, receive, _BeginningWith(script, send))


class _BeginningWith:
    """Sends an HTML answer with a script at the beginning of its head; any other answer as it is."""

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
