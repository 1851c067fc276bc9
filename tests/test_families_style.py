"""The layers of the style family's generator: their results, compared with direct computations."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan.families.layers import Linear
from gan.families.style import StyleBlock, StyleGenerator, StyleSettings
from gan.families.style.modulation import ModulatedConv2d, ModulatedPixels, Placement, map_pixels

WIDTH, NEXT_WIDTH, SIDE, W_DIM = 6, 5, 8, 16
GAIN = 1.5


def modulated(weight: Tensor, style: Tensor) -> Tensor:
    """Return each picture's own weights (N, O, I, K, K) (Karras et al. 2020, eq. 1 and 3)."""
    weight = weight[None] * style[:, None, :, None, None]
    return weight / weight.square().sum((2, 3, 4), keepdim=True).add(1e-8 * weight[0, 0].numel()).sqrt()


def by_the_paper(x: Tensor, weight: Tensor) -> Tensor:
    """Return each picture convolved with its own weight."""
    return torch.cat([F.conv2d(each[None], own, padding=own.shape[-1] // 2) for each, own in zip(x, weight, strict=True)])


def scaled(x: Tensor, scale: Tensor) -> Tensor:
    return x * scale[:, :, None, None]


Inputs = tuple[Tensor, Tensor, Tensor]


@pytest.fixture
def inputs() -> Inputs:
    """Return features, their scale, and w, in double precision."""
    torch.manual_seed(0)
    x = torch.randn(3, WIDTH, SIDE, SIDE, dtype=torch.double).contiguous(memory_format=torch.channels_last)
    scale = torch.rand(3, WIDTH, dtype=torch.double) + 0.5
    return x.requires_grad_(), scale.requires_grad_(), torch.randn(3, W_DIM, dtype=torch.double).requires_grad_()


def fill(layer: nn.Module) -> None:
    """Set parameters away from zero, in double precision."""
    for parameter in layer.double().parameters():
        nn.init.normal_(parameter)


def assert_the_same_with_gradients(found: Tensor, expected: Tensor, inputs: Inputs, layer: nn.Module) -> None:
    torch.testing.assert_close(found, expected)
    way = torch.randn_like(found)
    named = dict(layer.named_parameters()) | dict(zip(("x", "scale", "w"), inputs, strict=True))
    grads = [torch.autograd.grad(y, list(named.values()), way, allow_unused=True) for y in (found, expected)]
    for name, one, other in zip(named, *grads, strict=True):
        assert one is other is None or torch.allclose(one, other), f"gradient of {name}"


@pytest.mark.parametrize("first", [False, True], ids=["later", "first"])
@pytest.mark.parametrize("enlarged", [False, True], ids=["", "enlarged"])
@pytest.mark.parametrize("maps", [0, 2])
def test_a_modulated_convolution_is_one_with_weights_of_each_pictures_own(
    maps: int, enlarged: bool, first: bool, inputs: Inputs
) -> None:
    x, scale, w = inputs
    placement = Placement(maps, NEXT_WIDTH, SIDE * (1 + enlarged), W_DIM) if maps else None
    layer = ModulatedConv2d(WIDTH, NEXT_WIDTH, 3, W_DIM, gain=GAIN, placement=placement)
    fill(layer)
    y, next_scale = layer(x, None if first else scale, w, enlarged=enlarged)
    assert y.is_contiguous(memory_format=torch.channels_last)
    true = x if first else scaled(x, scale)
    true = F.interpolate(true, scale_factor=2.0, mode="bilinear") if enlarged else true
    expected = GAIN * (by_the_paper(true, modulated(layer.weight, layer.style(w))) + layer.bias[:, None, None])
    if placement is not None:
        expected = expected + torch.einsum("nkhw,ok->nohw", placement(w), placement.weight)
    assert_the_same_with_gradients(scaled(y, next_scale), F.leaky_relu(expected, 0.2), inputs, layer)


@pytest.mark.parametrize("demodulate", [False, True])
def test_modulated_pixels_are_such_a_convolution_too(demodulate: bool, inputs: Inputs) -> None:
    x, scale, w = inputs
    layer = ModulatedPixels(WIDTH, NEXT_WIDTH, W_DIM, gain=GAIN, demodulate=demodulate)
    fill(layer)
    style = layer.style(w)
    weight = layer.weight[None] * style[:, None, :, None, None] / math.sqrt(WIDTH)
    weight = modulated(layer.weight, style) if demodulate else weight
    expected = GAIN * (by_the_paper(scaled(x, scale), weight) + layer.bias[:, None, None])
    assert_the_same_with_gradients(map_pixels(x, *layer(scale, w)), expected, inputs, layer)


@pytest.mark.parametrize("lr_multiplier", [1.0, 0.01])
def test_a_linear_layer_begins_with_the_bias_it_is_told_and_unit_variance(lr_multiplier: float) -> None:
    torch.manual_seed(0)
    layer = Linear(64, 4096, bias=3.0, lr_multiplier=lr_multiplier)
    y = layer(torch.ones(1, 64))
    assert y.mean().item() == pytest.approx(3, abs=0.1)
    assert y.std().item() == pytest.approx(1, abs=0.1)


def test_half_precision_leaves_latents_and_styles_as_they_are_and_pictures_close() -> None:
    torch.manual_seed(0)
    generator = StyleGenerator(resolution=32, channels=3, z_dim=16, num_classes=2, network=StyleSettings(w_dim=W_DIM, maps=2))
    for block in generator.blocks:
        nn.init.normal_(block.get_parameter("detail.weight"))
        nn.init.normal_(block.get_parameter("conv1.placement.weight"))
    z, classes = torch.randn(8, 16), torch.arange(8) % 2
    with torch.no_grad():
        exact, w = generator(z, classes), generator.mapping(z, classes)
        with torch.autocast("cpu", torch.bfloat16):
            rough, rough_w = generator(z, classes), generator.mapping(z, classes)
    assert torch.equal(rough_w, w)
    assert rough.dtype == torch.float32
    assert (rough - exact).norm() < 0.01 * exact.norm()


@pytest.mark.parametrize("side", [4, 16, 32])
@pytest.mark.parametrize("maps", [1, 2])
def test_maps_are_linear_in_the_latent(side: int, maps: int) -> None:
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
    """Without maps, a block cannot distinguish positions: constant features stay constant for any latent."""
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
            block.fine.bias.fill_(-2 * place)  # its input is twice the slope: a factor √2 from each convolution
            block.detail.weight.zero_()[..., 1, 1] = 1
            block.colours.weight.zero_()
            return block(slope, None, None, w, w)[2][0, 0, 16, 4:-4]  # away from the borders

    edge, further = drawn(7.25), drawn(7.75)
    torch.testing.assert_close(further[1:], edge[:-1], rtol=0, atol=1e-4)
    bend = edge.diff().diff()
    assert (bend > 0.1 * bend.max()).sum() <= 2, "and it is sharp"
