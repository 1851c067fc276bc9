"""Many pictures on the page: the zip holds the ordered pictures, near-copies can be left out, and too large an order is
refused.
"""

import io
import json
import threading
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan.errors import ConfigError, GanError, ModelError
from gan.images import read_recipe
from gan.playing import bulk
from gan.playing.bulk import BulkCall
from gan.playing.shelf import Shelf
from gan.playing.studio import Studio
from gan.playing.tasks import Task, status_of
from gan.runs import Run
from gan.sampler import Model
from tests.copycats import TRAINED_ON, copycat_studio
from tests.processes import wait_until
from tests.tiny_models import write_tiny_model

DEADLINE_SECONDS = 120


@pytest.fixture
def studio(home: Path) -> Studio:
    write_tiny_model(home / "models" / "pets", classes=("cats", "dogs"))
    return Studio(Shelf(home))


@pytest.fixture
def pets(studio: Studio) -> Model:
    return studio.open("kept:pets")


def order(**asked: Any) -> BulkCall:
    return BulkCall.model_validate({"model": "kept:pets", "count": "6", **asked})


def finished(task: Task) -> dict[str, Any]:
    """Return the result of a finished task."""
    wait_until(lambda: status_of(task)["state"] == "done")
    return dict(status_of(task)["result"])


def made(studio: Studio, call: BulkCall) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the result of an order, and the files in its zip."""
    task = studio.tasks.get(bulk.start(studio, call, "en")["id"])
    result = finished(task)
    assert task.content is not None
    with zipfile.ZipFile(task.content) as opened:
        assert opened.testzip() is None
        files = {name: opened.read(name) for name in opened.namelist()}
    return result, files


def rows(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files["manifest.jsonl"].splitlines()]


def test_the_zip_holds_each_picture_with_its_recipe_and_the_manifest_lists_them(studio: Studio, pets: Model) -> None:
    result, files = made(studio, order(first_seed="100", psi=0.8, **{"class": "dogs"}))
    assert result == {"pictures": 6, "dropped": 0, "stopped": False}
    listed = rows(files)
    assert [row["seed"] for row in listed] == list(range(100, 106))
    assert set(files) == {row["file"] for row in listed} | {"manifest.jsonl", "order.json"}
    for row, wanted in zip(listed, pets.generate(range(100, 106), 0.8, "dogs"), strict=True):
        content = files[row["file"]]
        assert read_recipe(content) == pets.recipe(row["seed"], 0.8, "dogs").as_json()
        assert np.abs(np.asarray(Image.open(io.BytesIO(content))).astype(int) - wanted).max() <= 1


def test_as_many_of_each_class_lie_in_its_folder(studio: Studio) -> None:
    result, files = made(studio, order(per_class=True, count="5", **{"class": "cats"}))
    assert result["pictures"] == 10
    assert Counter(name.split("/")[0] for name in files if "/" in name) == {"cats": 5, "dogs": 5}


def test_the_first_pictures_are_shown_with_how_many_there_will_be(studio: Studio, pets: Model) -> None:
    seen = bulk.look(studio, order(count="2,000", per_class=True, first_seed="7"), "en")
    assert (seen["total"], seen["most"], seen["training"]) == (4000, 2000, None)
    assert [tile["recipe"]["seed"] for tile in seen["tiles"]] == list(range(7, 15))
    assert [tile["recipe"]["class"] for tile in seen["tiles"]] == ["cats", "dogs"] * 4
    assert seen["tiles"][0]["recipe"] == pets.recipe(7, 1.0, "cats").as_json()
    assert len(bulk.look(studio, order(count="1"), "en")["tiles"]) == 1


def test_what_was_made_before_it_was_stopped_is_kept(studio: Studio) -> None:
    # All workers are kept busy until the order has been stopped, so that it ends after its first block.
    free = threading.Event()

    def wait(task: Task) -> dict[str, Any]:
        assert free.wait(DEADLINE_SECONDS)
        return {}

    for _ in range(2):
        studio.tasks.start(wait)
    task = studio.tasks.get(bulk.start(studio, order(count="500"), "en")["id"])
    task.stop()
    free.set()
    result = finished(task)
    assert result["stopped"]
    assert 0 < result["pictures"] < 500
    assert task.content is not None
    with zipfile.ZipFile(task.content) as opened:
        assert len(opened.read("manifest.jsonl").splitlines()) == result["pictures"]
        assert sum(name.endswith(".png") for name in opened.namelist()) == result["pictures"]


def test_nothing_but_the_zip_is_left(studio: Studio) -> None:
    task = studio.tasks.get(bulk.start(studio, order(), "en")["id"])
    finished(task)
    assert list(task.folder.iterdir()) == [task.content]


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"count": "0"}, ConfigError, "“How many” is 0; it must be 1 … 100,000"),
        ({"count": "-3"}, ConfigError, "“How many” is -3"),
        ({"count": "many"}, ConfigError, "“How many” is many"),
        ({"count": ""}, ConfigError, "“How many” is –"),
        ({"count": "9999999"}, ConfigError, "“How many” is 9999999"),
        ({"first_seed": "cat"}, ConfigError, "“First seed” is cat"),
        ({"first_seed": "4294967295"}, ModelError, "is not a seed"),
        ({"class": "birds"}, ModelError, "has no class birds"),
        ({"count": "2001"}, ModelError, "2,001 pictures are more than a page makes at once"),
        ({"count": "1001", "per_class": True}, ModelError, "2,002 pictures are more"),
        ({"drop_copies": True}, ModelError, "not on this machine"),
        ({"model": "kept:nobody"}, ModelError, "There is no model"),
    ],
)
def test_a_wrong_order_gets_one_sentence(studio: Studio, asked: dict[str, Any], error: type[GanError], words: str) -> None:
    with pytest.raises(error, match=words):
        bulk.start(studio, order(**asked), "en")


def test_a_field_is_called_as_on_the_page_in_the_visitors_language(studio: Studio) -> None:
    with pytest.raises(ConfigError) as caught:
        bulk.look(studio, order(count="0"), "zh")
    assert caught.value.translated("zh").startswith("“数量” 为 0")


def test_large_pictures_are_fewer_at_once(pets: Model) -> None:
    assert bulk.most_on_page(pets) == 2000
    large = pets.config.model_copy(update={"resolution": 512})
    pets.config = large
    assert bulk.most_on_page(pets) == 682


# Near-copies


@pytest.fixture
def copycat(home: Path) -> Studio:
    return copycat_studio(home)


def test_samples_that_are_training_pictures_are_left_out_and_later_seeds_take_their_places(copycat: Studio) -> None:
    seen = bulk.look(copycat, order(model="run:copycat"), "en")
    assert seen["training"] == {"name": "own", "pictures": TRAINED_ON}
    result, files = made(copycat, order(model="run:copycat", drop_copies=True))
    assert (result["pictures"], result["stopped"]) == (6, False)
    assert result["dropped"] >= TRAINED_ON
    assert all(row["seed"] >= TRAINED_ON and row["nearest_training"] > 0 for row in rows(files))
    result, files = made(copycat, order(model="run:copycat"))
    assert [row["seed"] for row in rows(files)] == list(range(6))


@pytest.mark.parametrize("gone", ["the pictures", "the recipe"])
def test_without_the_training_pictures_there_is_no_filter(copycat: Studio, home: Path, gone: str) -> None:
    if gone == "the pictures":
        next((home / "data").glob("*/pictures.npy")).unlink()
    else:
        Run.open(home, "copycat").write_config({})
    assert bulk.look(copycat, order(model="run:copycat"), "en")["training"] is None
    with pytest.raises(ModelError, match="Leave the filter out"):
        bulk.start(copycat, order(model="run:copycat", drop_copies=True), "en")
