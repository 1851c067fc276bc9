"""The random numbers of a step: equal at the same point of a training, on any device."""

import torch

from gan.training.draws import draw_step
from tests.test_training_game import plan


def test_chance_depends_on_seed_and_images_seen_alone() -> None:
    first, again = draw_step(plan(), 64), draw_step(plan(), 64)
    assert torch.equal(first.z, again.z)
    assert first.seed == again.seed
    assert not torch.equal(first.z, draw_step(plan(), 72).z)
    assert not torch.equal(first.z, draw_step(plan(seed=1), 64).z)


def test_draws_go_to_a_device_each_in_its_own_shape() -> None:
    drawn = draw_step(plan(), 0)
    moved = drawn.to(torch.device("meta"))
    assert moved.seed == drawn.seed
    for name in ("z", "real_augment", "held_out_augment", "fake_augment", "mix"):
        assert getattr(moved, name).is_meta
        assert getattr(moved, name).shape == getattr(drawn, name).shape
