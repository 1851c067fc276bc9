"""The base that is nearest to a set: measured by the pretrained features, among the models that suit."""

import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from gan import data
from gan.models import DISCRIMINATOR, Entry, list_models, starters_folder
from gan.sampler.bases import NEAR, distance, nearest_base
from gan.ui.train.plan import base_html
from gan.vision import describe
from tests.tiny_runs import FIXTURE

Pictures = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def emoji(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    return np.asarray(data.prepare(FIXTURE, home=tmp_path_factory.mktemp("emoji"), size=32).pictures)


@pytest.fixture(scope="module")
def stripes() -> Pictures:
    """Return pictures that are unlike emoji: colourful stripes."""
    rng = np.random.default_rng(0)
    phase = np.arange(32)[None, :, None, None] * rng.uniform(0.2, 2, (60, 1, 1, 1)) + rng.uniform(0, 6, (60, 1, 1, 3))
    return np.broadcast_to(127.5 + 127 * np.sin(phase), (60, 32, 32, 3)).astype(np.uint8)


def starter(name: str) -> Entry:
    return Entry(name, "starter", starters_folder() / name)


def test_two_halves_of_a_set_are_near_and_another_set_is_far(emoji: Pictures, stripes: Pictures) -> None:
    halves = [describe(emoji[start::2]) for start in (0, 1)]
    assert distance(halves[0], halves[0]) == 0
    assert 0 < distance(*halves) < 0.4
    assert distance(halves[0], describe(stripes)) > 1


def test_emoji_are_near_the_starter_emoji_and_stripes_are_not(emoji: Pictures, stripes: Pictures) -> None:
    near, far = (nearest_base(pictures, [starter("emoji")]) for pictures in (emoji, stripes))
    assert near is not None
    assert far is not None
    assert near.is_near
    assert not far.is_near
    assert near.distance < NEAR < far.distance
    assert 'data-base="starter:emoji"' in base_html(near, "", "en")
    assert "data-base" not in base_html(near, "starter:emoji", "en"), "it is chosen already"
    assert "No model here draws pictures like yours" in base_html(far, "", "en")
    assert base_html(None, "", "zh") == ""


def test_only_models_that_can_be_fine_tuned_on_such_pictures_count(emoji: Pictures, home: Path) -> None:
    kept = home / "models"
    for name in ("without", "damaged"):
        shutil.copytree(starter("emoji").folder, kept / name)
    (kept / "without" / DISCRIMINATOR).unlink()
    (kept / "damaged" / "model.safetensors").write_bytes(b"no tensors")
    unusable = [entry for entry in list_models(home) if entry.kind == "kept"]
    assert len(unusable) == 2
    assert nearest_base(emoji, [*unusable, starter("digits")]) is None, "digits are grey"
    found = nearest_base(emoji, [*unusable, starter("emoji")])
    assert found is not None
    assert found.entry.name == "emoji"
