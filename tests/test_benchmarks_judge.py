"""The judge on pictures and features whose truth is known."""

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import judge
from benchmarks.judge import Classifier, Features, Judge, frechet, kernel_distance, precision_recall


def cloud(count: int, seed: int, shift: float = 0.0, width: float = 1.0, dim: int = 8) -> Features:
    return (shift + width * np.random.default_rng(seed).standard_normal((count, dim))).astype(np.float32)


@pytest.fixture(scope="module")
def small() -> Judge:
    torch.manual_seed(0)
    return Judge(Classifier(2, (8, 8, 8)), "0" * 64)


def test_equal_sets_are_at_no_distance() -> None:
    a = cloud(500, 0)
    assert frechet(a, a) == pytest.approx(0, abs=1e-6)
    assert abs(kernel_distance(a, cloud(500, 1))) < 0.05
    assert precision_recall(a, a) == (1, 1)


def test_the_frechet_distance_of_two_gaussians_is_the_known_one() -> None:
    """Of N(0, 1) and N(2, 3²) in 8 dimensions: 8 · 2² + 8 · (3 - 1)²."""
    assert frechet(cloud(20_000, 0), cloud(20_000, 1, shift=2, width=3)) == pytest.approx(64, rel=0.03)


def test_distances_grow_with_the_difference() -> None:
    real = cloud(400, 0)
    others = [cloud(400, 1, shift) for shift in (0, 0.5, 2)]
    for distance in (frechet, kernel_distance):
        values = [distance(real, other) for other in others]
        assert values == sorted(values)


def test_a_collapsed_set_loses_recall_and_a_wild_one_precision() -> None:
    real = cloud(400, 0, dim=4)
    precision, recall = precision_recall(real, cloud(400, 1, width=0.1, dim=4))
    assert precision > 0.95
    assert recall < 0.3
    precision, recall = precision_recall(real, cloud(400, 1, width=10, dim=4))
    assert precision < 0.3


@pytest.mark.parametrize(("side", "dims"), [(16, 8), (32, 8), (64, 16)])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_become_features_whatever_their_neighbours(side: int, dims: int, channels: int, small: Judge) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (3, side, side, channels), dtype=np.uint8)
    described = small.features(pictures)
    assert described.shape == (3, dims)
    assert described.dtype == np.float32
    np.testing.assert_allclose(small.features(pictures[1:2]), described[1:2], rtol=1e-4, atol=1e-5)


def test_the_finest_octave_is_judged_too(small: Judge) -> None:
    """Stripes of one pixel are grey once they are shrunk: only the quarters can tell them from grey."""
    stripes = np.zeros((1, 64, 64, 3), np.uint8)
    stripes[:, :, ::2] = 255
    grey = np.full((1, 64, 64, 3), 127.5).round().astype(np.uint8)
    difference = np.abs(small.features(stripes) - small.features(grey))[0]
    assert difference[8:].max() > 10 * difference[:8].max()


def test_training_is_the_same_twice_and_learns() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 512)
    pictures = np.where(labels[:, None, None, None] == 1, 200, 50) + rng.integers(0, 50, (512, 32, 32, 3))
    arguments = (pictures.astype(np.uint8), labels, labels == 1, 2, 4, lambda line: None)
    first, second = (judge.fit(*arguments) for _ in range(2))
    assert judge.accuracy(first, pictures[:64].astype(np.uint8), labels[:64]) > 0.9
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)


def test_moved_and_mirrored_pictures_keep_their_numbers_from_their_own_rows() -> None:
    pictures = np.arange(2 * 32 * 32 * 3, dtype=np.uint32).reshape(2, 32, 32, 3)
    moved = judge.vary(pictures, np.array([True, False]), np.random.default_rng(0))
    assert moved.shape == pictures.shape
    for before, after in zip(pictures, moved, strict=True):
        assert set(np.unique(after)) <= set(np.unique(before))


def test_a_missing_judge_says_how_to_train_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="benchmarks.judge --data"):
        judge.load_judge(tmp_path)
