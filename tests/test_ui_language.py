"""The language of a page: what the visitor chose by the switch, else what the browser asks for."""

import pytest

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
    assert f"{COOKIE}=(en|zh)" in HEAD
