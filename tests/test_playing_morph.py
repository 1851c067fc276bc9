"""Morph on the server: stops, the path between two, a preview, films, and sentences for impossible paths."""

import base64
import io
import json
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from gan.playing.morph import FRAMES_A_PASS, FilmCall, frames_of
from gan.playing.shelf import Shelf
from gan.playing.studio import Studio
from gan.recipes import Mix, Start
from gan.sampler import Model, between
from gan.words import CREATE
from tests.processes import wait_until
from tests.test_ui_create import array_of, ask
from tests.tiny_models import write_tiny_model

MODEL = "kept:pets"


@pytest.fixture
def studio(tmp_path: Path) -> Any:
    write_tiny_model(tmp_path / "models" / "pets", classes=("cats", "dogs"))
    write_tiny_model(tmp_path / "models" / "digits", "mlp", classes=("cats", "dogs"))
    made = Studio(Shelf(tmp_path))
    yield made
    made.tasks.close()


@pytest.fixture
def model(studio: Studio) -> Model:
    return studio.open(MODEL)


def recipes(studio: Studio, seeds: str = "0-2", key: str = MODEL, name: str = "cats") -> list[dict[str, Any]]:
    tiles = ask(studio, "stops", model=key, seeds=seeds, **{"class": name})["tiles"]
    return [tile["recipe"] for tile in tiles]


def ended(studio: Studio, started: dict[str, Any]) -> dict[str, Any]:
    """Return the end of a task."""
    wait_until(lambda: ask(studio, "task", id=started["id"]).get("state") not in ("waiting", "working"))
    return ask(studio, "task", id=started["id"])


def fetched(studio: Studio, started: dict[str, Any]) -> bytes:
    return base64.b64decode(ask(studio, "task_file", id=started["id"], offset=0)["content"])


def test_stops_are_seeds_and_pictures_made_before(studio: Studio, model: Model) -> None:
    kept = model.recipe(9, 0.3, "dogs").as_json()
    answer = ask(studio, "stops", model=MODEL, stops=[4, kept], **{"class": "cats"})
    assert [tile["recipe"] for tile in answer["tiles"]] == [model.recipe(4, 0.7, "cats").as_json(), kept]
    assert answer["spaces"]["w"] is None
    assert "classes" in answer["spaces"]["z"]


def test_a_space_that_is_not_possible_says_why(studio: Studio, model: Model) -> None:
    mixed = model.recipe(1, 0.7, "cats", mix=Mix(start=Start(seed=9), layers=(0,))).as_json()
    spaces = ask(studio, "stops", model=MODEL, stops=[0, mixed], **{"class": "cats"})["spaces"]
    assert spaces["w"] is None
    assert "z" in spaces["z"]
    # seeds of any class get the class of the first, since otherwise no path is possible
    flat = ask(studio, "stops", model="kept:digits", seeds="0-5")
    assert "mlp" in flat["spaces"]["w"]
    assert flat["spaces"]["z"] is None
    assert len({tile["recipe"]["class"] for tile in flat["tiles"]}) == 1


@pytest.mark.parametrize("space", ["w", "z"])
def test_the_way_begins_with_a_and_ends_with_b(studio: Studio, model: Model, space: str) -> None:
    a, b, _ = recipes(studio)
    for t, seed in ((0, 0), (1, 1)):
        tile = ask(studio, "between", model=MODEL, a=a, b=b, t=t, space=space)["tile"]
        assert np.abs(array_of(tile) - model.generate([seed], 0.7, "cats")[0]).max() <= 1
    middle = ask(studio, "between", model=MODEL, a=a, b=b, t=0.5, space=space)["tile"]
    one, other = (model.recipe(seed, 0.7, "cats") for seed in (0, 1))
    assert np.abs(array_of(middle) - model.render([between(model, one, other, 0.5, space)])[0]).max() <= 1  # type: ignore[arg-type]


def test_a_preview_comes_in_pieces_and_begins_with_the_first_picture(studio: Studio, model: Model) -> None:
    walk: dict[str, Any] = {"model": MODEL, "recipes": recipes(studio), "space": "w", "frames": FRAMES_A_PASS + 3}
    first, rest, none = (ask(studio, "preview", start=start, **walk) for start in (0, FRAMES_A_PASS, 2 * FRAMES_A_PASS))
    assert [len(part["frames"]) for part in (first, rest, none)] == [FRAMES_A_PASS, 3, 0]
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(first["frames"][0].partition(",")[2])))).astype(int)
    assert np.abs(shown - model.generate([0], 0.7, "cats")[0]).mean() < 6


def brightness(picture: Any) -> Any:
    """Return the brightness, which H.264 stores at full resolution; it halves the resolution of colours."""
    return picture @ np.array([0.299, 0.587, 0.114])


def test_a_film_has_the_frames_promised_and_begins_with_the_first_picture(studio: Studio, model: Model) -> None:
    walk: dict[str, Any] = {"model": MODEL, "recipes": recipes(studio), "space": "w", "fps": 10, "seconds": 0.4}
    started = ask(studio, "film", kind="mp4", **walk)
    task = ended(studio, started)
    assert (task["state"], task["result"]["frames"], task["done"]) == ("done", 12, 12)
    with av.open(io.BytesIO(fetched(studio, started)), "r") as container:
        assert container.streams.video[0].codec_context.name == "h264"
        pictures = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]
    assert len(pictures) == 12
    first, other = (
        np.abs(brightness(pictures[0]) - brightness(model.generate([seed], 0.7, "cats")[0])).mean() for seed in (0, 1)
    )
    assert first < 8 < other


def test_a_gif_loops_for_ever_and_an_open_one_ends_with_the_last_picture(studio: Studio, model: Model) -> None:
    asked: dict[str, Any] = {
        "model": MODEL,
        "recipes": recipes(studio),
        "space": "z",
        "fps": 10,
        "seconds": 0.3,
        "kind": "gif",
    }
    started = ask(studio, "film", closed=False, **asked)
    assert ended(studio, started)["result"]["frames"] == 7
    image: Any = Image.open(io.BytesIO(fetched(studio, started)))
    assert image.info["loop"] == 0
    assert image.n_frames == 7
    image.seek(6)
    assert np.abs(np.asarray(image.convert("RGB")).astype(int) - model.generate([2], 0.7, "cats")[0]).mean() < 12


def test_a_film_is_enlarged_by_whole_factors_and_says_so(studio: Studio, model: Model) -> None:
    asked: dict[str, Any] = {"model": MODEL, "recipes": recipes(studio), "space": "w", "fps": 5, "seconds": 0.2, "scale": 4}
    started = ask(studio, "film", **asked)
    assert ended(studio, started)["state"] == "done"
    with av.open(io.BytesIO(fetched(studio, started)), "r") as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (4 * model.config.resolution,) * 2
        walk = json.loads(container.metadata["seedbed"])["walk"]
    assert walk["enlarged"] == {"scale": 4, "resampler": "bicubic"}


def test_a_film_that_is_called_off_leaves_nothing(studio: Studio) -> None:
    asked: dict[str, Any] = {"model": MODEL, "recipes": recipes(studio), "space": "w", "fps": 60, "seconds": 19}
    started = ask(studio, "film", **asked)
    assert ask(studio, "stop_task", id=started["id"]) == {}
    assert ended(studio, started)["result"] == {"stopped": True}
    assert "no longer exists" in ask(studio, "task_file", id=started["id"])["error"]
    assert list(studio.tasks.get(started["id"]).folder.iterdir()) == []


def test_whole_frames_lie_between_stops(studio: Studio) -> None:
    walk: dict[str, Any] = {"model": MODEL, "recipes": recipes(studio), "space": "w", "fps": 24, "seconds": 0.1}
    assert frames_of(FilmCall.model_validate(walk)) == 6
    assert frames_of(FilmCall.model_validate({**walk, "closed": False})) == 5
    assert frames_of(FilmCall.model_validate({**walk, "fps": 5, "seconds": 0.5})) == 9  # rounded as on the page


WRONG = [
    ("stops", {"seeds": "-1"}, "-1 is not a list of seeds"),
    ("stops", {"seeds": "letters"}, "letters is not a list of seeds"),
    ("stops", {"seeds": "0-64"}, "65 pictures are more than a page can show well"),
    ("stops", {"stops": [-1]}, CREATE["en"]["create_call_invalid"]),
    ("film", {"space": "w", "fps": 60, "seconds": 60}, "10,800 frames are more than a film may have"),
    ("film", {"space": "w", "fps": 60, "kind": "gif"}, "fps"),
    ("film", {"space": "w", "fps": 0}, CREATE["en"]["create_call_invalid"]),
    ("preview", {"space": "w", "frames": 9999}, CREATE["en"]["create_call_invalid"]),
]


@pytest.mark.parametrize(("call", "asked", "words"), WRONG)
def test_what_cannot_be_done_gets_one_sentence(studio: Studio, call: str, asked: dict[str, Any], words: str) -> None:
    more: dict[str, Any] = {} if call == "stops" else {"recipes": recipes(studio)}
    assert words in ask(studio, call, model=MODEL, **more, **asked)["error"]


def test_a_walk_where_there_is_no_way_gets_one_sentence(studio: Studio) -> None:
    digits = recipes(studio, key="kept:digits")
    for call in ("film", "preview"):
        more: dict[str, Any] = {"frames": 4} if call == "preview" else {}
        assert "mlp" in ask(studio, call, model="kept:digits", recipes=digits, space="w", **more)["error"]


def test_too_many_stops_are_refused_before_any_is_made(studio: Studio) -> None:
    began = time.monotonic()
    assert "at most 64" in ask(studio, "stops", model=MODEL, seeds="0-99999")["error"]
    assert time.monotonic() - began < 20  # a hundred thousand recipes would take minutes
