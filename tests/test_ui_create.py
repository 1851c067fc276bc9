"""The answers of the Create tab: tiles whose recipes reproduce them, and one sentence for everything else."""

import base64
import io
import json
import re
import shutil
import threading
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from gan.errors import ModelError
from gan.images import encode_png, read_recipe
from gan.limits import ABANDONED_SECONDS, MOST_WAITING_TASKS
from gan.models import export_model
from gan.playing.calls import CALLS
from gan.playing.shelf import Shelf
from gan.playing.studio import Studio
from gan.playing.tasks import Task, Tasks, content, status_of
from gan.recipes import ClassMix, Latent, Mix, Start
from gan.sampler import Model
from gan.ui.create.tab import LOADER, first_look, make_ask
from gan.ui.web import WEB
from gan.words import CREATE
from tests.askers import asked_by_a
from tests.processes import wait_until
from tests.tiny_models import write_tiny_model

DEADLINE_SECONDS = 60
MODEL = "kept:pets"
BLACK = np.zeros((8, 8, 3), np.uint8)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    write_tiny_model(tmp_path / "models" / "pets", classes=("cats", "dogs"))
    return Studio(Shelf(tmp_path))


@pytest.fixture
def model(studio: Studio) -> Model:
    return studio.open(MODEL)


def ask(studio: Studio, call: str, language: str = "en-US", **asked: Any) -> dict[str, Any]:
    """Send a request as the browser does."""
    request = asked_by_a("owner", language)
    answer = make_ask(studio, CALLS)(json.loads(json.dumps({"call": call, "with": asked})), request)
    return json.loads(json.dumps(answer))


def png_of(tile: dict[str, Any]) -> bytes:
    return base64.b64decode(tile["src"].removeprefix("data:image/png;base64,"))


def array_of(tile: dict[str, Any]) -> Any:
    return np.asarray(Image.open(io.BytesIO(png_of(tile)))).astype(int)


# Pictures


def test_a_tile_is_a_png_that_carries_the_recipe_beside_it(studio: Studio, model: Model) -> None:
    tiles = ask(studio, "pictures", model=MODEL, seeds="3, 5", psi=0.5, **{"class": "dogs"})["tiles"]
    assert [tile["recipe"] for tile in tiles] == [model.recipe(seed, 0.5, "dogs").as_json() for seed in (3, 5)]
    for tile, expected in zip(tiles, model.generate([3, 5], 0.5, "dogs"), strict=True):
        assert read_recipe(png_of(tile)) == tile["recipe"]
        assert np.abs(array_of(tile) - expected).max() <= 1


def test_another_class_is_mixed_into_every_picture(studio: Studio, model: Model) -> None:
    (tile,) = ask(studio, "pictures", model=MODEL, seeds="3", mix_with="dogs", mix_amount=1.0, **{"class": "cats"})["tiles"]
    assert np.abs(array_of(tile) - model.generate([3], 0.7, "dogs")[0]).max() <= 1
    assert tile["recipe"]["class_mix"] == {"class": "dogs", "amount": 1.0}


def test_variations_begin_with_the_picture_itself_and_go_further_the_greater_the_distance(studio: Studio, model: Model) -> None:
    recipe = model.recipe(3).as_json()

    def spread(distance: float) -> float:
        tiles = ask(studio, "variations", model=MODEL, recipe=recipe, distance=distance)["tiles"]
        assert tiles[0]["recipe"] == recipe
        assert len(tiles) == 8
        return float(np.mean([np.abs(array_of(tile) - array_of(tiles[0])).mean() for tile in tiles[1:]]))

    assert 0 < spread(0.1) < spread(0.9)


def test_what_one_sees_first_is_a_model_and_eight_pictures(studio: Studio) -> None:
    first = first_look(studio)
    assert first["model"]["key"] in [each["key"] for each in first["models"]]
    assert len(first["tiles"]) == 8


def test_a_model_that_is_gone_gives_way_to_the_first(studio: Studio) -> None:
    assert ask(studio, "look", model="kept:nobody")["model"]["key"] == ask(studio, "look")["model"]["key"]


def test_a_damaged_model_says_so_and_hides_none_of_the_others(studio: Studio, model: Model, tmp_path: Path) -> None:
    tile = ask(studio, "pictures", model=MODEL, seeds="3")["tiles"][0]
    shutil.copytree(model.folder, tmp_path / "models" / "broken")
    (tmp_path / "models" / "broken" / "config.json").write_text("{")
    seen = ask(studio, "look", model="kept:broken")
    assert "broken cannot be opened" in seen["trouble"]
    assert seen["model"]["key"] == ask(studio, "look")["model"]["key"]
    assert {"kept:broken", MODEL} < {each["key"] for each in seen["models"]}
    assert ask(studio, "recall", **file_call("pets-3.png", png_of(tile)))["model"] == MODEL


def test_where_the_first_model_is_damaged_the_page_begins_with_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan.models.finding.starters_folder", lambda: tmp_path / "starters")
    write_tiny_model(tmp_path / "starters" / "emoji")
    (tmp_path / "starters" / "emoji" / "model.safetensors").write_bytes(b"no weights")
    studio = Studio(Shelf(tmp_path))
    assert first_look(studio)["model"] is None
    write_tiny_model(tmp_path / "models" / "pets")
    assert first_look(studio)["model"]["key"] == MODEL
    assert len(first_look(studio)["tiles"]) == 8


def test_without_any_model_there_is_still_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan.models.finding.starters_folder", lambda: tmp_path / "none")
    assert first_look(Studio(Shelf(tmp_path)))["model"] is None


WRONG = [
    ("-1", "-1 is not a list of seeds"),
    ("letters", "letters is not a list of seeds"),
    ("1-999999999", "seeds are too many at once"),
    ("0-64", "65 pictures are more than a page can show well"),
    ("4294967296", "is not a seed"),
]


@pytest.mark.parametrize(("seeds", "words"), WRONG)
def test_wrong_seeds_get_one_sentence(studio: Studio, seeds: str, words: str) -> None:
    assert words in ask(studio, "pictures", model=MODEL, seeds=seeds)["error"]
    assert re.search("[\u4e00-\u9fff]", ask(studio, "pictures", "zh-CN", model=MODEL, seeds=seeds)["error"])


def test_a_class_or_a_model_that_is_not_there_gets_one_sentence(studio: Studio) -> None:
    assert "has no class birds" in ask(studio, "pictures", model=MODEL, seeds="1", **{"class": "birds"})["error"]
    assert "There is no model ../../etc" in ask(studio, "pictures", model="kept:../../etc", seeds="1")["error"]


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"call": "pictures"},
        {"call": "nothing", "with": {}},
        {"call": "pictures", "with": {"model": MODEL, "seeds": "1", "psi": 99}},
        {"call": "pictures", "with": {"model": MODEL, "seeds": "1", "surprise": 1}},
        {"call": "recipes", "with": {"model": MODEL, "recipes": [{"seed": 1}]}},
        {"call": "variations", "with": {"model": MODEL, "recipe": {}, "distance": 0.1}},
    ],
)
def test_what_no_page_of_ours_would_ask_is_refused(studio: Studio, data: Any) -> None:
    answer = make_ask(studio, CALLS)(data, gr.Request(None, headers={}))
    assert answer == {"error": CREATE["en"]["create_call_invalid"]}


# Recalled pictures


def test_latents_whose_sum_is_no_number_get_one_sentence(studio: Studio, model: Model) -> None:
    huge = model.recipe(class_name="cats", latent=Latent.of("w", np.full(model.latent_shape, 3e38, np.float32)), psi=2.0)
    generation = {"parents": [{"recipe": huge.as_json()}], "seed": 0}
    assert "out of bounds" in ask(studio, "breed", model=MODEL, generations=[generation])["error"]


def file_call(name: str, content: bytes) -> dict[str, str]:
    return {"name": name, "content": base64.b64encode(content).decode()}


def test_a_dropped_picture_brings_back_its_model_and_its_whole_recipe(studio: Studio, model: Model) -> None:
    recipe = model.recipe(
        3, 0.4, "cats", class_mix=ClassMix(class_name="dogs", amount=0.25), mix=Mix(start=Start(seed=9), layers=(1, 2))
    )
    (picture,) = model.render([recipe])
    answer = ask(studio, "recall", **file_call("pets-3.png", encode_png(picture, recipe.as_json())))
    assert answer == {"recipe": recipe.as_json(), "model": MODEL}
    (tile,) = ask(studio, "recipes", model=answer["model"], recipes=[answer["recipe"]])["tiles"]
    assert np.array_equal(array_of(tile), picture)


def test_a_picture_of_a_model_that_is_not_here_says_which(studio: Studio, tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "elsewhere", seed=5)
    other = Model.open(tmp_path / "elsewhere")
    (picture,) = other.generate([1])
    answer = ask(studio, "recall", **file_call("x.png", encode_png(picture, other.recipe(1).as_json())))
    assert "made with elsewhere" in answer["missing"]
    assert answer["repo"] is None


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("cat.jpg", b"\xff\xd8\xff\xe0 a cat", "cat.jpg is not a PNG"),
        ("cat.png", encode_png(BLACK), "cat.png holds no recipe"),
        (
            "odd.png",
            encode_png(BLACK, {"version": 1, "seed": -4}),
            "The recipe in odd.png cannot be used",
        ),
        ("new.png", encode_png(BLACK, {"version": 9}), "has version 9"),
        ("empty.png", b"", "empty.png is not a PNG"),
    ],
)
def test_a_file_without_a_usable_recipe_gets_one_sentence(studio: Studio, name: str, content: bytes, words: str) -> None:
    assert words in ask(studio, "recall", **file_call(name, content))["error"]


@pytest.mark.parametrize("kind", ["npz", "safetensors"])
def test_latents_leave_and_come_back_exact_to_the_bit(studio: Studio, model: Model, kind: str) -> None:
    seed = model.recipe(3, 0.7, "cats")
    edited = seed.changed(mix=Mix(start=Start(seed=9), layers=(1,)))
    for recipe in (seed, edited):
        saved = ask(studio, "save_latents", model=MODEL, recipes=[recipe.as_json()], kind=kind)["content"]
        asked = {"model": MODEL, "name": f"x.{kind}", "content": saved, "class": "cats"}
        (again,) = ask(studio, "load_latents", **asked)["recipes"]
        (tile,) = ask(studio, "recipes", model=MODEL, recipes=[again])["tiles"]
        assert np.array_equal(array_of(tile), model.render([recipe])[0])


def test_a_latent_of_another_model_gets_one_sentence(studio: Studio) -> None:
    recipe = {"latent": Latent.of("z", np.zeros(9, np.float32)).model_dump(mode="json"), "class": "cats"}
    reference = studio.open(MODEL).reference.model_dump(mode="json")
    answer = ask(studio, "recipes", model=MODEL, recipes=[{"version": 1, "model": reference, **recipe}])
    assert "The latent has the format z (9); pets needs z (8)" in answer["error"]


def test_only_an_uploaded_model_is_added(tmp_path: Path) -> None:
    home, uploads = tmp_path / "home", tmp_path / "uploads"
    for folder in (home, uploads / "1"):
        folder.mkdir(parents=True, exist_ok=True)
    write_tiny_model(tmp_path / "gift")
    export_model(tmp_path / "gift", uploads / "1" / "gift.zip")
    shutil.copyfile(uploads / "1" / "gift.zip", tmp_path / "elsewhere.zip")
    (uploads / "link.zip").symlink_to(tmp_path / "elsewhere.zip")
    studio = Studio(Shelf(home), uploads)
    for path in ("../elsewhere.zip", "link.zip", "gone.zip", "1", "\0", "x" * 3000, str(tmp_path / "elsewhere.zip")):
        assert "no longer among the uploaded files" in ask(studio, "add_model", path=str(uploads / path))["error"]
    added = ask(studio, "add_model", path=str(uploads / "1" / "gift.zip"))
    assert added == {"key": "kept:gift", "name": "gift"}
    assert studio.open(added["key"]).name == "gift"


# Longer tasks


@pytest.fixture
def tasks() -> Any:
    made = Tasks(workers=1)
    yield made
    made.close()


def ended(task: Task, over: threading.Event) -> None:
    assert over.wait(DEADLINE_SECONDS)
    wait_until(lambda: task.state in ("done", "failed"))


def test_work_is_told_while_it_goes_on_and_can_be_called_off_with_what_it_has(tasks: Tasks) -> None:
    working, over = threading.Event(), threading.Event()

    def work(task: Task) -> dict[str, Any]:
        task.report(1, 100, error=0.5)
        working.set()
        wait_until(lambda: task.stopped)
        over.set()
        return {"best": 7}

    task = tasks.start(work)
    assert working.wait(DEADLINE_SECONDS)
    assert status_of(task) == {"id": task.id, "state": "working", "done": 1, "total": 100, "news": {"error": 0.5}}
    tasks.get(task.id).stop()
    ended(task, over)
    assert status_of(task)["result"] == {"best": 7}


def test_work_that_fails_says_why_in_one_sentence(tasks: Tasks, caplog: pytest.LogCaptureFixture) -> None:
    over = threading.Event()

    def refuse(task: Task) -> dict[str, Any]:
        over.set()
        raise ModelError("task_unknown")

    def crash(task: Task) -> dict[str, Any]:
        over.set()
        raise ZeroDivisionError("division by zero")

    for work, words in ((refuse, "no longer exists"), (crash, "An unexpected error occurred: ZeroDivisionError")):
        over.clear()
        task = tasks.start(work)
        ended(task, over)
        with pytest.raises(ModelError, match=words):
            status_of(task)
    assert "unforeseen" in caplog.text


def test_a_file_is_fetched_in_pieces_and_only_by_its_id(tasks: Tasks) -> None:
    over = threading.Event()

    def work(task: Task) -> dict[str, Any]:
        task.file("x.bin").write_bytes(b"0123456789")
        over.set()
        return {}

    task = tasks.start(work)
    ended(task, over)
    assert content(task, 4) == {"content": base64.b64encode(b"456789").decode(), "size": 10}
    with pytest.raises(ModelError, match="no longer exists"):
        tasks.get("guessed")


def test_what_nobody_asked_for_keeps_no_worker_from_what_somebody_did(tasks: Tasks) -> None:
    free, over = threading.Event(), threading.Event()

    def wait(task: Task) -> dict[str, Any]:
        free.wait(DEADLINE_SECONDS)
        return {}

    def asked(task: Task) -> dict[str, Any]:
        over.set()
        return {}

    aside = tasks.start(wait, unasked=True)
    task = tasks.start(asked)  # there is one worker
    ended(task, over)
    assert status_of(task)["state"] == "done"
    assert status_of(aside)["state"] != "done"
    free.set()


def test_only_so_much_may_wait(tasks: Tasks) -> None:
    begun, free = threading.Event(), threading.Event()

    def work(task: Task) -> dict[str, Any]:
        begun.set()
        free.wait(DEADLINE_SECONDS)
        return {}

    tasks.start(work)
    assert begun.wait(DEADLINE_SECONDS)
    for _ in range(MOST_WAITING_TASKS):
        tasks.start(work)
    with pytest.raises(ModelError, match="waiting already"):
        tasks.start(work)
    free.set()


def ended_with_a_file(tasks: Tasks, name: str) -> Task:
    def work(task: Task) -> dict[str, Any]:
        task.file(name).write_bytes(b"0123456789")
        over.set()
        return {}

    over = threading.Event()
    task = tasks.start(work)
    ended(task, over)
    return task


def test_the_oldest_files_make_room_where_they_fill_the_disk(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan.playing.tasks.MOST_TASK_BYTES", 25)
    first, *others = [ended_with_a_file(tasks, f"{number}.zip") for number in range(3)]
    tasks.start(lambda task: {})
    with pytest.raises(ModelError, match="no longer exists"):
        tasks.get(first.id)
    assert first.content is not None
    assert not first.content.exists()
    assert [content(tasks.get(each.id), 0)["size"] for each in others] == [10, 10]


def test_work_that_nobody_looks_at_any_more_is_called_off(tasks: Tasks) -> None:
    task = ended_with_a_file(tasks, "walk.mp4")
    task.seen -= ABANDONED_SECONDS + 1  # longer ago than the limit
    assert task.stopped
    assert not tasks.get(task.id).stopped


# Words


def test_the_modules_say_nothing_that_is_not_in_the_texts() -> None:
    source = LOADER + "".join(path.read_text(encoding="utf-8") for path in WEB.rglob("*.js"))
    said = set(re.findall(r'["`](create_[a-z0-9_]+)["`]', source))
    assert len(said) > 100
    assert said - set(CREATE["en"]) == set()
