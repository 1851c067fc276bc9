"""Mixtures of a few training pictures are distinguished from new, blurred and repeated pictures."""

import numpy as np
import pytest
import torch
from torchvision.transforms.functional import gaussian_blur

from gan.metrics import Mixtures, nearest

Pictures = np.ndarray


def drawn(count: int, seed: int, *, side: int = 32) -> Pictures:
    """Return pictures of coloured blobs on a plain ground, uint8 (N, H, W, 3), all different."""
    random = np.random.RandomState(seed)
    rows, columns = np.mgrid[:side, :side] / side
    made = np.full((count, side, side, 3), 0.8)
    for picture in made:
        for _ in range(5):
            y, x, size = *random.rand(2), 0.05 + 0.2 * random.rand()
            picture[np.hypot(rows - y, columns - x) < size] = random.rand(3)
    return (255 * made).astype(np.uint8)


def mixed(pictures: Pictures, count: int, noise: float = 0.0) -> Pictures:
    """Return random mixtures of four pictures each, under noise."""
    random = np.random.RandomState(9)
    made = []
    for _ in range(count):
        weights = random.dirichlet(np.full(4, 0.7))
        chosen = pictures[random.choice(len(pictures), 4, replace=False)].astype(float)
        made.append(np.tensordot(weights, chosen, 1) + 255 * noise * random.randn(*pictures.shape[1:]))
    return np.clip(made, 0, 255).astype(np.uint8)


def ratio(training: Pictures, samples: Pictures) -> float:
    found = Mixtures(training).ratio(samples)
    assert found is not None
    return found


@pytest.mark.parametrize("count", [16, 64])
def test_new_pictures_are_as_far_as_usual_and_mixtures_are_near(count: int) -> None:
    training = drawn(count, 0)
    assert 0.8 < ratio(training, drawn(64, 1)) < 1.3
    assert ratio(training, mixed(training, 64, noise=0.05)) < 0.5
    assert ratio(training, training) == pytest.approx(0, abs=1e-6)
    assert ratio(training, training[:, :, ::-1]) == pytest.approx(0, abs=1e-6)


def test_mixtures_are_near_to_no_single_picture() -> None:
    training = drawn(16, 0)
    _, of_mixtures = nearest(mixed(training, 64, noise=0.05), training)
    _, of_new = nearest(drawn(64, 1), training)
    assert np.median(of_mixtures) > 0.4 * np.median(of_new)  # so distances to single pictures do not show them


def test_blurred_and_repeated_pictures_are_not_judged() -> None:
    training = drawn(16, 0)
    blurred = gaussian_blur(torch.from_numpy(drawn(64, 1)).movedim(3, 1), [11, 11], [2.0, 2.0]).movedim(1, 3).numpy()
    assert Mixtures(training).ratio(blurred) is None
    assert Mixtures(training).ratio(np.repeat(drawn(1, 1), 64, axis=0)) is None


def test_training_pictures_that_are_all_alike_are_not_judged() -> None:
    alike = np.repeat(drawn(1, 0), 16, axis=0)
    assert Mixtures(alike).ratio(drawn(16, 1)) is None


@pytest.mark.parametrize("count", [3, 65])
def test_too_few_and_too_many_training_pictures_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"mixtures of {count} pictures are not measured; it must be 4 … 64"):
        Mixtures(drawn(count, 0))


def test_larger_and_grey_pictures_are_measured() -> None:
    assert ratio(drawn(16, 0, side=64), mixed(drawn(16, 0, side=64), 64, noise=0.1)) < 0.5
    assert ratio(drawn(16, 0)[..., :1], drawn(64, 1)[..., :1]) > 0.8
