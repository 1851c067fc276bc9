"""The contract of every family of networks, and special properties of dcgan and mlp."""

import copy
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from pydantic import ValidationError
from torch import Tensor, nn

from gan.families import FAMILIES, Discriminator, Generator, Settings, build_discriminator, build_generator
from gan.families.dcgan import DCGANSettings
from gan.families.layers import FoldingConv2d, downsample, minibatch_deviation, smooth
from gan.families.mlp import MLPSettings
from gan.losses.penalties import PENALTIES
from tests.tiny_models import with_detail

SMALL: dict[str, dict[str, Any]] = {
    "style": {
        "w_dim": 16,
        "maps": 2,
        "generator_width": 16,
        "generator_capacity": 64,
        "discriminator_width": 16,
        "discriminator_capacity": 64,
    },
    "dcgan": {"width": 8},
    "mlp": {"generator_widths": (16, 16), "discriminator_widths": (16, 16)},
}
Z_DIM = 8
CLASSES = 3
GIBIBYTE = 2**30
EACH_FAMILY = pytest.mark.parametrize("family", FAMILIES)
CONDITIONS = pytest.mark.parametrize("num_classes", [0, CLASSES], ids=["unconditional", "classes"])
SHAPES = [(family, *rest) for family, entry in FAMILIES.items() for rest in product(entry.resolutions, (1, 3), (0, CLASSES))]


def generator_of(family: str, num_classes: int = 0, seed: int = 0, **changes: Any) -> Generator:
    torch.manual_seed(seed)
    sizes: dict[str, Any] = {"resolution": FAMILIES[family].resolutions[0], "channels": 1, "z_dim": Z_DIM} | changes
    return with_detail(build_generator(family, num_classes=num_classes, **{"network": settings_of(family)} | sizes))


def discriminator_of(family: str, num_classes: int = 0, seed: int = 0, **changes: Any) -> Discriminator:
    torch.manual_seed(seed)
    sizes: dict[str, Any] = {"resolution": FAMILIES[family].resolutions[0], "channels": 1} | changes
    return build_discriminator(family, num_classes=num_classes, **{"network": settings_of(family)} | sizes)


def settings_of(family: str) -> Settings:
    return FAMILIES[family].settings(**SMALL[family])


def latents_of(num_classes: int = 0, count: int = 4) -> tuple[Tensor, Tensor | None]:
    z = torch.randn(count, Z_DIM, generator=torch.Generator().manual_seed(7))
    return z, torch.arange(count) % num_classes if num_classes else None


def pictures_for(network: Generator | Discriminator, count: int = 4) -> Tensor:
    rng = torch.Generator().manual_seed(8)
    return torch.rand(count, network.channels, network.resolution, network.resolution, generator=rng) * 2 - 1


def state_of(network: nn.Module) -> dict[str, Tensor]:
    return copy.deepcopy(network.state_dict())


def assert_same_state(network: nn.Module, state: dict[str, Tensor]) -> None:
    assert network.state_dict().keys() == state.keys()
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, state[name]), name


@pytest.mark.parametrize(("family", "resolution", "channels", "num_classes"), SHAPES)
def test_shapes_at_every_resolution_and_channel_count(family: str, resolution: int, channels: int, num_classes: int) -> None:
    generator = generator_of(family, num_classes, resolution=resolution, channels=channels)
    discriminator = discriminator_of(family, num_classes, resolution=resolution, channels=channels)
    z, class_index = latents_of(num_classes, count=2)
    with torch.no_grad():
        pictures = generator(z, class_index)
        assert discriminator(pictures, class_index).shape == (2,)
        assert generator.sample(z[:1], None if class_index is None else class_index[:1], 0.7).shape == pictures[:1].shape
    assert pictures.shape == (2, channels, resolution, resolution)
    assert pictures.dtype == torch.float32
    for network in (generator, discriminator):
        assert (network.resolution, network.channels, network.num_classes) == (resolution, channels, num_classes)


@EACH_FAMILY
@CONDITIONS
def test_gradients_reach_every_parameter(family: str, num_classes: int) -> None:
    """An unused parameter also stops distributed training, which waits for its gradient."""
    generator, discriminator = generator_of(family, num_classes), discriminator_of(family, num_classes)
    z, class_index = latents_of(num_classes)
    discriminator(generator(z, class_index), class_index).square().sum().backward()
    for network in (generator, discriminator):
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
            assert torch.isfinite(parameter.grad).all(), name
            assert parameter.grad.any(), name


@EACH_FAMILY
@CONDITIONS
def test_weights_from_a_state_dict_give_the_same_pictures_and_scores(family: str, num_classes: int) -> None:
    generator, other_generator = (generator_of(family, num_classes, seed).eval() for seed in (1, 2))
    discriminator, other_discriminator = (discriminator_of(family, num_classes, seed).eval() for seed in (1, 2))
    generator.calibrate()
    z, class_index = latents_of(num_classes)
    with torch.no_grad():
        pictures = generator.sample(z, class_index, 0.7)
        scores = discriminator(pictures, class_index)
        assert not torch.equal(other_generator.sample(z, class_index, 0.7), pictures)
        other_generator.load_state_dict(state_of(generator))
        other_discriminator.load_state_dict(state_of(discriminator))
        assert torch.equal(other_generator.sample(z, class_index, 0.7), pictures)
        assert torch.equal(other_discriminator(pictures, class_index), scores)


@EACH_FAMILY
@CONDITIONS
def test_networks_can_be_built_without_memory_and_filled_later(family: str, num_classes: int) -> None:
    generator, discriminator = generator_of(family, num_classes), discriminator_of(family, num_classes)
    with torch.device("meta"):
        empty_generator = generator_of(family, num_classes)
        empty_discriminator = discriminator_of(family, num_classes)
    for network, empty in ((generator, empty_generator), (discriminator, empty_discriminator)):
        assert all(tensor.is_meta for tensor in (*empty.parameters(), *empty.buffers()))
        layout = {name: (tensor.shape, tensor.dtype) for name, tensor in network.state_dict().items()}
        assert {name: (tensor.shape, tensor.dtype) for name, tensor in empty.state_dict().items()} == layout
        empty.to_empty(device="cpu").load_state_dict(state_of(network))
    z, class_index = latents_of(num_classes)
    with torch.no_grad():
        assert torch.equal(empty_generator.eval().sample(z, class_index, 1.0), generator.eval().sample(z, class_index, 1.0))


@EACH_FAMILY
@CONDITIONS
def test_buffers_are_persistent(family: str, num_classes: int) -> None:
    """A buffer that is not in the state dict holds garbage after `to_empty`."""
    for network in (generator_of(family, num_classes), discriminator_of(family, num_classes)):
        assert {name for name, _ in network.named_buffers()} <= set(network.state_dict())


@EACH_FAMILY
@CONDITIONS
def test_the_same_seed_builds_the_same_networks_and_makes_the_same_pictures(family: str, num_classes: int) -> None:
    first, second = generator_of(family, num_classes), generator_of(family, num_classes)
    assert_same_state(second, state_of(first))
    assert_same_state(discriminator_of(family, num_classes), state_of(discriminator_of(family, num_classes)))
    z, class_index = latents_of(num_classes)
    with torch.no_grad():
        for psi in (0.7, 1.0):
            assert torch.equal(first.sample(z, class_index, psi), second.sample(z, class_index, psi))


@EACH_FAMILY
@CONDITIONS
def test_sampling_and_calibration_leave_no_trace(family: str, num_classes: int) -> None:
    """Observers may not draw from the global generator, or change the training's state."""
    generator = generator_of(family, num_classes).train()
    z, class_index = latents_of(num_classes)
    kept, random_state = state_of(generator), torch.get_rng_state()
    with torch.no_grad():
        generator.sample(z, class_index, 0.7)
    assert generator.training
    assert_same_state(generator, kept)
    generator.calibrate()
    assert generator.training
    assert torch.equal(torch.get_rng_state(), random_state)
    for name, parameter in generator.named_parameters():
        assert torch.equal(parameter, kept[name])


@EACH_FAMILY
@CONDITIONS
def test_calibration_depends_on_the_weights_alone(family: str, num_classes: int) -> None:
    generator = generator_of(family, num_classes)
    generator.calibrate()
    first = state_of(generator)
    with torch.no_grad():
        generator(*latents_of(num_classes))  # training continues in between
    generator.calibrate()
    assert_same_state(generator, first)


@EACH_FAMILY
@CONDITIONS
def test_a_picture_does_not_depend_on_its_batch(family: str, num_classes: int) -> None:
    generator = generator_of(family, num_classes)
    generator.calibrate()
    z, class_index = latents_of(num_classes, count=5)
    with torch.no_grad():
        together = generator.sample(z, class_index, 0.7)
        alone = [generator.sample(z[i : i + 1], None if class_index is None else class_index[i : i + 1], 0.7) for i in range(5)]
    torch.testing.assert_close(torch.cat(alone), together, atol=1e-4, rtol=0)


@EACH_FAMILY
@CONDITIONS
def test_psi_zero_is_one_picture_and_psi_one_is_many(family: str, num_classes: int) -> None:
    generator = generator_of(family, num_classes)
    generator.calibrate()
    z, _ = latents_of()
    class_index = torch.ones(len(z), dtype=torch.int64) if num_classes else None
    with torch.no_grad():
        average, full = (generator.sample(z, class_index, psi) for psi in (0.0, 1.0))
    torch.testing.assert_close(average, average[:1].expand_as(average), atol=1e-5, rtol=0)
    assert (full[1:] - full[:1]).abs().amax((1, 2, 3)).min() > 1e-3


@EACH_FAMILY
def test_classes_change_pictures_and_scores(family: str) -> None:
    generator, discriminator = generator_of(family, CLASSES).eval(), discriminator_of(family, CLASSES).eval()
    z = latents_of()[0][:1].expand(CLASSES, -1)
    every = torch.arange(CLASSES)
    with torch.no_grad():
        pictures = generator.sample(z, every, 1.0)
        scores = discriminator(pictures[:1].expand(CLASSES, -1, -1, -1), every)
    assert len({tuple(picture.flatten().tolist()) for picture in pictures}) == CLASSES
    assert len(set(scores.tolist())) == CLASSES


@EACH_FAMILY
@pytest.mark.parametrize("penalty", [name for name in PENALTIES if name != "none"])
def test_penalties_can_be_differentiated_through_every_discriminator(family: str, penalty: str) -> None:
    network = settings_of(family)
    if FAMILIES[family].separate_passes(network):
        network = network.model_copy(update={"discriminator_batch_norm": False})
    discriminator = discriminator_of(family, CLASSES, network=network)
    real, class_index = pictures_for(discriminator), torch.arange(4) % CLASSES

    def score(pictures: Tensor) -> Tensor:
        return discriminator(pictures, class_index.repeat(len(pictures) // 4))

    value = PENALTIES[penalty].fn(score, real, -real, torch.full((4, 1, 1, 1), 0.3))
    value.backward()
    assert torch.isfinite(value)
    gradients = [parameter.grad for parameter in discriminator.parameters() if parameter.grad is not None]
    assert all(torch.isfinite(gradient).all() for gradient in gradients)
    assert any(gradient.any() for gradient in gradients)


@EACH_FAMILY
def test_settings_are_closed_and_frozen(family: str) -> None:
    with pytest.raises(ValidationError, match="extra_forbidden|Extra inputs"):
        FAMILIES[family].settings.model_validate(SMALL[family] | {"unheard_of": 1})
    network = settings_of(family)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(network, next(iter(type(network).model_fields)), 16)


@EACH_FAMILY
def test_settings_survive_json(family: str) -> None:
    network = settings_of(family)
    assert type(network).model_validate_json(network.model_dump_json()) == network


@EACH_FAMILY
def test_every_field_of_the_settings_is_bounded(family: str) -> None:
    """A config of unknown origin determines what is allocated, so everything that it can request must be bounded."""

    def check(name: str, schema: dict[str, Any]) -> None:
        if schema["type"] in {"integer", "number"}:
            assert {"minimum", "exclusiveMinimum"} & schema.keys(), name
            assert {"maximum", "exclusiveMaximum"} & schema.keys(), name
        elif schema["type"] == "array":
            assert {"minItems", "maxItems"} <= schema.keys(), name
            check(name, schema["items"])
        else:
            assert schema["type"] == "boolean" or "enum" in schema, name

    for name, schema in FAMILIES[family].settings.model_json_schema()["properties"].items():
        check(name, schema)


@EACH_FAMILY
def test_the_largest_settings_stay_below_two_gibibytes(family: str) -> None:
    entry = FAMILIES[family]
    fields = entry.settings.model_json_schema()["properties"]
    largest: dict[str, Any] = {name: field["maximum"] for name, field in fields.items() if "maximum" in field}
    for name, field in fields.items():
        if field["type"] == "array":
            largest[name] = (field["items"]["maximum"],) * field["maxItems"]
    sizes: dict[str, Any] = {"resolution": entry.resolutions[-1], "channels": 3, "network": entry.settings(**largest)}
    with torch.device("meta"):
        networks = (generator_of(family, 1000, z_dim=1024, **sizes), discriminator_of(family, 1000, **sizes))
    for network in networks:
        assert sum(tensor.nbytes for tensor in network.state_dict().values()) < 2 * GIBIBYTE


# dcgan and mlp


@pytest.mark.parametrize("family", ["dcgan", "mlp"])
def test_tanh_keeps_pictures_in_their_range(family: str) -> None:
    generator = generator_of(family)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.mul_(100)
        pictures = generator(*latents_of())
    assert pictures.min() < -0.9
    assert pictures.max() > 0.9
    assert pictures.abs().max() <= 1


@pytest.mark.parametrize("family", ["dcgan", "mlp"])
def test_the_discriminator_drops_out_in_training_only(family: str) -> None:
    discriminator = discriminator_of(family, network=settings_of(family).model_copy(update={"dropout": 0.5}))
    pictures = pictures_for(discriminator)
    with torch.no_grad():
        assert not torch.equal(discriminator(pictures, None), discriminator(pictures, None))
        discriminator.eval()
        assert torch.equal(discriminator(pictures, None), discriminator(pictures, None))


@pytest.mark.parametrize("field", ["generator_activation", "discriminator_activation"])
def test_a_dcgan_has_the_activation_it_is_told(field: str) -> None:
    layers = {"relu": nn.ReLU, "leaky-relu": nn.LeakyReLU, "prelu": nn.PReLU}
    build = generator_of if field.startswith("generator") else discriminator_of
    for name, layer in layers.items():
        network = build("dcgan", network=DCGANSettings.model_validate({"width": 8, field: name}))
        found = {type(module) for module in network.modules()} & set(layers.values())
        assert found == {layer}


@pytest.mark.parametrize(("of_generator", "of_discriminator"), list(product([True, False], repeat=2)))
def test_batch_norm_is_chosen_for_each_network(of_generator: bool, of_discriminator: bool) -> None:
    network = DCGANSettings(width=8, generator_batch_norm=of_generator, discriminator_batch_norm=of_discriminator)
    for built, wanted in (
        (generator_of("dcgan", network=network), of_generator),
        (discriminator_of("dcgan", network=network), of_discriminator),
    ):
        assert any(isinstance(module, nn.BatchNorm2d) for module in built.modules()) == wanted
    assert FAMILIES["dcgan"].separate_passes(network) == of_discriminator


def test_a_dcgan_begins_with_the_papers_weights() -> None:
    network = DCGANSettings(width=32)
    for built in (generator_of("dcgan", network=network), discriminator_of("dcgan", network=network)):
        weights = [module.weight for module in built.modules() if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear)]
        flat = torch.cat([weight.detach().flatten() for weight in weights])
        assert flat.std().item() == pytest.approx(0.02, rel=0.05)
        assert flat.mean().item() == pytest.approx(0, abs=1e-3)


def test_without_batch_norm_a_dcgan_keeps_the_signals_size() -> None:
    """With N(0, 0.02) alone the signal fades by a factor in each layer, and an untrained generator draws the same grey picture
    for every latent.
    """
    network = DCGANSettings(width=16, generator_batch_norm=False, discriminator_batch_norm=False)
    generator = generator_of("dcgan", network=network, resolution=64, channels=3)
    discriminator = discriminator_of("dcgan", network=network, resolution=64, channels=3)
    with torch.no_grad():
        pictures = generator(*latents_of(count=16))
        assert pictures.std(0).mean() > 0.2
        assert 0.1 < discriminator(pictures, None).std() < 10


def test_a_dcgans_score_depends_on_its_batch_only_with_batch_norm() -> None:
    for has_batch_norm in (True, False):
        discriminator = discriminator_of("dcgan", network=DCGANSettings(width=8, discriminator_batch_norm=has_batch_norm))
        pictures = pictures_for(discriminator)
        with torch.no_grad():
            whole, half = discriminator(pictures, None)[:2], discriminator(pictures[:2], None)
        assert torch.allclose(whole, half, atol=1e-5) != has_batch_norm


def test_calibration_measures_the_statistics_of_the_present_weights() -> None:
    """The averaged weights have no statistics of their own: with those of the trained weights, their pictures have a wrong
    brightness.
    """
    generator = generator_of("dcgan", CLASSES)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.mul_(1.5)
    z, class_index = latents_of(CLASSES, count=512)
    with torch.no_grad():
        by_batch = generator.train()(z, class_index)
        assert (generator.sample(z, class_index, 1.0) - by_batch).abs().mean() > 0.05
        generator.calibrate()
        calibrated = generator.sample(z, class_index, 1.0)
    assert (calibrated - by_batch).abs().mean() < 0.02


@pytest.mark.parametrize("family", ["dcgan", "mlp"])
def test_pictures_of_a_class_vary_as_much_as_all_before_training(family: str) -> None:
    """With an embedding as large as the latent, a dcgan learns one picture for each class, because the class dominates the
    latent.
    """
    generator = generator_of(family, CLASSES)
    z, _ = latents_of(count=128)
    with torch.no_grad():
        one_class = generator(z, torch.zeros(128, dtype=torch.int64)).var(0).mean()
        all_classes = generator(z, torch.arange(128) % CLASSES).var(0).mean()
    assert one_class > 0.9 * all_classes


@torch.no_grad()
@pytest.mark.parametrize("side", [8, 16])
def test_networks_that_begin_small_are_those_of_the_small_side(side: int) -> None:
    """Finer blocks are silent: in the generator they only enlarge the coarse picture, and in the discriminator they do not change
    its score.
    """
    generator, discriminator = generator_of("style", resolution=32), discriminator_of("style", resolution=32)
    z, _ = latents_of()
    generator.begin_at(side)
    discriminator.begin_at(side)
    coarse = generator(z, None, side)
    assert coarse.shape == (4, 1, side, side)
    larger = coarse
    while larger.shape[3] < 32:
        larger = nn.functional.interpolate(larger, scale_factor=2.0, mode="bilinear")
    torch.testing.assert_close(generator(z, None), larger)
    boxes = nn.functional.interpolate(coarse, size=(32, 32))
    torch.testing.assert_close(discriminator(boxes, None), discriminator(coarse, None))


@EACH_FAMILY
def test_only_a_family_that_grows_can_begin_small(family: str) -> None:
    for network in (generator_of(family), discriminator_of(family)):
        if FAMILIES[family].grows_from is None:
            with pytest.raises(NotImplementedError):
                network.begin_at(8)
        else:
            network.begin_at(8)


@torch.no_grad()
def test_the_discriminator_sees_variety_in_each_part_of_its_features() -> None:
    x = torch.randn(8, 6, 4, 4, generator=torch.Generator().manual_seed(1))
    x[:, :2] = x[:1, :2]  # the first third of the features is the same in all samples
    whole, parts = minibatch_deviation(x), minibatch_deviation(x, parts=3)
    assert (whole.shape, parts.shape) == ((8, 7, 4, 4), (8, 9, 4, 4))
    assert parts[:, 6].max() < 1e-3
    assert parts[:, 7:].min() > 0.5
    torch.testing.assert_close(whole[:, 6], parts[:, 6:].mean(1), msg="one part is the mean of all")


@torch.no_grad()
def test_a_quiet_class_moves_the_latent_less() -> None:
    moved = []
    for gain in (1.0, 0.1):
        network = settings_of("style").model_copy(update={"class_gain": gain})
        generator = generator_of("style", num_classes=CLASSES, network=network)
        z, _ = latents_of()
        first, second = (generator.mapping(z, torch.full((4,), row)) for row in (0, 1))  # type: ignore[operator]
        moved.append(float((first - second).square().mean()))
    assert moved[1] < 0.05 * moved[0]


def test_an_mlp_has_the_hidden_layers_it_is_told() -> None:
    network = MLPSettings(generator_widths=(8, 16, 32), discriminator_widths=(24,))
    generator, discriminator = generator_of("mlp", network=network), discriminator_of("mlp", network=network)
    widths = [[m.out_features for m in built.modules() if isinstance(m, nn.Linear)] for built in (generator, discriminator)]
    assert widths == [[8, 16, 32, 28 * 28], [24, 1]]


def test_scores_in_mixed_precision_keep_small_differences_far_from_zero() -> None:
    """Relativistic scores drift together: at 50, bfloat16 has steps of a quarter, and smaller differences would be lost."""
    discriminator = discriminator_of("style", resolution=32)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        logits = discriminator(pictures_for(discriminator), None)
        discriminator.get_parameter("logit.bias").add_(50)
        far = discriminator(pictures_for(discriminator), None)
    assert far.dtype == torch.float32
    torch.testing.assert_close(far - 50, logits, rtol=0, atol=1e-4)


def test_gradients_of_mixed_precision_are_kept_in_full_and_close_to_those_of_full_precision() -> None:
    """Covers gradients of the logits, and of a penalty, which is differentiated through each convolution twice."""
    discriminator = discriminator_of("style", resolution=32)
    weights = list(discriminator.parameters())
    pictures = pictures_for(discriminator)

    def gradients(enabled: bool) -> Iterator[Tensor]:
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            penalty = PENALTIES["r1+r2"].fn(lambda some: discriminator(some, None), pictures, pictures.flip(3), torch.empty(0))
            value = discriminator(pictures, None).square().sum()
        for summed in (penalty, value):
            yield from torch.autograd.grad(summed, weights, allow_unused=True, materialize_grads=True)

    for plain, mixed in zip(gradients(False), gradients(True), strict=True):
        assert mixed.dtype == torch.float32
        assert (mixed - plain).norm() <= 0.3 * plain.norm()  # within bfloat16's rounding


@EACH_FAMILY
def test_a_generator_can_be_exported_for_batches_of_any_size(family: str) -> None:
    """The exported file needs neither Python nor this package."""
    generator = generator_of(family).eval()
    batch = torch.export.Dim("batch", min=1, max=64)
    exported = torch.export.export(generator, (torch.randn(3, generator.z_dim), None), dynamic_shapes=({0: batch}, None)).module()
    for count in (1, 7):
        z = torch.randn(count, generator.z_dim)
        torch.testing.assert_close(exported(z, None), generator(z, None))


@pytest.mark.parametrize("channels", [3, 16])
def test_downsampling_takes_means_and_has_the_right_gradients(channels: int) -> None:
    x = torch.randn(1, channels, 4, 6, dtype=torch.float64, requires_grad=True)
    torch.testing.assert_close(downsample(x), F.avg_pool2d(x, 2))
    assert torch.autograd.gradcheck(downsample, x)
    assert torch.autograd.gradgradcheck(downsample, x)


def test_a_folding_convolution_sees_four_pixels_as_one() -> None:
    layer = FoldingConv2d(3, 8)
    pictures = torch.randn(2, 3, 6, 6)
    expected = F.conv2d(F.pixel_unshuffle(pictures, 2), layer.weight * layer.weight_gain, layer.bias)
    torch.testing.assert_close(layer(pictures), expected)


def test_smoothing_keeps_flat_parts_and_their_borders_and_takes_away_what_alternates() -> None:
    flat = torch.full((1, 3, 8, 8), 0.3)
    torch.testing.assert_close(smooth(flat), flat)
    stripes = torch.tensor([1.0, -1.0] * 4).expand(1, 1, 8, 8)
    assert smooth(stripes)[..., 1:-1].abs().max() < 1e-6


def test_smoothing_moves_nothing() -> None:
    dot = torch.zeros(1, 1, 5, 5)
    dot[0, 0, 2, 2] = 16
    assert smooth(dot)[0, 0].tolist() == [[0] * 5, [0, 1, 2, 1, 0], [0, 2, 4, 2, 0], [0, 1, 2, 1, 0], [0] * 5]
    ramp = torch.arange(5.0).expand(1, 1, 5, 5)
    torch.testing.assert_close(smooth(ramp), -smooth(-ramp.flip(3)).flip(3))
