"""Augmentation as a pure function of pictures and draws."""

import pytest
import torch
from torch import Tensor

from gan.losses import augmentation as augment
from gan.losses.augmentation import OPERATIONS

EVERY = pytest.mark.parametrize("operation", OPERATIONS)


def pictures(count: int = 8, channels: int = 3, side: int = 16) -> Tensor:
    return torch.rand(count, channels, side, side, generator=torch.Generator().manual_seed(1)) * 2 - 1


def draws(samples: int = 8, /, **columns: float) -> Tensor:
    """Return random draws, with the named columns set for every sample."""
    drawn = augment.draw(samples, torch.Generator().manual_seed(2))
    for name, value in columns.items():
        drawn[:, getattr(augment, name)] = value
    return drawn


def test_draws_come_from_the_generator_alone() -> None:
    first, second = (augment.draw(5, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)
    assert first.shape == (5, augment.DRAWS)
    assert first.device.type == "cpu"
    assert first.min() >= 0
    assert first.max() < 1


@EVERY
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [16, 28])
def test_every_operation_keeps_shape_and_type_and_changes_something(operation: str, channels: int, side: int) -> None:
    x = pictures(channels=channels, side=side)
    y = augment.apply(x, draws(), 1.0, [operation])
    assert y.shape == x.shape
    assert y.dtype == x.dtype
    assert not torch.equal(y, x)


def test_strength_zero_is_the_identity_and_leaves_flips_alone() -> None:
    x = pictures()
    assert torch.equal(augment.apply(x, draws(), 0.0, [name for name in OPERATIONS if name != "flip"]), x)
    assert torch.equal(augment.apply(x, draws(FLIP=0.4), 0.0), x.flip(3))


@EVERY
def test_a_sample_that_is_not_chosen_comes_through_bit_by_bit(operation: str) -> None:
    x = pictures()
    gate = {"flip": 0.5, "colour": 0.3, "translation": 0.3, "cutout": 0.3}[operation]
    untouched = draws(**{operation.upper(): gate})
    assert torch.equal(augment.apply(x, untouched, 0.3, [operation]), x)


@EVERY
def test_strength_is_the_probability_of_an_operation(operation: str) -> None:
    x = pictures(count=4000, side=8)
    changed = (augment.apply(x, draws(4000), 0.3, [operation]) != x).flatten(1).any(1).float().mean()
    # A translation by (0, 0), one in nine at this size, changes nothing.
    expected = {"flip": 0.5, "translation": 0.3 * 8 / 9}.get(operation, 0.3)
    assert changed.item() == pytest.approx(expected, abs=0.03)


def test_a_batch_in_parts_is_the_batch() -> None:
    """Several processes divide the draws of one batch, so no sample may depend on another."""
    x, drawn = pictures(), draws()
    whole = augment.apply(x, drawn, 0.7)
    for part in (slice(0, 2), slice(2, 8)):
        assert torch.equal(augment.apply(x[part], drawn[part], 0.7), whole[part])


def test_applying_twice_gives_the_same_and_changes_no_argument() -> None:
    x, drawn = pictures(), draws()
    kept, kept_draws = x.clone(), drawn.clone()
    assert torch.equal(augment.apply(x, drawn, 1.0), augment.apply(x, drawn, 1.0))
    assert torch.equal(x, kept)
    assert torch.equal(drawn, kept_draws)


@EVERY
def test_gradients_agree_with_finite_differences(operation: str) -> None:
    x = pictures(count=2, side=6).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: augment.apply(x, draws(2), 1.0, [operation]), (x,))


def test_all_operations_together_let_gradients_through_to_every_sample() -> None:
    x = pictures().requires_grad_()
    augment.apply(x, draws(), 1.0).sum().backward()
    assert x.grad is not None
    assert torch.isfinite(x.grad).all()
    assert (x.grad.flatten(1).abs().sum(1) > 0).all()


def one_by_one(picture: Tensor, drawn: Tensor) -> Tensor:
    """Apply all operations to one picture (C, H, W), one after another, as they are documented."""
    number = drawn.tolist()
    height, width = picture.shape[1:]
    x = picture.flip(2) if number[augment.FLIP] < 0.5 else picture
    x = x + number[augment.BRIGHTNESS] - 0.5
    x = x.mean(0, keepdim=True) + (x - x.mean(0, keepdim=True)) * 2 * number[augment.SATURATION]
    x = x.mean() + (x - x.mean()) * (number[augment.CONTRAST] + 0.5)

    def shift(column: int, side: int) -> int:
        reach = (side + 4) // 8
        return int(number[column] * (2 * reach + 1)) - reach

    framed = torch.nn.functional.pad(x, (width, width, height, height))
    top, left = height - shift(augment.SHIFT_Y, height), width - shift(augment.SHIFT_X, width)
    x = framed[:, top : top + height, left : left + width]
    top, left = int(number[augment.CUT_Y] * height) - height // 4, int(number[augment.CUT_X] * width) - width // 4
    kept = torch.ones(height, width, dtype=torch.bool)
    kept[max(0, top) : max(0, top + height // 2), max(0, left) : max(0, left + width // 2)] = False
    return x * kept


@pytest.mark.parametrize("channels", [1, 3])
def test_all_operations_at_once_do_what_one_after_the_other_does(channels: int) -> None:
    x = torch.rand(32, channels, 12, 20, generator=torch.Generator().manual_seed(1)).double().requires_grad_()
    drawn = draws(32).double()
    expected = torch.stack([one_by_one(picture, row) for picture, row in zip(x, drawn, strict=True)])
    made = augment.apply(x, drawn, 1.0)
    torch.testing.assert_close(made, expected)
    weights = torch.randn(made.shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    gradients = [torch.autograd.grad((y * weights).sum(), x)[0] for y in (made, expected)]
    torch.testing.assert_close(*gradients)


def test_brightness_adds_and_contrast_keeps_the_mean() -> None:
    x = pictures()
    brighter = augment.apply(x, draws(COLOUR=0, BRIGHTNESS=0.75, SATURATION=0.5, CONTRAST=0.5), 1.0, ["colour"])
    torch.testing.assert_close(brighter, x + 0.25)
    flatter = augment.apply(x, draws(COLOUR=0, BRIGHTNESS=0.5, SATURATION=0.5, CONTRAST=0), 1.0, ["colour"])
    torch.testing.assert_close(flatter.mean((1, 2, 3)), x.mean((1, 2, 3)))
    torch.testing.assert_close(flatter.std((1, 2, 3)), x.std((1, 2, 3)) / 2)


def test_saturation_zero_is_grey_and_grey_pictures_have_none() -> None:
    values = {"COLOUR": 0.0, "BRIGHTNESS": 0.5, "CONTRAST": 0.5}
    grey = augment.apply(pictures(), draws(SATURATION=0, **values), 1.0, ["colour"])
    torch.testing.assert_close(grey, grey[:, :1].expand_as(grey))
    one_channel = pictures(channels=1)
    torch.testing.assert_close(augment.apply(one_channel, draws(SATURATION=0, **values), 1.0, ["colour"]), one_channel)


@pytest.mark.parametrize(("uniform", "shift"), [(0.0, -2), (0.5, 0), (1 - 2**-24, 2)])
def test_translation_moves_by_up_to_an_eighth_and_fills_with_the_middle(uniform: float, shift: int) -> None:
    x = pictures(side=16)
    y = augment.apply(x, draws(TRANSLATION=0, SHIFT_X=uniform, SHIFT_Y=0.5), 1.0, ["translation"])
    expected = torch.zeros_like(x)
    if shift < 0:
        expected[..., :shift] = x[..., -shift:]
    elif shift > 0:
        expected[..., shift:] = x[..., :-shift]
    else:
        expected = x
    assert torch.equal(y, expected)
    down = augment.apply(x.mT, draws(TRANSLATION=0, SHIFT_X=0.5, SHIFT_Y=uniform), 1.0, ["translation"])
    assert torch.equal(down, y.mT)


def test_all_translations_are_equally_frequent() -> None:
    x = torch.zeros(5000, 1, 16, 16)
    x[:, :, 8, 8] = 1
    y = augment.apply(x, draws(5000, TRANSLATION=0), 1.0, ["translation"])
    columns = y.amax((1, 2)).argmax(1).bincount(minlength=16)
    assert columns.nonzero().flatten().tolist() == [6, 7, 8, 9, 10]
    assert columns[6:11].min() > 900


def test_cutout_blanks_half_a_side_around_its_centre() -> None:
    x = torch.ones(2, 3, 16, 16)
    y = augment.apply(x, draws(2, CUTOUT=0, CUT_X=0.5, CUT_Y=0.5), 1.0, ["cutout"])
    expected = torch.ones(2, 3, 16, 16)
    expected[:, :, 4:12, 4:12] = 0
    assert torch.equal(y, expected)
    cut_by_the_border = augment.apply(x, draws(2, CUTOUT=0, CUT_X=0, CUT_Y=0), 1.0, ["cutout"])
    assert (cut_by_the_border == 0).sum(dim=(1, 2, 3)).tolist() == [3 * 16, 3 * 16]


def test_what_is_no_number_cannot_hide_behind_a_cut_or_beyond_the_border() -> None:
    x, drawn = torch.zeros(1, 3, 8, 8), torch.full((1, augment.DRAWS), 0.5)
    x[..., 4, 4] = torch.nan
    drawn[:, [augment.CUTOUT, augment.TRANSLATION]] = 0
    assert augment.apply(x, drawn, 1.0, ["cutout"]).isnan().any()
    assert augment.apply(x, drawn, 1.0, ["translation"]).isnan().any()


def test_an_operation_switched_off_changes_nothing_in_the_others() -> None:
    x, drawn = pictures(), draws()
    in_steps = augment.apply(augment.apply(x, drawn, 0.6, ["colour", "translation"]), drawn, 0.6, ["cutout"])
    assert torch.equal(in_steps, augment.apply(x, drawn, 0.6, ["colour", "translation", "cutout"]))


def test_unknown_operations_and_missing_draws_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown augmentation"):
        augment.apply(pictures(), draws(), 1.0, ["shear"])
    with pytest.raises(ValueError, match="need draws"):
        augment.apply(pictures(), draws(4), 1.0)


def seen(strength: augment.AdaptiveStrength, training: float, held_out: float, generated: float) -> float | None:
    strength.look(torch.tensor([training, held_out, generated]))
    return strength.adjust(1000)


def test_strength_rises_while_the_discriminator_overfits_and_falls_again_after() -> None:
    strength = augment.AdaptiveStrength(0.4, torch.device("cpu"))
    assert seen(strength, -10.0, -11.5, -12.0) == pytest.approx(0.75), "scores drift: only differences count"
    assert strength.value == pytest.approx(1000 / augment.IMAGES_TO_FULL_STRENGTH)
    assert seen(strength, 2.0, 1.8, 0.0) == pytest.approx(0.1), "what was seen before is forgotten"
    assert strength.value == 0


def test_strength_stays_where_the_generator_does_not_learn_it() -> None:
    strength = augment.AdaptiveStrength(0.4, torch.device("cpu"))
    for _ in range(2 * augment.IMAGES_TO_FULL_STRENGTH // 1000):
        seen(strength, 1.0, 0.0, 0.0)
    assert strength.value == augment.STRONGEST <= 0.8, "beyond, the augmentation leaks into the pictures (Karras et al. 2020)"


def test_a_discriminator_that_is_beaten_is_not_called_overfitted() -> None:
    strength = augment.AdaptiveStrength(0.4, torch.device("cpu"))
    assert seen(strength, 0.0, -1.0, 0.5) is None
    assert strength.value == 0
