"""The judge on pictures and features with known answers."""

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import judge, judge_training
from benchmarks.judge import Classifier, Features, Judge, frechet, kernel_distance, precision_recall

WIDTHS = (8, 8, 8, 8, 12)


def cloud(count: int, seed: int, shift: float = 0.0, width: float = 1.0, dim: int = 8) -> Features:
    return (shift + width * np.random.default_rng(seed).standard_normal((count, dim))).astype(np.float32)


@pytest.fixture(scope="module")
def small() -> Judge:
    torch.manual_seed(0)
    return Judge(Classifier(2, WIDTHS), "0" * 64, ("one/a", "one/b"))


def test_equal_sets_are_at_no_distance() -> None:
    a = cloud(500, 0)
    assert frechet(a, a) == pytest.approx(0, abs=1e-6)
    assert abs(kernel_distance(a, cloud(500, 1))) < 0.05
    assert precision_recall(a, a) == (1, 1)


def test_the_frechet_distance_of_two_gaussians_is_the_known_one() -> None:
    """The distance of N(0, 1) and N(2, 3²) in 8 dimensions is 8 · 2² + 8 · (3 - 1)²."""
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


@pytest.mark.parametrize("side", [28, 32, 64, 128])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_become_features_whatever_their_neighbours(side: int, channels: int, small: Judge) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (3, side, side, channels), dtype=np.uint8)
    described = small.features(pictures)
    assert described.shape == (3, WIDTHS[3] + WIDTHS[4])
    assert described.dtype == np.float32
    np.testing.assert_allclose(small.features(pictures[1:2]), described[1:2], rtol=1e-4, atol=1e-5)


def two_sets(count: int = 96) -> list[judge_training.Lesson]:
    """Return dark and bright pictures at 64 pixels, and grey ones at 32 with a bright left or right half."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 2
    colour = (np.where(labels == 1, 200, 50)[:, None, None, None] + rng.integers(0, 50, (count, 64, 64, 3))).astype(np.uint8)
    grey = rng.integers(0, 50, (count, 32, 32, 1)).astype(np.uint8)
    grey[labels == 0, :, :16] += 150
    grey[labels == 1, :, 16:] += 150
    return [judge_training.Lesson(colour, labels, 0.5, True), judge_training.Lesson(grey, labels + 2, 0.5, False)]


def test_training_is_the_same_twice_and_learns_all_sets_at_once(tmp_path: Path) -> None:
    lessons = two_sets()
    with judge.one_thread():
        first, second = (judge_training.fit(lessons, 4, 16 * 50, WIDTHS, 16) for _ in range(2))
    for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    names = ["dark/no", "dark/yes", "half/left", "half/right"]
    judge_training.keep_judge(first, names, tmp_path)
    loaded = judge.load_judge(tmp_path)
    assert loaded.classes == names
    for lesson in lessons:
        assert loaded.recognised(lesson.pictures, [names[label] for label in lesson.labels]) > 0.9
        assert loaded.recognised(lesson.pictures, [names[0]] * len(lesson.pictures)) < 0.6


def test_features_are_scaled_to_one_variance_in_each_group() -> None:
    torch.manual_seed(0)
    network = Classifier(2, WIDTHS).eval()
    pictures = [lesson.pictures for lesson in two_sets()]
    judge_training.scale(network, pictures)
    described = [Judge(network, "").features(some) for some in pictures]
    for columns in (slice(0, WIDTHS[3]), slice(WIDTHS[3], None)):
        variances = [float(features[:, columns].var(0, ddof=1).sum()) for features in described]
        assert np.mean(variances) == pytest.approx(judge.SPREAD, rel=0.01)


def test_a_set_is_seen_whole_before_any_picture_comes_again() -> None:
    stream = judge_training.Stream(10, np.random.default_rng(0))
    taken = np.concatenate([stream.take(4) for _ in range(5)])
    assert sorted(taken[:10]) == sorted(taken[10:]) == list(range(10))
    assert list(taken[:10]) != list(taken[10:])


def test_pictures_that_may_not_be_mirrored_are_not() -> None:
    x = torch.full((64, 3, 64, 64), -1.0)
    x[:, :, :, :16] = 1  # bright on the left
    varied = judge_training.vary(x.clone(), np.arange(64) % 2 == 0, np.random.default_rng(0))
    left, right = varied[:, :, :, :10].mean((1, 2, 3)), varied[:, :, :, -10:].mean((1, 2, 3))
    assert bool((left > right)[1::2].all())
    assert bool((left < right)[::2].any())


def test_a_missing_judge_says_how_to_train_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="benchmarks.judge_training --data"):
        judge.load_judge(tmp_path)


def test_some_pictures_are_drawn_over_and_only_these_are_changed() -> None:
    before = torch.zeros(400, 3, 64, 64)
    drawn = before.clone()
    chosen = judge_training.draw_over(drawn, np.random.default_rng(0))
    changed = (drawn != before).flatten(1).any(1)
    assert torch.equal(chosen, changed)
    assert 0.1 < changed.float().mean() < 0.2
    low, high = judge_training.TEXTURE_STRENGTHS
    strongest = drawn[changed].flatten(1).abs().amax(1)
    assert strongest.max() <= high
    assert strongest.min() > 0.3 * low
    assert torch.equal(drawn[:, 0], drawn[:, 2]), "a texture has no colour"
