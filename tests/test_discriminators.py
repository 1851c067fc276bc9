"""Heads on pretrained features: their inputs, their learning, and a snapshot that holds their whole state."""

import copy
from itertools import pairwise

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor

from gan.discriminators import DISCRIMINATORS, FeatureDiscriminator, FeatureSettings, weight_at
from gan.discriminators.features import Head, moved
from gan.families.layers import leak
from gan.losses.objectives import OBJECTIVES
from gan.tensors import storable

CLASSES = 3
SMALL = {"width": 8, "side": 32}


def heads(num_classes: int = CLASSES, **settings: object) -> FeatureDiscriminator:
    torch.manual_seed(0)
    return FeatureDiscriminator(
        resolution=32, num_classes=num_classes, settings=FeatureSettings.model_validate({**SMALL, **settings})
    )


def pictures(count: int = 4, side: int = 32, channels: int = 3) -> Tensor:
    return torch.rand(count, channels, side, side, generator=torch.Generator().manual_seed(1)) * 2 - 1


def learn(network: FeatureDiscriminator, adam: torch.optim.Adam, steps: int, objective: str = "relativistic") -> float:
    """Train some steps against inverted pictures, and return the last loss."""
    real, classes = pictures(), torch.tensor([0, 1, 2, 0])
    loss = torch.zeros(())
    network.train()
    with torch.no_grad():
        mixed = network.describe(torch.cat([real, -real]))
    for _ in range(steps):
        network.renew_norms()
        scores = network(mixed, torch.cat([classes, classes]))
        loss = OBJECTIVES[objective].discriminator(*scores.chunk(2))
        adam.zero_grad()
        loss.backward()
        adam.step()
    return loss.item()


def adam_of(network: FeatureDiscriminator) -> torch.optim.Adam:
    return torch.optim.Adam(network.parameters(), lr=0.01, betas=(0.0, 0.99))


def test_each_kind_says_what_plays() -> None:
    assert {name: (kind.own, kind.features) for name, kind in DISCRIMINATORS.items()} == {
        "own": (True, False),
        "features": (False, True),
        "both": (True, True),
    }


@pytest.mark.parametrize(("side", "channels"), [(16, 3), (32, 1), (64, 3)])
def test_pictures_of_any_side_get_a_logit_from_each_head(side: int, channels: int) -> None:
    network = heads()
    mixed = network.describe(pictures(side=side, channels=channels))
    assert network(mixed, torch.tensor([0, 1, 2, 0])).shape == (4, 4)


def test_only_the_scales_that_are_wanted_have_heads() -> None:
    network = heads(scales=(8, 32))
    assert network(network.describe(pictures()), None).shape == (4, 2)


@pytest.mark.parametrize("objective", ["hinge", "relativistic"])
def test_heads_learn_to_tell_pictures_apart(objective: str) -> None:
    network = heads()
    adam = adam_of(network)
    assert learn(network, adam, 25, objective) < 0.8 * learn(heads(), adam_of(heads()), 1, objective)


def test_the_mixing_is_the_same_everywhere_and_learns_nothing() -> None:
    first, second = heads(), FeatureDiscriminator(resolution=32, num_classes=0, settings=FeatureSettings.model_validate(SMALL))
    before = copy.deepcopy(first.mixing.state_dict())
    learn(first, adam_of(first), 2)
    for name, buffer in first.mixing.state_dict().items():
        assert torch.equal(buffer, before[name])
        assert torch.equal(buffer, second.mixing.state_dict()[name])


def test_all_that_is_learned_gets_a_gradient() -> None:
    """With several processes, training requires a gradient for every parameter."""
    network = heads()
    learn(network, adam_of(network), 1)
    missing = [name for name, parameter in network.named_parameters() if parameter.grad is None]
    assert missing == []


def test_a_snapshot_holds_all_so_that_a_resumed_training_is_the_same() -> None:
    straight = heads()
    adam = adam_of(straight)
    learn(straight, adam, 2)
    stored = load(save(storable(straight.state_dict())))
    kept = copy.deepcopy(adam.state_dict())
    learn(straight, adam, 2)
    resumed = heads()
    resumed.load_state_dict(stored)
    adam = adam_of(resumed)
    adam.load_state_dict(kept)
    learn(resumed, adam, 2)
    for name, tensor in straight.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name


def test_the_pretrained_network_is_no_part_of_the_state() -> None:
    assert not any("stages" in name or "stem" in name for name in heads().state_dict())


def test_looking_without_training_changes_nothing() -> None:
    network = heads()
    learn(network, adam_of(network), 1)
    before = copy.deepcopy(network.state_dict())
    network.eval()
    with torch.no_grad():
        network(network.describe(pictures()), torch.tensor([0, 1, 2, 0]))
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_a_lack_of_variety_is_seen_only_with_the_deviation() -> None:
    same = pictures(1).expand(4, -1, -1, -1)
    neighbours = torch.cat([same[:1], pictures(8)[1:4]])
    for deviation in (True, False):
        network = heads(deviation=deviation).eval()
        with torch.no_grad():
            alone, among = (network(network.describe(batch), torch.zeros(4, dtype=torch.long))[0] for batch in (same, neighbours))
        assert bool((alone - among).abs().max() > 1e-4) == deviation


def test_a_class_moves_the_logits_once_it_is_learned_and_only_with_the_projection() -> None:
    for projection in (True, False):
        network = heads(class_projection=projection)
        learn(network, adam_of(network), 3)
        network.eval()
        with torch.no_grad():
            mixed = network.describe(pictures())
            first, second = (network(mixed, torch.full((4,), label)) for label in (0, 1))
        assert torch.equal(first, second) != projection


@pytest.mark.parametrize("width", [16, 64])
def test_a_class_weighs_as_much_in_a_wide_head_as_in_a_narrow_one(width: int) -> None:
    """As for the own discriminator (tests/test_families_projection.py): d products of unit size, divided by √d."""
    head = Head(4, FeatureSettings(width=width, deviation=False), num_classes=2).eval()
    with torch.no_grad():
        for name, parameter in head.named_parameters():
            parameter.fill_(1.0 if name == "conv.bias" else 0.0 if name == "logit.bias" else 1e-30)
        assert head.class_embedding is not None
        head.class_embedding.copy_(torch.tensor([[1.0], [-1.0]]).expand(2, width))
        logits = [head(torch.zeros(1, width, 4, 4), torch.tensor([index])) for index in (0, 1)]
    feature = float(leak(torch.tensor(1.0)))
    assert float(logits[0] - logits[1]) == pytest.approx(2 * feature * width**0.5, rel=1e-3)


def test_the_gradient_reaches_the_picture() -> None:
    shown = pictures().requires_grad_(True)
    network = heads()
    network(network.describe(shown), torch.tensor([0, 1, 2, 0])).sum().backward()
    assert shown.grad is not None
    assert bool((shown.grad.flatten(1).abs().amax(1) > 0).all())


def test_the_weight_is_a_function_of_the_progress_alone() -> None:
    settings = FeatureSettings(weight=0.4, weight_end=0.1, changes_from=0.5, begins_at=0.2)
    assert [weight_at(settings, progress) for progress in (0, 0.19)] == [0, 0]
    assert [weight_at(settings, progress) for progress in (0.2, 0.5)] == [0.4, 0.4]
    assert weight_at(settings, 0.75) == pytest.approx(0.25)
    assert weight_at(settings, 1) == weight_at(settings, 2) == pytest.approx(0.1)
    falling = [weight_at(settings, 0.5 + step / 10) for step in range(6)]
    assert all(later < earlier for earlier, later in pairwise(falling))
    assert weight_at(FeatureSettings(weight=0.4), 0.99) == 0.4


def test_pictures_are_moved_by_whole_pixels_and_mirrored_in_at_the_borders() -> None:
    rows = torch.arange(32.0)[None, None, :, None].expand(1, 1, 32, 32)
    assert moved(rows, 2, 0)[0, 0, :5, 7].tolist() == [2, 1, 0, 1, 2]
    assert moved(rows, -2, 3)[0, 0, -4:, 7].tolist() == [30, 31, 30, 29]
    assert torch.equal(moved(rows.transpose(2, 3), 0, -1), moved(rows, -1, 0).transpose(2, 3))
    assert torch.equal(moved(rows, 0, 0), rows)


def test_each_seed_moves_pictures_its_own_way_and_one_pixel_of_room_leaves_them_in_place() -> None:
    network = heads(shift=8)
    seen = set()
    for seed in range(64):
        network.move(seed)
        seen.add(network.offset)
    assert seen == {(down, right) for down in range(-4, 4) for right in range(-4, 4)}
    still = heads(shift=1)
    still.move(12345)
    assert still.offset == (0, 0)


def test_softened_heads_hardly_see_lines_of_one_pixel_but_see_larger_shapes() -> None:
    lines = torch.ones(1, 3, 64, 64)
    lines[..., ::2] = -1
    halves = torch.ones(1, 3, 64, 64)
    halves[..., :32] = -1
    plain = torch.zeros(1, 3, 64, 64)

    def seen(network: FeatureDiscriminator, one: Tensor) -> float:
        """Return how far the finest features of a picture are from those of plain grey, without the border."""
        finest, grey = (network.describe(each)[0] for each in (one, plain))
        return float((finest - grey)[..., 2:-2, 2:-2].abs().mean())

    sharp, soft = heads(side=64), heads(side=64, softened=2)
    assert seen(soft, lines) < 0.25 * seen(sharp, lines)
    assert seen(soft, halves) > 0.8 * seen(sharp, halves)
