"""Schedules: pure functions of a config and of the pictures seen."""

import pytest

from gan.training import schedules
from gan.training.schedules import cosine, ema_decay, learning_rate_factor, log_linear, penalty_weight, side_at
from tests.test_training_game import TOTAL, plan


def test_a_training_that_is_extended_does_not_shrink_again() -> None:
    config = plan(resolution=32, growth=((8, 0.25), (16, 0.5)))
    assert [side_at(config, seen, 1000) for seen in (0, 249, 250, 500, 999)] == [8, 8, 16, 32, 32]
    extended = config.model_copy(update={"growth_images": 1000})
    assert side_at(extended, 600, 4000) == 32


def test_rates_stay_up_until_they_fall() -> None:
    config = plan(lr_falls_from=0.5, lr_end=0.0, batch=4)
    rates = [learning_rate_factor(config, int(progress * TOTAL), TOTAL) for progress in (0.0, 0.5, 0.75, 1.0)]
    assert rates == pytest.approx([1, 1, 0.5, 0])


def test_rates_fall_along_a_cosine_and_never_below_its_end() -> None:
    assert [cosine(1.0, 0.1, progress) for progress in (0.0, 0.5, 1.0, 2.0)] == pytest.approx([1.0, 0.55, 0.1, 0.1])


def test_schedules_that_are_over_stay_at_their_ends_however_long_the_training_goes_on() -> None:
    config = plan(
        schedule_images=TOTAL, lr_end=0.1, lr_falls_from=0.5, augment_strength=0.0, augment_strength_end=0.4,
        penalty_weight=4.0, penalty_weight_end=1.0, penalty_every=1,
    )  # fmt: skip
    for seen in (TOTAL, 2 * TOTAL, 3 * TOTAL):
        assert learning_rate_factor(config, seen, 4 * TOTAL) == pytest.approx(0.1)
        assert schedules.augmentation_strength(config, seen, 4 * TOTAL) == pytest.approx(0.4)
        assert penalty_weight(config, seen, 4 * TOTAL, config.resolution) == pytest.approx(1.0)
    rewarmed = config.model_copy(update={"schedule_images": None})
    assert learning_rate_factor(rewarmed, TOTAL, 4 * TOTAL) == 1.0


def test_a_weight_falls_on_a_logarithmic_scale_and_to_zero_along_a_line() -> None:
    assert [log_linear(4.0, 1.0, progress) for progress in (0.0, 0.5, 1.0, 2.0)] == pytest.approx([4, 2, 1, 1])
    assert [log_linear(4.0, 0.0, progress) for progress in (0.0, 0.5, 1.0, 2.0)] == pytest.approx([4, 2, 0, 0])
    assert [log_linear(0.0, 4.0, progress) for progress in (0.0, 0.5, 1.0)] == pytest.approx([0, 2, 4])


def test_a_small_picture_has_a_penalty_that_weighs_as_much_as_that_of_the_full_one() -> None:
    """The gradient is taken with respect to each pixel: at half the side it has a quarter of the pixels, each with four times the
    effect.
    """
    config = plan(resolution=32, penalty="r1", penalty_every=4, penalty_weight=2.0, penalty_weight_end=2.0)
    assert [penalty_weight(config, 0, TOTAL, side) for side in (32, 16, 8)] == pytest.approx([8.0, 2.0, 0.5])
    assert penalty_weight(config, config.batch, TOTAL, 32) == 0.0, "not in this step"
    assert penalty_weight(plan(penalty="none"), 0, TOTAL, 16) == 0.0


def test_the_averages_half_life_grows_with_what_was_seen() -> None:
    config = plan(ema_half_life_images=100, ema_ramp=0.5)
    decays = [ema_decay(config, seen, TOTAL) for seen in (0, 80, 800)]
    assert decays == pytest.approx([0.0, 0.5 ** (8 / 40), 0.5 ** (8 / 100)])
    assert ema_decay(plan(ema_half_life_images=0), 800, TOTAL) == 0.0


def test_a_fine_tuned_model_does_not_throw_away_the_average_it_begins_with() -> None:
    tuned = plan(ema_half_life_images=100, ema_ramp=0.05, parent="mother")
    assert [ema_decay(tuned, seen, 1000) for seen in (0, 500)] == pytest.approx([0.5 ** (8 / 50)] * 2), "as the ramp ends"
    assert ema_decay(tuned, 0, 10_000) == pytest.approx(0.5 ** (8 / 100)), "but no longer than the half-life"
