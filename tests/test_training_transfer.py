"""Fine-tuning, tested on the pictures of networks: octaves, classes, widths."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from gan.families import Discriminator, Generator, build_discriminator, build_generator
from gan.families.style import StyleSettings
from gan.training.transfer import transfer
from tests.tiny_models import with_detail
from tests.tiny_runs import TINY

SMALL = StyleSettings(**TINY["style"])


def pair(resolution: int, classes: tuple[str, ...] = (), seed: int = 0, **sizes: Any) -> tuple[Generator, Discriminator]:
    network = SMALL.model_copy(update=sizes)
    shared: dict[str, Any] = {"resolution": resolution, "channels": 3, "num_classes": len(classes), "network": network}
    torch.manual_seed(seed)
    return with_detail(build_generator("style", z_dim=8, **shared)), build_discriminator("style", **shared)


def table(network: Generator | Discriminator) -> Tensor:
    return network.state_dict()["class_embedding"]


def draw(count: int = 4) -> Tensor:
    return torch.randn(count, 8, generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def test_an_added_octave_leaves_the_picture_as_it_was_but_larger() -> None:
    (old, old_judge), (new, new_judge) = pair(16), pair(32, seed=1)
    fresh = transfer(old, new, (), ()) + transfer(old_judge, new_judge, (), ())
    picture = old(draw(), None)
    torch.testing.assert_close(new(draw(), None), torch.nn.functional.interpolate(picture, scale_factor=2.0, mode="bilinear"))
    large = torch.nn.functional.interpolate(picture, scale_factor=2.0)
    torch.testing.assert_close(new_judge(large, None), old_judge(picture, None))
    assert fresh
    assert all("blocks." in name or "readers." in name for name in fresh)


@torch.no_grad()
def test_a_dropped_octave_leaves_the_coarse_picture() -> None:
    (old, _), (new, _) = pair(32), pair(16, seed=1)
    assert transfer(old, new, (), ()) == []
    coarse = torch.nn.functional.avg_pool2d(old(draw(), None), 2)
    assert (new(draw(), None) - coarse).square().mean() < 0.5 * coarse.var()


@torch.no_grad()
def test_classes_keep_their_pictures_by_name_whatever_their_order() -> None:
    (old, _), (new, _) = pair(16, ("cats", "dogs")), pair(16, ("birds", "dogs", "cats"), seed=1)
    assert transfer(old, new, ("cats", "dogs"), ("birds", "dogs", "cats")) == []
    dogs = torch.full((4,), 1)
    torch.testing.assert_close(new(draw(), dogs), old(draw(), dogs))
    torch.testing.assert_close(new(draw(), torch.full((4,), 2)), old(draw(), torch.full((4,), 0)))


@torch.no_grad()
def test_new_classes_begin_among_the_known_ones_but_apart_for_the_generator() -> None:
    (old, old_judge), (new, new_judge) = pair(16, ("cats", "dogs")), pair(16, ("birds", "cats", "fish"), seed=1)
    table(old).mul_(5).add_(7)
    for source, target in ((old, new), (old_judge, new_judge)):
        transfer(source, target, ("cats", "dogs"), ("birds", "cats", "fish"))
    birds, cats, fish = table(new)
    assert torch.equal(cats, table(old)[0])
    for row in (birds, fish):
        offset = row - table(old).mean(0)
        assert 0.5 < (offset.square().mean() / table(old).square().mean()).sqrt() < 1.5
    assert not torch.allclose(birds, fish, atol=1)
    mean = table(old_judge).mean(0)
    torch.testing.assert_close(table(new_judge)[[0, 2]], torch.stack([mean, mean]))


@torch.no_grad()
def test_a_model_without_classes_gives_each_new_class_its_pictures() -> None:
    (old, old_judge), (new, new_judge) = pair(16), pair(16, ("cats", "dogs"), seed=1)
    transfer(old, new, (), ("cats", "dogs"))
    transfer(old_judge, new_judge, (), ("cats", "dogs"))
    dogs = torch.full((4,), 1)
    picture = old(draw(), None)
    torch.testing.assert_close(new(draw(), dogs), picture)
    torch.testing.assert_close(new_judge(picture, dogs), old_judge(picture, None))


@torch.no_grad()
def test_giving_up_classes_leaves_a_mixture_of_them() -> None:
    (old, _), (new, _) = pair(16, ("cats", "dogs")), pair(16, seed=1)
    table(old)[1] = table(old)[0]
    transfer(old, new, ("cats", "dogs"), ())
    torch.testing.assert_close(new(draw(), None), old(draw(), torch.zeros(4, dtype=torch.long)))


@pytest.mark.parametrize("wanted", [("birds", "cats"), ()], ids=["other classes", "no classes"])
def test_a_parent_in_memory_is_handed_on_to_networks_on_a_gpu(wanted: tuple[str, ...]) -> None:
    with FakeTensorMode():  # tensors without numbers, which need no GPU and cannot be mixed with those of another device
        olds = pair(16, ("cats", "dogs"))
        with torch.device("cuda:0"):
            news = pair(16, wanted)
        for old, new in zip(olds, news, strict=True):
            assert transfer(old, new, ("cats", "dogs"), wanted) == []
            assert {parameter.device.type for parameter in old.parameters()} == {"cpu"}
            assert {parameter.device.type for parameter in new.parameters()} == {"cuda"}


def test_tensors_of_another_size_begin_afresh_and_are_named() -> None:
    (old, _), (new, _) = pair(16), pair(16, w_dim=32)
    fresh = transfer(old, new, (), ())
    assert "mapping_layers.0.weight" in fresh
    assert "constant" not in fresh
    assert torch.equal(new.state_dict()["constant"], old.state_dict()["constant"])
