"""Turns a lesson into runs that wait to be trained, and finds the lesson that a run belongs to."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from gan.config import parse_run
from gan.errors import CheckpointError, ConfigError
from gan.files import read_json, write_file
from gan.lessons.plans import LESSONS, Lesson, Part
from gan.models.finding import starters_folder
from gan.order import Order, Parent, free_name
from gan.runs import Run

FILE = "lesson.json"


class Membership(BaseModel):
    """`lesson.json` of a run: its lesson, its part of the lesson, and the runs of all parts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lesson: str
    part: str
    runs: tuple[str, ...]


def begin_lesson(name: str, home: Path, *, images: int | None = None, **settings: Any) -> list[Run]:
    """Create the runs of a lesson, which wait to be trained. `images` replaces the planned length; `settings` are fields of
    RunConfig.

    Raises ConfigError for a lesson that does not exist, and the errors of preparing pictures.
    """
    if name not in LESSONS:
        raise ConfigError("config_field", field="lesson", found=name, expected="one of " + ", ".join(LESSONS))
    lesson = LESSONS[name]
    runs = [_create(lesson, part, home, images, settings) for part in lesson.parts]
    names = tuple(run.name for run in runs)
    for run, part in zip(runs, lesson.parts, strict=True):
        content = Membership(lesson=name, part=part.name, runs=names).model_dump_json(indent=2)
        write_file(run.folder / FILE, content.encode() + b"\n")
    return runs


def _create(lesson: Lesson, part: Part, home: Path, images: int | None, settings: dict[str, Any]) -> Run:
    words = [lesson.name] if len(lesson.parts) == 1 else [lesson.name, part.name]
    parent = Parent(name=part.parent, folder=starters_folder() / part.parent) if part.parent is not None else None
    order = Order.of(
        source=part.source(home),
        name=free_name(home, "-".join(["lesson", *words])),
        parent=parent,
        images=images or part.images,
        settings={**part.settings, **settings},
        **part.choices,
    )
    config = order.resolve(order.prepare(home)).model_dump(mode="json")
    config["network"] |= part.network
    return Run.create(home, order.name, parse_run(config).model_dump(mode="json"))


def lesson_of(run: Run) -> Membership | None:
    """Return a run's lesson and its part in it; None if it belongs to no lesson, or to a lesson that no longer exists."""
    try:
        found = Membership.model_validate(read_json(run.folder / FILE))
    except (CheckpointError, ValidationError):
        return None
    return found if found.lesson in LESSONS else None
