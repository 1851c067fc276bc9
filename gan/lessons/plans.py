"""The table of lessons and the trainings of each. Lengths are in pictures, so that a lesson is the same on every machine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gan import data
from gan.lessons.digits import write_digits

MANY, FEW = 400, 20  # digits
IMAGES = 120_000  # a few minutes on one core
SMALL_MLP = {"generator_widths": [128, 256], "discriminator_widths": [256, 128], "dropout": 0.0}
NO_PENALTY = {"penalty_weight": 0.0, "penalty_weight_end": 0.0}


def digits(home: Path) -> Path:
    """Return the zip of drawn digits."""
    return write_digits(home / "lessons" / "digits.zip", MANY)


def few_digits(home: Path) -> Path:
    """Return the zip of a few digits."""
    return write_digits(home / "lessons" / "few-digits.zip", FEW)


def sample_set(home: Path) -> Path:
    """Return the sample set that comes with the app."""
    return data.sample_zip()


@dataclass(frozen=True)
class Part:
    """One training of a lesson, and its settings."""

    name: str
    """The part's name, by which the texts refer to it; the run's name is the lesson's name followed by this one."""
    choices: Mapping[str, Any] = field(default_factory=dict)
    """Fields of an Order."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of RunConfig."""
    network: Mapping[str, Any] = field(default_factory=dict)
    source: Callable[[Path], Path] = digits
    parent: str | None = None
    """A starter to fine-tune."""
    images: int = IMAGES


def small(
    name: str, *, source: Callable[[Path], Path] = digits, settings: Mapping[str, Any] | None = None, **choices: Any
) -> Part:
    """Return a part that trains two small MLPs on digits."""
    return Part(name, {"preset": "tutorial-mlp", **choices}, {"lr_end": 0.1, **(settings or {})}, SMALL_MLP, source)


@dataclass(frozen=True)
class Lesson:
    """One training, or several that differ in one setting."""

    name: str
    parts: tuple[Part, ...]


LESSONS: dict[str, Lesson] = {
    lesson.name: lesson
    for lesson in (
        Lesson("minimax", (small("game", objective="non-saturating"),)),
        Lesson(
            "collapse",
            (
                small("without", objective="wasserstein", penalty="wgan-gp", settings=NO_PENALTY),
                small("penalty", objective="wasserstein", penalty="wgan-gp"),
            ),
        ),
        Lesson(
            "distances",
            (
                small("least-squares", objective="least-squares", penalty="wgan-gp"),
                small("wasserstein", objective="wasserstein", penalty="wgan-gp"),
            ),
        ),
        Lesson("few", (small("many"), small("few", source=few_digits))),
        Lesson("layers", (Part("style", {"preset": "quick"}, source=sample_set, parent="emoji", images=4000),)),
    )
}
"""Lessons by name, in the order in which to take them."""
