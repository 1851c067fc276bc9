"""The measured effect of layers: exchanging colours counts as colour, and a model without layers has nothing to measure."""

from pathlib import Path

import numpy as np
import pytest

from gan.playing.layers import changes
from gan.playing.shelf import Shelf
from gan.playing.studio import Studio
from tests.test_ui_create import ask
from tests.tiny_models import write_tiny_model

SIDE = 32


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    write_tiny_model(tmp_path / "models" / "pets", classes=("cats", "dogs"))
    write_tiny_model(tmp_path / "models" / "scrawl", family="mlp")
    return Studio(Shelf(tmp_path))


def squares(colour: tuple[int, int, int], left: int) -> np.ndarray:
    """Return a square of a colour on a dark ground."""
    pictures = np.full((1, SIDE, SIDE, 3), 20, np.uint8)
    pictures[:, 8:24, left : left + 16] = colour
    return pictures


def test_another_place_is_shape_another_hue_is_colour_and_noise_is_detail() -> None:
    before = squares((200, 60, 60), 4)
    moved = changes(before, squares((200, 60, 60), 12))
    tinted = changes(before, squares((60, 131, 60), 4))
    noise = np.random.default_rng(0).choice([-30, 30], before.shape[:3])[..., None]
    noisy = changes(before, np.clip(before + noise, 0, 255).astype(np.uint8))
    assert moved["shape"] > 3 * tinted["shape"]
    assert tinted["colour"] > 3 * noisy["colour"]
    assert noisy["detail"] > 3 * tinted["detail"]
    assert changes(before, before) == {"shape": 0, "colour": 0, "detail": 0}


def test_each_group_has_its_shares_and_they_are_measured_once(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = ask(studio, "layers", model="kept:pets")["groups"]
    assert list(groups) == ["coarse", "middle", "fine"]
    assert all(set(shares) == {"shape", "colour", "detail"} for shares in groups.values())
    assert all(share >= 0 for shares in groups.values() for share in shares.values())
    assert max(groups["coarse"].values()) > 0.05
    monkeypatch.setattr(studio.pool, "render", None)  # a second measurement would fail
    assert ask(studio, "layers", model="kept:pets")["groups"] == groups


def test_a_model_without_layers_has_none_to_measure(studio: Studio) -> None:
    assert ask(studio, "layers", model="kept:scrawl") == {"groups": {}}
