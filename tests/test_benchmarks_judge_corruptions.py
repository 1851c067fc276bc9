"""Damage grows with its strength, and the committed report shows that the judge detects it."""

import json
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.judge import READINGS, RESULTS
from benchmarks.judge_corruptions import (
    BLOT_BLUR,
    CORRUPTIONS,
    FIGURES,
    HERE,
    ONE_CLASS,
    REPORT,
    TEXTURED_FIGURES,
    TEXTURES,
    Array,
    blots,
    blur,
    shuffled_tiles,
)

REPORTED = json.loads((HERE / FIGURES).read_text(encoding="utf-8"))
TEXTURED = json.loads((HERE / TEXTURED_FIGURES).read_text(encoding="utf-8"))
AT_64 = [name for name in REPORTED["sets"] if name.endswith("64")]


def blocks(count: int = 8, side: int = 64, channels: int = 3) -> Array:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (count, 16, 16, channels), dtype=np.uint8)
    return coarse.repeat(side // 16, 1).repeat(side // 16, 2)


@pytest.mark.parametrize("title", [*CORRUPTIONS, *TEXTURES])
@pytest.mark.parametrize("channels", [1, 3])
def test_damage_grows_with_its_strength_and_strength_0_is_none(title: str, channels: int) -> None:
    corrupt, strengths = (CORRUPTIONS | TEXTURES)[title]
    pictures = blocks(channels=channels)
    errors = []
    for strength in strengths[1:]:
        damaged = corrupt(pictures, strength, np.random.default_rng(0))
        assert damaged.shape == pictures.shape
        assert damaged.dtype == np.uint8
        errors.append(float(np.abs(damaged.astype(float) - pictures).mean()))
    assert strengths[0] == 0
    assert errors[0] > 0
    assert errors == sorted(errors)


def test_shuffled_tiles_keep_every_number() -> None:
    pictures = blocks()
    shuffled = shuffled_tiles(pictures, 1.0, np.random.default_rng(0))
    assert not np.array_equal(shuffled, pictures)
    for before, after in zip(pictures, shuffled, strict=True):
        assert np.array_equal(np.sort(before, axis=None), np.sort(after, axis=None))


def test_blots_keep_the_contrast_that_blur_takes() -> None:
    pictures = blocks()
    rng = np.random.default_rng(0)
    assert blur(pictures, BLOT_BLUR, rng).std() < 0.5 * pictures.std()
    assert blots(pictures, 1.0, rng).std() > 0.8 * pictures.std()


def test_the_report_is_of_the_judge_whose_readings_stand_in_the_results() -> None:
    sha256 = json.loads((RESULTS / READINGS).read_text(encoding="utf-8"))["sha256"]
    assert REPORTED["judge"] == sha256
    assert sha256 in (HERE / REPORT).read_text(encoding="utf-8")


@pytest.mark.parametrize("set_name", AT_64)
@pytest.mark.parametrize("title", [*CORRUPTIONS, ONE_CLASS])
def test_at_64_pixels_the_distance_grows_with_every_damage(set_name: str, title: str) -> None:
    distances = [figures["frechet"] for figures in REPORTED["sets"][set_name][title]]
    assert all(weaker < stronger for weaker, stronger in pairwise(distances))


@pytest.mark.parametrize("title", [*CORRUPTIONS, ONE_CLASS])
def test_at_32_pixels_the_strongest_damage_is_seen(title: str) -> None:
    distances = [figures["frechet"] for figures in REPORTED["sets"]["cifar32"][title]]
    assert distances[-1] > 1.5 * distances[0]


@pytest.mark.parametrize("set_name", REPORTED["sets"])
def test_the_judge_ranks_blots_far_behind_real_pictures(set_name: str) -> None:
    real, *_, worst = REPORTED["sets"][set_name]["blots (share)"]
    assert worst["frechet"] > 10 * real["frechet"]
    assert worst["recognised"] < 0.6 * real["recognised"]


@pytest.mark.parametrize("set_name", AT_64)
@pytest.mark.parametrize("title", TEXTURES)
def test_the_judge_trained_with_textures_detects_them(set_name: str, title: str) -> None:
    distances = [figures["frechet"] for figures in TEXTURED["sets"][set_name][title]]
    assert all(weaker < stronger for weaker, stronger in pairwise(distances))
    assert distances[2] > 2 * distances[0], "an amplitude of 16 levels, which the eye sees at once"


@pytest.mark.parametrize("set_name", AT_64)
@pytest.mark.parametrize("title", [*CORRUPTIONS, ONE_CLASS])
def test_the_judge_trained_with_textures_detects_every_strong_damage(set_name: str, title: str) -> None:
    distances = [figures["frechet"] for figures in TEXTURED["sets"][set_name][title]]
    assert distances[-1] > 1.3 * distances[0]
