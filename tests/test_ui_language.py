"""The language of a page: the visitor's choice by the switch, else the browser's preference."""

import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from gan.ui.beginning import SLOW_TIMERS, Beginning
from gan.ui.language import COOKIE, language_in
from gan.ui.theme import HEAD


@pytest.mark.parametrize(
    ("wishes", "cookies", "expected"),
    [
        ("zh-CN,zh;q=0.9", None, "zh"),
        ("zh-HK", None, "en"),
        ("fr", "", "en"),
        (None, None, "en"),
        ("en-US", f"a=b; {COOKIE}=zh", "zh"),
        ("zh-CN", f"{COOKIE}=en; a=b", "en"),
        ("zh-CN", f"{COOKIE}=fr", "zh"),
        ("en-US", f"not_{COOKIE}=zh", "en"),
    ],
)
def test_a_choice_stands_before_the_browsers_wish(wishes: str | None, cookies: str | None, expected: str) -> None:
    assert language_in(wishes, cookies) == expected


def test_the_pages_script_writes_the_cookie_that_the_server_reads() -> None:
    assert f"`{COOKIE}=" in HEAD


@pytest.mark.parametrize(("cookies", "locale"), [({COOKIE: "zh"}, "zh-CN"), ({COOKIE: "en"}, "en"), ({}, None)])
def test_the_page_of_a_choice_begins_with_the_language_chosen(cookies: dict[str, str], locale: str | None) -> None:
    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse("<html><head><title>x</title></head></html>")

    app = Starlette(routes=[Route("/", page), Route("/other", page)], middleware=[Middleware(Beginning)])
    with TestClient(app, cookies=cookies) as client:
        first, other = client.get("/"), client.get("/other")
    assert int(first.headers["content-length"]) == len(first.content)
    assert f"<head>{SLOW_TIMERS}" in first.text
    begun = re.search(r'</script><script>.*get: \(\) => "([^"]+)"', first.text)
    assert (begun and begun[1]) == locale
    assert "<script>" not in other.text
