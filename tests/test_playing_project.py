"""A visitor's picture on the server: fitted, rebuilt, stopped, compared, and one sentence for files that are not pictures."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan.images import encode_png
from gan.playing.shelf import Shelf
from gan.playing.studio import Studio
from gan.sampler import Model
from tests.processes import wait_until
from tests.test_ui_create import array_of, ask, png_of
from tests.tiny_models import write_tiny_model

MODELS = {"pets": "style", "digits": "mlp", "shirts": "dcgan"}
KEY = "kept:pets"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    for name, family in MODELS.items():
        write_tiny_model(tmp_path / "models" / name, family=family, classes=("cats", "dogs"))
    return Studio(Shelf(tmp_path))


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def finished(studio: Studio, task_id: str) -> dict[str, Any]:
    """Return the last status that the browser receives of a task."""
    task = studio.tasks.get(task_id)
    wait_until(lambda: task.state in ("done", "failed"))
    return ask(studio, "task", id=task_id)


def rebuild(studio: Studio, key: str, picture: np.ndarray, **asked: Any) -> dict[str, Any]:
    content = base64_of(encode_png(picture))
    answer = ask(studio, "project", model=key, name="own.png", content=content, **asked)
    return finished(studio, answer["id"])


def test_a_photograph_is_fitted_by_its_middle_square(studio: Studio) -> None:
    wide = np.zeros((32, 96, 3), np.uint8)
    wide[:, 32:64] = (200, 30, 60)
    for kind in ("PNG", "JPEG", "WEBP"):
        file = io.BytesIO()
        Image.fromarray(wide).save(file, kind, quality=100)
        fitted = ask(studio, "fit_picture", model=KEY, name="wide", content=base64_of(file.getvalue()))
        shown = array_of(fitted)
        assert shown.shape == (16, 16, 3)
        assert np.abs(shown[4:12, 4:12] - (200, 30, 60)).max() < 24, kind


@pytest.mark.parametrize("name", MODELS)
def test_every_family_rebuilds_a_picture_as_a_recipe_of_its_own_space(studio: Studio, name: str) -> None:
    key = f"kept:{name}"
    model: Model = studio.open(key)
    own = model.generate([5])[0]
    told = rebuild(studio, key, own, steps=6, **{"class": "dogs"})
    result = told["result"]
    recipe = result["tile"]["recipe"]
    assert (recipe["class"], recipe["lineage"]["tool"], recipe["psi"]) == ("dogs", "project", 1.0)
    assert recipe["latent"]["space"] == model.space
    assert (result["steps"], result["asked"]) == (6, 6)
    error = np.sqrt(np.mean(((array_of(result["tile"]) - own) / 255.0) ** 2))
    assert abs(error - result["error"]) < 0.005
    assert array_of(told["news"]).shape == own.shape


def test_more_steps_come_no_less_close(studio: Studio) -> None:
    own = studio.open(KEY).generate([5])[0]
    few, many = (rebuild(studio, KEY, own, steps=steps)["result"]["error"] for steps in (1, 80))
    assert many < few


def test_stop_keeps_the_best_so_far(studio: Studio) -> None:
    own = studio.open(KEY).generate([5])[0]
    answer = ask(studio, "project", model=KEY, name="own.png", content=base64_of(encode_png(own)), steps=1000)
    task = studio.tasks.get(answer["id"])
    wait_until(lambda: task.done >= 3 or task.state == "failed")
    ask(studio, "stop_task", id=answer["id"])
    result = finished(studio, answer["id"])["result"]
    assert 3 <= result["steps"] < 1000
    assert result["tile"]["recipe"]["lineage"]["settings"]["steps"] == result["steps"]
    assert array_of(result["tile"]).shape == own.shape


def test_the_error_on_the_models_own_pictures_is_told_beside(studio: Studio) -> None:
    answer = ask(studio, "project_typical", model=KEY, steps=4)
    told = finished(studio, answer["id"])
    assert told["total"] == 12
    assert 0 <= told["result"]["typical"] < 1


def test_a_picture_that_was_made_here_may_be_rebuilt_too(studio: Studio) -> None:
    (tile,) = ask(studio, "pictures", model=KEY, seeds="3")["tiles"]
    fitted = ask(studio, "fit_picture", model=KEY, name="3.png", content=base64_of(png_of(tile)))
    assert np.array_equal(array_of(fitted), array_of(tile))


def bomb() -> bytes:
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")
    return file.getvalue()


WRONG: dict[str, tuple[bytes, str]] = {
    "a text": (b"this is not a picture", "cannot be read"),
    "nothing": (b"", "cannot be read"),
    "a torn picture": (encode_png(np.zeros((16, 16, 3), np.uint8))[:45], "cannot be read"),
    "20,000 pixels a side": (bomb(), "more than 50 million pixels"),
}


@pytest.mark.parametrize("call", ["fit_picture", "project"])
@pytest.mark.parametrize(("content", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_rebuilt_gets_one_sentence(studio: Studio, call: str, content: bytes, words: str) -> None:
    answer = ask(studio, call, model=KEY, name="photo.png", content=base64_of(content))
    assert words in answer["error"]
    assert "id" not in answer


def test_an_unknown_class_is_said_before_anything_begins(studio: Studio) -> None:
    own = base64_of(encode_png(np.zeros((16, 16, 3), np.uint8)))
    answer = ask(studio, "project", model=KEY, name="own.png", content=own, **{"class": "birds"})
    assert "birds" in answer["error"]
