"""The GPU of ZeroGPU: used for many pictures only, with the same pictures as the CPU."""

from pathlib import Path

import numpy as np
import pytest

from gan.machine import detect_device, disk_is_lasting
from gan.sampler import Model
from gan.sampler.lent import WORTH_PIXELS, is_worth_a_gpu, paint_on_lent_gpu


def test_only_many_pictures_on_zerogpu_are_worth_a_gpu(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Model.open(model, "cpu")
    many = WORTH_PIXELS // opened.config.resolution**2
    assert not is_worth_a_gpu(opened, many)
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert is_worth_a_gpu(opened, many)
    assert not is_worth_a_gpu(opened, many - 1)
    assert detect_device() == "cpu"


def test_what_is_painted_for_a_caller_in_another_process_is_the_same(model: Path) -> None:
    opened = Model.open(model, "cpu")
    points = opened.points([opened.recipe(seed) for seed in range(5)])
    assert np.array_equal(paint_on_lent_gpu(opened, points, 4), opened.paint(points))


def test_a_spaces_own_disk_is_not_lasting(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert disk_is_lasting(home)
    monkeypatch.setenv("SPACE_ID", "ada/pets")
    assert not disk_is_lasting(home)
