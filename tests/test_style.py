"""The layers of which the style family's generator is made: what they compute, whatever way they take to it."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan.networks.layers import ModulatedConv2d, ModulatedPixels, Placement, map_pixels
from gan.networks.style import StyleBlock, StyleSettings

WIDTH, NEXT_WIDTH, SIDE, W_DIM = 6, 5, 8, 16
GAIN = 1.5


def modulated(weight: Tensor, style: Tensor) -> Tensor:
    """Weights (N, O, I, K, K) of each picture's own (Karras et al. 2020, eq. 1 and 3)."""
    weight = weight[None] * style[:, None, :, None, None]
    return weight / weight.square().sum((2, 3, 4), keepdim=True).add(1e-8).sqrt()


def by_the_paper(x: Tensor, weight: Tensor) -> Tensor:
    """Each picture convolved with its own weight."""
    return torch.cat([F.conv2d(each[None], own, padding=own.shape[-1] // 2) for each, own in zip(x, weight, strict=True)])


@pytest.fixture
def features() -> tuple[Tensor, Tensor, Tensor]:
    """Features, their scale, and w."""
    torch.manual_seed(0)
    x = torch.randn(3, WIDTH, SIDE, SIDE).contiguous(memory_format=torch.channels_last)
    return x, torch.rand(3, WIDTH) + 0.5, torch.randn(3, W_DIM)


@pytest.mark.parametrize("scaled", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("enlarged", [False, True])
@pytest.mark.parametrize("maps", [0, 2])
def test_a_modulated_convolution_is_one_with_weights_of_each_pictures_own(
    maps: int, enlarged: bool, scaled: bool, features: tuple[Tensor, Tensor, Tensor]
) -> None:
    x, scale, w = features
    side = SIDE * (1 + enlarged)
    placement = Placement(maps, NEXT_WIDTH, side, W_DIM) if maps else None
    layer = ModulatedConv2d(WIDTH, NEXT_WIDTH, 3, W_DIM, gain=GAIN, placement=placement)
    nn.init.normal_(layer.bias)
    if placement is not None:
        nn.init.normal_(placement.weight)
    with torch.no_grad():
        y, own = layer(x, scale if scaled else None, w, enlarged=enlarged)
        true = x * scale[:, :, None, None] if scaled else x
        true = F.interpolate(true, scale_factor=2.0, mode="bilinear") if enlarged else true
        expected = GAIN * (by_the_paper(true, modulated(layer.weight, layer.style(w))) + layer.bias[:, None, None])
        if placement is not None:
            expected += torch.einsum("nkhw,ok->nohw", placement(w), placement.weight)
    torch.testing.assert_close(y * own[:, :, None, None], F.leaky_relu(expected, 0.2), atol=1e-5, rtol=1e-5)
    assert y.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("demodulate", [False, True])
def test_modulated_pixels_are_such_a_convolution_too(demodulate: bool, features: tuple[Tensor, Tensor, Tensor]) -> None:
    x, scale, w = features
    layer = ModulatedPixels(WIDTH, NEXT_WIDTH, W_DIM, gain=GAIN, demodulate=demodulate)
    nn.init.normal_(layer.bias)
    with torch.no_grad():
        style = layer.style(w)
        weight = layer.weight[None] * style[:, None, :, None, None] / math.sqrt(WIDTH)
        weight = modulated(layer.weight, style) if demodulate else weight
        expected = GAIN * (by_the_paper(x * scale[:, :, None, None], weight) + layer.bias[:, None, None])
        found = map_pixels(x, *layer(scale, w))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_gradients_pass_through_all_that_a_modulated_convolution_is_made_of() -> None:
    """By finite differences, in double precision: in-place steps and scales that wait lose nothing on the way."""
    torch.manual_seed(0)
    layer = ModulatedConv2d(2, 2, 3, 4, gain=GAIN, placement=Placement(1, 2, 4, 4)).double()
    nn.init.normal_(layer.placement.weight)  # type: ignore[union-attr]
    inputs = [torch.randn(2, 2, 4, 4), torch.rand(2, 2) + 0.5, torch.randn(2, 4)]
    double = [each.double().requires_grad_() for each in inputs]
    assert torch.autograd.gradcheck(lambda x, scale, w: layer(x, scale, w), double)


@pytest.mark.parametrize("side", [4, 16, 32])
@pytest.mark.parametrize("maps", [1, 2])
def test_maps_are_linear_in_the_latent_and_heard_by_all_features(side: int, maps: int) -> None:
    placement, w = Placement(maps, 5, side, 8), torch.randn(3, 8)
    assert not placement.weight.any(), "it begins as the bias alone"
    with torch.no_grad():
        placed, nowhere = placement(w), placement(torch.zeros_like(w))
        torch.testing.assert_close(placement(2 * w) - nowhere, 2 * (placed - nowhere))
    assert placed.shape == (3, maps, side, side)
    assert not torch.allclose(placed[0], placed[1])


def test_pictures_are_put_together_in_full_precision() -> None:
    block = StyleBlock(8, 8, 8, 3, StyleSettings(w_dim=16))
    x, picture, w = torch.randn(2, 8, 8, 8), torch.rand(2, 3, 16, 16) + 100, torch.randn(2, 16)
    nn.init.normal_(block.detail.weight)
    block.silence()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        rough = block(x, torch.ones(2, 8), picture, w, w)[2]
    torch.testing.assert_close(rough, F.interpolate(picture, scale_factor=2.0, mode="bilinear"))


def test_a_latent_moves_what_styles_alone_can_only_weigh() -> None:
    """Without maps a block cannot tell places apart: flat features stay flat, whatever the latent."""
    torch.manual_seed(0)
    x, w = torch.ones(2, 8, 8, 8), torch.randn(2, 16)
    for maps in (0, 2):
        block = StyleBlock(8, 8, 8, 3, StyleSettings(w_dim=16, maps=maps))
        for name, parameter in block.named_parameters():
            if name.endswith("placement.weight"):
                nn.init.normal_(parameter)
        with torch.no_grad():
            inner = block(x, None, None, w, w)[0][:, :, 2:-2, 2:-2]  # away from the borders
        assert (inner.std((2, 3)).mean() > 0.1) == bool(maps)


def test_a_block_draws_an_edge_half_a_pixel_further_as_the_same_edge_a_pixel_of_the_picture_further() -> None:
    torch.manual_seed(0)
    block, w = StyleBlock(16, 1, 1, 1, StyleSettings(w_dim=8, fine_width=1)), torch.zeros(1, 8)
    slope = torch.arange(16.0).expand(1, 1, 16, 16)

    def drawn(place: float) -> Tensor:
        with torch.no_grad():
            for conv in (block.conv0, block.conv1):
                conv.weight.zero_()[..., 1, 1] = 1
                conv.bias.zero_()
            block.fine.weight.fill_(1)
            block.fine.bias.fill_(-2 * place)  # what comes to it is twice the slope: √2 from each convolution
            block.detail.weight.zero_()[..., 1, 1] = 1
            block.colours.weight.zero_()
            return block(slope, None, None, w, w)[2][0, 0, 16, 4:-4]  # away from the borders

    edge, further = drawn(7.25), drawn(7.75)
    torch.testing.assert_close(further[1:], edge[:-1], rtol=0, atol=1e-4)
    bend = edge.diff().diff()
    assert (bend > 0.1 * bend.max()).sum() <= 2, "and it is sharp"
