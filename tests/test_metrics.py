"""Metrics on pictures with known answers: equal, noisy, uniform, copied, blurred."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gan import metrics
from gan.metrics import measures

Array = npt.NDArray[Any]


def blobs(count: int, seed: int, side: int = 16, channels: int = 3) -> Array:
    """Return pictures of one soft spot each, of random position, size and colour: uint8 (count, side, side, channels)."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:side, :side]
    centres = rng.uniform(side / 4, 3 * side / 4, (count, 2, 1, 1))
    widths = rng.uniform(side / 10, side / 4, (count, 1, 1))
    spot = np.exp(-((rows - centres[:, 0]) ** 2 + (columns - centres[:, 1]) ** 2) / (2 * widths**2))
    pictures = 255 * spot[..., None] * rng.uniform(0.3, 1, (count, 1, 1, channels))
    return pictures.round().astype(np.uint8)


def blurred(pictures: Array) -> Array:
    parts = [np.roll(pictures.astype(np.float32), shift, (1, 2)) for shift in ((-1, 0), (0, -1), (0, 0), (0, 1), (1, 0))]
    return np.mean(parts, axis=0).astype(np.uint8)


@dataclass
class Real:
    """A dataset in memory; one picture in ten is held out."""

    pictures: Array
    labels: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    classes: list[str] = field(default_factory=list)
    held_out: bool = True

    def __post_init__(self) -> None:
        chosen = np.arange(len(self.pictures)) % 10 == 0 if self.held_out else np.zeros(len(self.pictures), bool)
        self.train_indices, self.held_out_indices = np.flatnonzero(~chosen), np.flatnonzero(chosen)


class Painter:
    """A model that answers each seed with a picture of an array, and records its calls."""

    def __init__(self, pictures: Array, classes: tuple[str, ...] = ()) -> None:
        self.pictures = pictures
        self.config = SimpleNamespace(classes=classes)
        self.asked: list[tuple[int, str | None]] = []
        self.psis: set[float] = set()

    def generate(self, seeds: Sequence[int], psi: float, class_name: str | None) -> Array:
        self.asked += [(seed, class_name) for seed in seeds]
        self.psis.add(psi)
        return self.pictures[np.asarray(seeds) % len(self.pictures)]


@pytest.fixture(scope="module")
def real() -> Real:
    return Real(blobs(600, seed=0))


# Sliced Wasserstein distance


@pytest.mark.parametrize(("side", "levels"), [(16, [16]), (28, [14, 28]), (32, [16, 32]), (64, [16, 32, 64])])
@pytest.mark.parametrize("channels", [1, 3])
def test_equal_sets_are_at_distance_zero_on_every_level(side: int, levels: list[int], channels: int) -> None:
    pictures = blobs(20, 0, side, channels)
    distances = metrics.sliced_wasserstein_levels(pictures, pictures)
    assert sorted(distances) == levels
    assert set(distances.values()) == {0.0}


def test_the_distance_grows_with_the_noise() -> None:
    pictures, others = blobs(200, 0), blobs(200, 1)
    rng = np.random.default_rng(0)
    distances = []
    for amount in (0, 20, 60):
        noise = rng.integers(-amount, amount + 1, others.shape)
        distances.append(metrics.sliced_wasserstein(np.clip(others + noise, 0, 255).astype(np.uint8), pictures))
    assert distances == sorted(distances)
    assert distances[2] > 3 * distances[0] > 0


def test_noise_shows_on_the_fine_level_and_a_wrong_brightness_on_the_coarse_one() -> None:
    pictures = blobs(100, 0, side=32)
    checks = np.where(np.indices((32, 32)).sum(0) % 2, 10, -10)[None, :, :, None]
    textured = metrics.sliced_wasserstein_levels(np.clip(pictures + checks, 0, 255).astype(np.uint8), pictures)
    assert textured[32] > 3 * textured[16]
    brighter = metrics.sliced_wasserstein_levels(np.clip(pictures.astype(np.int64) + 50, 0, 255).astype(np.uint8), pictures)
    assert brighter[16] > 3 * brighter[32]


def test_the_distance_is_a_function_of_pictures_and_seed() -> None:
    first, second = blobs(50, 0), blobs(50, 1)
    assert metrics.sliced_wasserstein(first, second, seed=1) == metrics.sliced_wasserstein(first, second, seed=1)
    assert metrics.sliced_wasserstein(first, second, seed=1) == pytest.approx(
        metrics.sliced_wasserstein(first, second, 2), rel=0.3
    )


def test_sets_of_unequal_number_are_compared_by_as_many_of_each() -> None:
    pictures = blobs(100, 0)
    twice = np.repeat(pictures, 2, axis=0)
    assert metrics.sliced_wasserstein(twice, pictures) < metrics.sliced_wasserstein(blobs(100, 1), pictures)


def test_pictures_of_unequal_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        metrics.sliced_wasserstein(blobs(4, 0, 16), blobs(4, 0, 32))


# Diversity


def test_diversity_is_one_for_the_same_variety_and_zero_for_one_picture() -> None:
    pictures = blobs(200, 0)
    assert metrics.diversity(blobs(200, 1), pictures) == pytest.approx(1, abs=0.1)
    assert metrics.diversity(np.repeat(pictures[:1], 50, axis=0), pictures) == pytest.approx(0, abs=1e-3)
    assert metrics.diversity(pictures[:1], pictures) == 0
    assert 0.2 < metrics.diversity(np.concatenate([pictures[:2]] * 20), pictures) < 0.9


def test_spread_is_the_root_mean_square_between_two_pictures() -> None:
    black, grey = np.zeros((1, 16, 16, 3), np.uint8), np.full((1, 16, 16, 3), 51, np.uint8)
    assert metrics.spread(np.concatenate([black, grey])) == pytest.approx(0.2, abs=1e-5)


# Nearest pictures


def test_the_nearest_picture_is_found_with_its_distance() -> None:
    references = blobs(100, 0)
    index, distance = metrics.nearest(references[[7, 3]], references)
    assert index.tolist() == [7, 3]
    assert distance.tolist() == pytest.approx([0, 0], abs=1e-6)
    darker = (references[[7]] * 0.98).astype(np.uint8)
    index, distance = metrics.nearest(darker, references)
    expected = np.sqrt(np.mean(((darker[0] / 255.0) - references[7] / 255.0) ** 2))
    assert index.tolist() == [7]
    assert distance[0] == pytest.approx(expected, abs=1e-5)


def test_a_mirrored_copy_is_found() -> None:
    references = blobs(50, 0)
    index, distance = metrics.nearest(references[[9], :, ::-1], references)
    assert index.tolist() == [9]
    assert distance[0] < 1e-6


def test_only_the_given_rows_are_searched_and_their_indices_are_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "REFERENCE_CHUNK", 7)
    references = blobs(60, 0)
    rows = np.arange(20, 60)
    index, distance = metrics.nearest(references[:30], references, rows)
    assert index[20:].tolist() == list(range(20, 30))
    assert set(index) <= set(rows.tolist())
    assert (distance[:20] > 0).all()


def test_no_references_are_refused() -> None:
    with pytest.raises(ValueError, match="no pictures"):
        metrics.nearest(blobs(1, 0), blobs(4, 0), np.zeros(0, np.int64))


# Memorisation


@pytest.mark.parametrize(
    ("samples", "held_out", "expected"),
    [([1, 2], [3, 4], 1.0), ([3, 4], [1, 2], 0.0), ([1, 4], [2, 3], 0.5), ([2, 2], [2, 2], 0.5)],
)
def test_memorisation_is_the_share_of_pairs_in_which_the_sample_is_closer(
    samples: list[float], held_out: list[float], expected: float
) -> None:
    assert metrics.memorisation(np.array(samples), np.array(held_out)) == expected


def test_copies_are_counted_by_how_seldom_a_held_out_picture_is_nearest() -> None:
    to_training = np.ones(100)
    to_held_out = np.full(100, 2.0)
    assert metrics.copied_share(to_training, to_held_out, 0.1) == 1
    to_held_out[:10] = 0.5  # as often as expected by chance
    assert metrics.copied_share(to_training, to_held_out, 0.1) == pytest.approx(0)
    to_held_out[5:10] = 2.0
    assert metrics.copied_share(to_training, to_held_out, 0.1) == pytest.approx(0.5)


def test_the_interval_of_the_copied_share_shrinks_with_the_number_of_samples() -> None:
    """Of 4,000 pictures 200 are held out: about 50 of 1,000 samples are nearest to one of these, and about 500 of 10,000."""
    rng = np.random.default_rng(0)
    widths = []
    for samples in (1000, 10_000):
        attracted = rng.multinomial(samples, np.full(4000, 1 / 4000))
        low, high = metrics.copied_interval(attracted[200:], attracted[:200])
        widths.append(high - low)
    assert 0 < widths[1] < widths[0] / 2


def test_no_copied_share_is_published_where_one_picture_is_nearest_to_all_samples() -> None:
    """If this picture is held out, the share is far below 0; if it was trained on, the share would be 1."""
    real = Real(blobs(200, 0))
    result = metrics.evaluate(Painter(np.repeat(real.pictures[:1], 40, axis=0)), real, count=200)
    assert not {"copied_share", "copied_share_low", "copied_share_high"} & set(result)


def test_the_copied_share_lies_within_its_interval() -> None:
    result = metrics.evaluate(Painter(blobs(600, seed=9)), Real(blobs(600, seed=0)), count=600)
    assert result["copied_share_low"] <= result["copied_share"] <= result["copied_share_high"]


def test_the_closest_samples_stand_left_of_their_originals_and_one_copy_does_not_fill_all() -> None:
    real = Real(blobs(60, 0))
    copies = real.pictures[real.train_indices[[4, 4, 4, 9]]]
    samples = np.concatenate([blobs(20, 5), copies])
    originals, distances = metrics.nearest(samples, real.pictures, real.train_indices)
    pairs = metrics.closest_pairs(samples, real, originals, distances, most=5)
    assert pairs.shape == (5, 16, 32, 3)
    left, right = pairs[:, :, :16], pairs[:, :, 16:]
    np.testing.assert_array_equal(left[:2], right[:2])
    assert not np.array_equal(right[0], right[1])
    far = np.square(left.astype(float) - right).mean((1, 2, 3))
    assert (far[2:] > 0).all()


def test_a_training_is_observed_by_quality_and_variety() -> None:
    good, flat = (metrics.observe(pictures, blobs(100, 0)) for pictures in (blobs(100, 1), np.repeat(blobs(1, 1), 100, axis=0)))
    assert good.keys() == {"sliced_wasserstein", "diversity"}
    assert good["sliced_wasserstein"] < flat["sliced_wasserstein"]
    assert flat["diversity"] < 0.01 < good["diversity"]


def test_the_mean_picture_is_farther_from_real_ones_than_other_real_ones_and_nearer_than_noise() -> None:
    real = blobs(100, 0)
    noise = np.random.default_rng(0).integers(0, 256, real.shape).astype(np.uint8)
    distances = [metrics.sliced_wasserstein(pictures, real) for pictures in (blobs(100, 1), noise)]
    assert 2 * distances[0] < metrics.mean_picture_distance(real) < distances[1] / 2


# All together


def test_a_model_that_draws_new_pictures_is_as_good_as_real_ones(real: Real) -> None:
    result = metrics.evaluate(Painter(blobs(600, seed=9)), real, count=300)
    assert result["sliced_wasserstein"] < 1.5 * result["sliced_wasserstein_real"]
    assert result["diversity"] == pytest.approx(1, abs=0.1)
    assert result["memorisation"] == pytest.approx(0.5, abs=0.15)
    assert abs(result["copied_share"]) < 0.5
    assert result["nearest_training"] > 0.01


def test_a_model_that_copies_is_found_out(real: Real) -> None:
    result = metrics.evaluate(Painter(real.pictures[real.train_indices]), real, count=300)
    assert result["sliced_wasserstein"] < 1.5 * result["sliced_wasserstein_real"]
    assert result["memorisation"] == 1
    assert result["copied_share"] == 1
    assert result["nearest_training"] == 0


def test_blur_is_not_taken_for_copying(real: Real) -> None:
    """Blurred pictures are close to all pictures, so they must be as close to held-out pictures as to training pictures."""
    result = metrics.evaluate(Painter(blurred(blobs(600, seed=9))), real, count=300)
    assert abs(result["copied_share"]) < 0.5


def test_a_collapsed_model_is_found_out(real: Real) -> None:
    result = metrics.evaluate(Painter(real.pictures[:1]), real, count=100)
    assert result["diversity"] < 0.01
    assert result["sliced_wasserstein"] > 3 * result["sliced_wasserstein_real"]


def test_samples_have_full_variety_and_the_seeds_from_zero(real: Real) -> None:
    painter = Painter(blobs(50, 1))
    done: list[tuple[int, int]] = []
    result = metrics.evaluate(painter, real, count=100, progress=lambda *place: done.append(place))
    assert painter.psis == {1.0}
    assert sorted(painter.asked) == [(seed, None) for seed in range(100)]
    assert result["samples"] == 100
    assert done[-1] == (100, 100)
    assert [place for place, _ in done] == sorted({place for place, _ in done})


def test_samples_have_the_classes_proportions() -> None:
    labels = (np.arange(200) % 4 == 0).astype(np.int64)
    painter = Painter(blobs(50, 1), classes=("cat", "dog"))
    metrics.evaluate(painter, Real(blobs(200, 0), labels, ["cat", "dog"]), count=200)
    named = [name for _, name in painter.asked]
    assert (named.count("cat"), named.count("dog")) == (150, 50)


def test_a_model_of_other_classes_chooses_by_seed() -> None:
    painter = Painter(blobs(50, 1), classes=("sun", "moon"))
    metrics.evaluate(painter, Real(blobs(60, 0), np.arange(60) % 2, ["cat", "dog"]), count=30)
    assert {name for _, name in painter.asked} == {None}


def test_nothing_is_said_of_memorisation_where_nothing_is_held_out() -> None:
    result = metrics.evaluate(Painter(blobs(50, 1)), Real(blobs(40, 0), held_out=False), count=20)
    assert "memorisation" not in result
    assert "copied_share" not in result
    assert all(isinstance(value, float) for value in result.values())
