"""The training pictures nearest to a picture: by pixels, by features, only for the owner, only where they are on this machine."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan import data
from gan.bulk import Likeness
from gan.playing.asking import Asker, asked_by
from gan.playing.calls import CALLS
from gan.playing.studio import Studio, answer
from tests.copycats import TRAINED_ON, copycat_studio
from tests.tiny_runs import FIXTURE


@pytest.fixture(scope="module")
def emoji(tmp_path_factory: pytest.TempPathFactory) -> data.Dataset:
    return data.prepare(FIXTURE, home=tmp_path_factory.mktemp("emoji"), size=32)


def test_a_training_picture_and_a_moved_or_darker_one_look_alike(emoji: data.Dataset) -> None:
    likeness = Likeness(emoji)
    usual = np.median(likeness.nearest(np.asarray(emoji.pictures[emoji.held_out_indices]))[1])
    rows = emoji.train_indices[:20]
    pictures = np.asarray(emoji.pictures[rows])
    found, distances = likeness.nearest(pictures)
    assert list(found) == list(rows)
    assert distances.max() < 1e-2
    for changed in (np.roll(pictures, 2, axis=2), (pictures * 0.85).astype(np.uint8)):
        found, distances = likeness.nearest(changed)
        assert np.mean(found == rows) > 0.7
        assert np.mean(distances < usual) > 0.7


def test_five_percent_of_held_out_pictures_are_nearer_than_the_limit(emoji: data.Dataset) -> None:
    likeness = Likeness(emoji)
    _, distances = likeness.nearest(np.asarray(emoji.pictures[emoji.held_out_indices]))
    assert 0 < np.mean(distances < likeness.closest) <= 0.1
    noise = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 3), np.uint8)
    assert likeness.nearest(noise)[1].min() > likeness.closest


@pytest.fixture
def copycat(home: Path) -> Studio:
    return copycat_studio(home)


def asked(studio: Studio, key: str, seed: int, psi: float) -> dict[str, Any]:
    recipe = studio.open(key).recipe(seed, psi).as_json()
    return answer(studio, CALLS, {"call": "nearest_training", "with": {"model": key, "recipe": recipe}}, "en")


def test_a_copy_is_found_beside_its_original(copycat: Studio) -> None:
    found = asked(copycat, "run:copycat", 7, 1.0)
    assert found["pixels"]["near"]
    assert found["pixels"]["distance"] < 0.01
    assert found["features"]["distance"] < 0.01
    assert found["pixels"]["src"] == found["features"]["src"]
    assert (found["name"], found["pictures"]) == ("own", TRAINED_ON)
    assert not asked(copycat, "run:copycat", 10_007, 1.0)["pixels"]["distance"] < 0.01


def test_training_pictures_are_shown_to_the_owner_alone(copycat: Studio) -> None:
    for right in ("visitor", "trainer"):
        with asked_by(Asker(right)):
            refused = asked(copycat, "run:copycat", 7, 1.0)
        assert "pixels" not in refused
        assert refused["code"].startswith("owner_only")


def test_a_model_without_its_training_pictures_says_so(copycat: Studio, home: Path) -> None:
    about = answer(copycat, CALLS, {"call": "look", "with": {"model": "run:copycat"}}, "en")["model"]
    assert about["capabilities"]["knows_training_set"]
    next((home / "data").glob("*/pictures.npy")).unlink()
    assert "not on this machine" in asked(copycat, "run:copycat", 7, 1.0)["error"]
    assert "not on this machine" in asked(copycat, "starter:emoji", 7, 1.0)["error"]
    about = answer(copycat, CALLS, {"call": "look", "with": {"model": "run:copycat"}}, "en")["model"]
    assert not about["capabilities"]["knows_training_set"]
