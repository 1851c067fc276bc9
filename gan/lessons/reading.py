"""The texts of the lessons, in English and Chinese."""

import json
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from gan.words import LANGUAGES, Language

TEXTS = Path(__file__).parent / "texts"


class Text(BaseModel):
    """The texts of one lesson."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    question: str
    """The question that the lesson answers, in one sentence."""
    explanation: tuple[str, ...]
    """Paragraphs to read during the training."""
    watch: tuple[str, ...]
    """What to look at during the training."""
    answer: str
    """What the learner has seen by the end."""


@cache
def read_texts(language: Language) -> dict[str, Text]:
    """Return the texts of each lesson."""
    assert language in LANGUAGES
    found = json.loads((TEXTS / f"{language}.json").read_text(encoding="utf-8"))
    return {name: Text.model_validate(text) for name, text in found.items()}
