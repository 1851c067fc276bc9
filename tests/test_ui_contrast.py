"""Contrast of the colour tokens of the app and of the static page: at least 4.5 between text and ground (WCAG 2 AA)."""

import re

import pytest

from gan.ui.theme import GROUND, LEAF, SETTINGS
from gan.ui.web import WEB

LEAST = 4.5
SCHEMES = ("light", "dark")
GROUNDS = ("body_background_fill", "background_fill_primary", "background_fill_secondary")
APP_PAIRS = [
    *((text, ground) for text in ("body_text_color", "body_text_color_subdued", "link_text_color") for ground in GROUNDS),
    *(("link_text_color_hover", ground) for ground in GROUNDS),
    *(("block_label_text_color", ground) for ground in GROUNDS),  # among others, the text of a field for files
    ("body_text_color", "color_accent_soft"),
    ("body_text_color", "input_background_fill"),
    ("input_placeholder_color", "input_background_fill"),
    ("button_primary_text_color", "button_primary_background_fill"),
    ("button_primary_text_color", "button_primary_background_fill_hover"),
    ("body_text_color", "button_secondary_background_fill"),
    ("body_text_color", "button_secondary_background_fill_hover"),
]
PAGE_PAIRS = [
    *((text, ground) for text in ("body", "quiet", "accent") for ground in ("ground", "field")),
    ("body", "soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("trouble", "trouble-ground"),
]


def app_colour(token: str, scheme: str) -> str:
    """Return the colour of a setting of the theme, or of a reference such as "*neutral_600"."""
    if token.startswith("#"):
        return token
    if token.startswith(("*neutral_", "*primary_")):
        hue = GROUND if token.startswith("*neutral_") else LEAF
        return str(getattr(hue, f"c{token.rpartition('_')[2]}"))
    name = token.removeprefix("*")
    return app_colour(SETTINGS.get(f"{name}_dark", SETTINGS[name]) if scheme == "dark" else SETTINGS[name], scheme)


def page_colour(token: str, scheme: str) -> str:
    """Return the value of a custom property of the static page's style sheet."""
    style = (WEB / "static" / "page.css").read_text(encoding="utf-8")
    light, _, dark = style.partition("prefers-color-scheme: dark")
    (value,) = re.findall(rf"--{token}: (#\w+)", dark if scheme == "dark" else light)
    return str(value)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    levels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (level / 12.92 if level <= 0.03928 else ((level + 0.055) / 1.055) ** 2.4 for level in levels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("text", "ground"), APP_PAIRS)
def test_text_of_the_app_stands_out_from_its_ground(text: str, ground: str, scheme: str) -> None:
    assert contrast(app_colour(text, scheme), app_colour(ground, scheme)) >= LEAST


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("text", "ground"), PAGE_PAIRS)
def test_text_of_the_static_page_stands_out_from_its_ground(text: str, ground: str, scheme: str) -> None:
    assert contrast(page_colour(text, scheme), page_colour(ground, scheme)) >= LEAST
