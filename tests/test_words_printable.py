"""Text of unknown origin is shown as one printable line of bounded length, in every sentence that quotes it."""

from pathlib import Path

import pytest

from gan.errors import ConfigError, HubError
from gan.limits import LONGEST_VALUE
from gan.words import error_text, printable, say, shorten

ESCAPE = "\x1b[31mred\x1b]0;title\x07"
REVERSED = "cats\u202egnp.exe"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cats", "cats"),
        ("猫 и кот, naïve", "猫 и кот, naïve"),
        ("👩\u200d🎨", "👩\u200d🎨"),
        ("ｎａｍｅ\u3000of two", "ｎａｍｅ\u3000of two"),
        (ESCAPE, "\ufffd[31mred\ufffd]0;title\ufffd"),
        (REVERSED, "cats\ufffdgnp.exe"),
        ("a\u2066b\u2069\u200f\ufeff", "a\ufffdb\ufffd\ufffd\ufffd"),
        ("two\nlines\tand\u2028more", "two lines and more"),
        ("\x9b31m \x00 \ud800", "\ufffd31m \ufffd \ufffd"),
    ],
)
def test_what_acts_on_a_terminal_or_on_the_direction_of_text_is_replaced_and_letters_stay(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown
    printable(text).encode()


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert shorten("x" * 100) == "x" * 100
    assert shorten("x" * 5000) == "x" * 99 + "…"


def test_every_error_makes_its_values_printable_and_cuts_them() -> None:
    error = ConfigError("config_field", field=ESCAPE, found=REVERSED, expected="y" * 5000)
    for sentence in (str(error), error.translated("en"), error.translated("zh")):
        assert printable(sentence) == sentence
        assert len(sentence) < LONGEST_VALUE + 200
    assert "\x1b" not in error_text("en", "file_missing", {"path": Path("/somewhere") / ESCAPE})
    assert "\x1b" not in say("en", "models_trained", name=ESCAPE, count=3)


def test_a_revision_of_5000_letters_is_not_repeated_whole() -> None:
    assert len(str(HubError("hub_revision_missing", repo="ada/pets", revision="r" * 5000))) < 700
