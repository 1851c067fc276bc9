"""Projection of a visitor's own picture: it is cropped for the model, rebuilt step by step, and its error is compared with that
of the model's own pictures.
"""

import hashlib
import time
from typing import Any

import numpy as np
from pydantic import Field

from gan.images import data_uri, encode_png
from gan.limits import MOST_PROJECTION_STEPS, PROJECTION_STEPS
from gan.playing.recall import FileCall
from gan.playing.studio import Answer, Call, Studio
from gan.playing.tasks import Task
from gan.projection import project, read_picture, typical_error
from gan.words import Language

OWN_PICTURES = 3
LOOK_EVERY_SECONDS = 0.25  # the interval at which the page requests the progress


class FitCall(Call, FileCall):
    """A picture file, as a visitor dropped it."""


class ProjectCall(FitCall):
    """A fitted picture, and the class to search in; None searches in all classes."""

    class_name: str = Field("", alias="class", max_length=200)
    steps: int = Field(PROJECTION_STEPS, ge=1, le=MOST_PROJECTION_STEPS)


class TypicalCall(Call):
    """The model whose own pictures are rebuilt as a reference."""

    steps: int = Field(PROJECTION_STEPS, ge=1, le=MOST_PROJECTION_STEPS)


def fit(studio: Studio, call: FitCall, language: Language) -> Answer:
    """Return the picture that the model will rebuild: the middle square at its resolution."""
    png = encode_png(read_picture(call.bytes(), studio.open(call.model)))
    return {"src": data_uri(png), "id": hashlib.sha256(png).hexdigest()[:16]}


def start(studio: Studio, call: ProjectCall, language: Language) -> Answer:
    """Start to rebuild a picture. When the task is stopped, it returns the best picture so far."""
    model = studio.open(call.model)
    picture = read_picture(call.bytes(), model)
    if call.class_name:
        model.class_index(call.class_name)  # raises the error for an unknown class before the task starts

    def work(task: Task) -> dict[str, Any]:
        news: dict[str, Any] = {}
        shown_at = 0.0

        def look(best: np.ndarray) -> None:
            nonlocal shown_at
            if time.monotonic() - shown_at >= LOOK_EVERY_SECONDS:
                shown_at = time.monotonic()
                news["src"] = data_uri(encode_png(best))

        def progress(done: int, total: int, error: float) -> None:
            task.report(done, total, **news, error=error)

        found = project(
            model,
            picture,
            class_name=call.class_name or None,
            steps=call.steps,
            progress=progress,
            stop=lambda: task.stopped,
            look=look,
        )
        (tile,) = studio.tiles(model, [found.recipe])
        return {"tile": tile, "error": found.error, "steps": found.steps, "asked": call.steps}

    return {"id": studio.tasks.start(work).id}


def start_typical(studio: Studio, call: TypicalCall, language: Language) -> Answer:
    """Start to measure how well the model's own pictures are rebuilt. When the task is stopped, its answer is null."""
    model = studio.open(call.model)

    def work(task: Task) -> dict[str, Any]:
        error = typical_error(
            model,
            OWN_PICTURES,
            steps=call.steps,
            progress=lambda done, total, _: task.report(done, total),
            stop=lambda: task.stopped,
        )
        return {"typical": None if task.stopped else error}

    return {"id": studio.tasks.start(work, unasked=True).id}
