"""Latent directions: the same at each search, with the same effect everywhere, stored and never lost."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from gan.directions import adopt, factorise, layer_groups, principal
from gan.errors import CheckpointError, ModelError
from gan.families import FAMILIES, Generator
from gan.families.style import StyleLatent
from gan.limits import MAX_PUSHES as MOST_PUSHES
from gan.models import Direction, carry_over, keep_fitting
from gan.models import read_directions as read
from gan.models import write_directions as write
from gan.sampler import Model
from tests.tiny_models import write_tiny_model

CLASSES = ("cats", "dogs")
FINDERS: list[Callable[..., list[Direction]]] = [factorise, principal]


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return tiny(tmp_path / "tiny")


def tiny(folder: Path, family: str = "style", classes: tuple[str, ...] = CLASSES, seed: int = 0) -> Model:
    write_tiny_model(folder, family, classes, seed=seed, discriminator=False)
    return Model.open(folder, "cpu")


def same(first: list[Direction], second: list[Direction]) -> bool:
    def told(direction: Direction) -> dict[str, Any]:
        return vars(direction) | {"vector": direction.vector.tolist()}

    return [told(direction) for direction in first] == [told(direction) for direction in second]


def latents_of(model: Model, count: int = 4000) -> np.ndarray[Any, Any]:
    """Return w of random latents of a model without classes, relative to their mean."""
    z = torch.from_numpy(np.random.RandomState(5).standard_normal((count, model.config.z_dim)).astype(np.float32))
    w = model.map(z, None).numpy()
    return w - w.mean(0)


# Finding


@pytest.mark.parametrize("classes", [(), CLASSES], ids=["unconditional", "classes"])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("find", FINDERS)
def test_directions_are_orthonormal_and_the_same_each_time(
    find: Callable[..., list[Direction]], family: str, classes: tuple[str, ...], tmp_path: Path
) -> None:
    model = tiny(tmp_path, family, classes)
    found = find(model, 4)
    vectors = np.stack([direction.vector for direction in found])
    assert vectors.dtype == np.float32
    assert vectors.shape == (4, model.latent_shape[-1])
    assert np.allclose(vectors @ vectors.T, np.eye(4), atol=1e-5)
    assert (np.take_along_axis(vectors, np.abs(vectors).argmax(1, keepdims=True), 1) > 0).all()
    assert [direction.name for direction in found] == [f"{found[0].source} {number}" for number in range(1, 5)]
    assert all(direction.space == model.space and direction.fits(model) and direction.scale > 0 for direction in found)
    assert same(found, find(Model.open(tmp_path, "cpu"), 4))
    assert len(find(model, 1000)) <= model.latent_shape[-1]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("find", FINDERS)
def test_a_direction_at_0_changes_nothing_and_at_3_changes_the_picture(
    find: Callable[..., list[Direction]], family: str, tmp_path: Path
) -> None:
    model = tiny(tmp_path, family)
    first = find(model, 1)[0]
    plain, still, pushed = (
        model.recipe(4, directions=pushes) for pushes in ((), (first.push(model, 0),), (first.push(model, 3),))
    )
    pictures = model.render([plain, still, pushed]).astype(int)
    assert (pictures[0] == pictures[1]).all()
    assert np.abs(pictures[0] - pictures[2]).max() > 1


def test_a_strength_of_1_is_one_standard_deviation_of_the_latents(tmp_path: Path) -> None:
    model = tiny(tmp_path, classes=())
    w = latents_of(model)
    for direction in [*factorise(model, 3), *principal(model, 3)]:
        assert direction.scale == pytest.approx((w @ direction.vector).std(), rel=0.1)
    for direction in factorise(tiny(tmp_path / "other", "mlp"), 3):
        assert direction.scale == 1


def test_the_components_of_samples_are_those_the_latents_vary_most_along(tmp_path: Path) -> None:
    model = tiny(tmp_path, classes=())
    spread = [(latents_of(model) @ direction.vector).var() for direction in principal(model, 3, samples=4000)]
    best = np.linalg.eigvalsh(np.cov(latents_of(model).T))[::-1][:3]
    assert np.allclose(spread, best, rtol=0.05)


def test_no_component_merely_leads_from_class_to_class(model: Model) -> None:
    with torch.no_grad():
        table: Any = model.generator.class_embedding
        table[1] += 1000 * torch.eye(len(table[1]))[0]  # the means of the classes are far apart
        model.generator.calibrate()
    between = (model.centre("dogs") - model.centre("cats")).numpy()
    assert np.linalg.norm(between) > 10
    spans = [abs(direction.vector @ between) / np.linalg.norm(between) for direction in principal(model, 3)]
    assert max(spans) < 0.9


def test_the_components_of_one_class_are_its_own(model: Model) -> None:
    assert not same(principal(model, 2, class_name="cats"), principal(model, 2, class_name="dogs"))
    with pytest.raises(ModelError, match="has no class"):
        principal(model, 2, class_name="birds")


def test_the_factors_of_weights_move_the_styles_most(model: Model) -> None:
    generator: Any = model.generator
    centre = model.centre(None)

    def moved(vector: torch.Tensor, layer: int) -> float:
        """Return how far the direction of the style turns, which is the effect of a step, since demodulation divides out the
        style's length.
        """
        style = (generator.blocks[layer // 2].conv0, generator.blocks[layer // 2].conv1)[layer % 2].style
        with torch.no_grad():
            before, after = style(torch.stack([centre, centre + vector]))
        step = after - before
        return float((step - before * (step @ before) / (before @ before)).square().sum())

    every, one = factorise(model, 1)[0], factorise(model, 1, layers=[2])[0]
    assert (every.layers, one.layers) == (None, (2,))
    rng = np.random.RandomState(0)
    for _ in range(50):
        other = torch.from_numpy(rng.standard_normal(len(every.vector)).astype(np.float32))
        other /= other.norm()
        layers = range(model.latent_shape[0])
        assert sum(moved(torch.from_numpy(every.vector), layer) for layer in layers) > sum(
            moved(other, layer) for layer in layers
        )
        assert moved(torch.from_numpy(one.vector), 2) > moved(other, 2)


def test_the_first_factor_of_a_dcgan_knows_what_batch_norm_does_to_it(tmp_path: Path) -> None:
    model = tiny(tmp_path, "dcgan", ())
    network: Any = model.generator
    before = factorise(model, 1)[0].vector
    with torch.no_grad():
        network.first[0].running_var[0] = 1e-4  # the first feature map is amplified a hundred times
        rows = network.project.weight[: len(network.project.weight) // len(network.first[0].weight)]
    after = factorise(model, 1)[0].vector
    strongest = np.linalg.svd(rows.numpy())[2][0]
    assert abs(after @ strongest) > 0.99 > abs(before @ strongest)


@pytest.mark.parametrize("layers", [(), (-1,), (99,)])
def test_layers_that_a_model_has_not_are_refused(layers: tuple[int, ...], model: Model) -> None:
    with pytest.raises(ModelError, match="4 layers"):
        factorise(model, 2, layers)


def test_a_family_that_does_not_tell_its_first_layer_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny(tmp_path, "mlp")
    for name in ("first_layer_weight", "first_layer_features"):
        monkeypatch.setattr(type(model.generator), name, getattr(Generator, name))
    for find in FINDERS:
        with pytest.raises(ModelError, match="mlp"):
            find(model, 2)


def test_layers_are_grouped_by_side_and_the_rest_is_fine() -> None:
    class Shaped(Model):
        def __init__(self, layers: int) -> None:
            self._latent = StyleLatent(SimpleNamespace(w_dim=8, num_layers=layers))

    def sizes(layers: int) -> list[int]:
        groups = layer_groups(Shaped(layers))
        assert [layer for group in groups.values() for layer in group] == list(range(layers))
        return [len(group) for group in groups.values()]

    assert list(layer_groups(Shaped(8))) == ["coarse", "middle", "fine"]
    assert [sizes(layers) for layers in (4, 6, 8, 10, 12, 14)] == [
        [1, 1, 2],
        [2, 2, 2],
        [2, 2, 4],
        [2, 4, 4],
        [4, 4, 4],
        [4, 4, 6],
    ]


def test_without_w_there_are_no_layers_to_group(tmp_path: Path) -> None:
    assert layer_groups(tiny(tmp_path, "dcgan")) == {}


# Pushing


def test_a_direction_pushes_its_own_layers_unless_others_are_named(model: Model) -> None:
    found = factorise(model, 1, layers=[1, 0])[0]
    assert found.push(model, -2).layers == (0, 1)
    assert found.push(model, -2, (3,)).layers == (3,)
    assert np.allclose(found.push(model, -2).vector.values, found.vector * found.scale)


def test_many_pushes_fit_one_recipe(model: Model) -> None:
    pushes = tuple(direction.push(model, 1) for direction in principal(model, MOST_PUSHES))
    model.check(model.recipe(1, directions=pushes))


def test_a_direction_of_other_weights_is_said_and_never_applied(model: Model, tmp_path: Path) -> None:
    other = tiny(tmp_path / "other", seed=1)
    found = replace(factorise(model, 1)[0], name="smile")
    assert not found.fits(other)
    with pytest.raises(ModelError, match="smile was found on other weights"):
        found.push(other, 1)
    taken_over = adopt(other, found)
    assert taken_over.fits(other)
    assert (taken_over.vector == found.vector).all()
    assert taken_over.scale != found.scale
    assert taken_over.push(other, 1).name == "smile"
    with pytest.raises(ModelError, match="another latent space"):
        adopt(tiny(tmp_path / "plain", "dcgan"), found)


# Storing


def test_directions_are_read_as_they_were_written(model: Model) -> None:
    assert read(model) == []
    kept = [*factorise(model, 2, layers=[0, 3]), *(replace(d, name=f"笑 {d.name}") for d in principal(model, 2))]
    write(model, kept)
    assert same(read(model), kept)
    write(model, kept[1:])
    assert same(read(model), kept[1:])
    write(model, [])
    assert read(model) == []
    assert not (model.folder / "directions.safetensors").exists()


def test_those_of_earlier_weights_stay_in_the_list_and_can_be_taken_over(model: Model) -> None:
    named = replace(factorise(model, 1)[0], name="smile")
    write(model, [named])
    later = tiny(model.folder, seed=1)
    assert [(direction.name, direction.fits(later)) for direction in read(later)] == [("smile", False)]
    write(later, [*read(later), *factorise(later, 1)])
    assert [(direction.name, direction.fits(later)) for direction in read(later)] == [("smile", False), ("weights 1", True)]
    write(later, [adopt(later, read(later)[0])])
    assert read(later)[0].fits(later)


def test_what_is_found_on_weights_that_were_replaced_meanwhile_is_kept_as_theirs(model: Model) -> None:
    later = tiny(model.folder, seed=1)
    write(model, factorise(model, 1))
    assert not read(later)[0].fits(later)


@pytest.mark.parametrize("name", ["", " smile", "a" * 61, "a\nb", "\x00"])
def test_a_name_is_short_and_visible(name: str, model: Model) -> None:
    with pytest.raises(ModelError, match="cannot name a direction"):
        write(model, [replace(factorise(model, 1)[0], name=name)])
    assert read(model) == []


def test_names_are_single_and_no_more_than_64_are_kept(model: Model) -> None:
    found = factorise(model, 1)[0]
    with pytest.raises(ModelError, match="Two directions are called weights 1"):
        write(model, [found, found])
    many = [replace(found, name=str(number)) for number in range(65)]
    write(model, many[:64])
    assert len(read(model)) == 64
    with pytest.raises(ModelError, match="at most 64"):
        write(model, many)


def forge(model: Model, change: Callable[[list[dict[str, Any]]], Any], length: float = 1.0) -> None:
    """Write a file with one direction whose metadata `change` has changed; a string that it returns replaces the whole
    metadata.
    """
    write(model, factorise(model, 1))
    path = model.folder / "directions.safetensors"
    tensors = {name: tensor * length for name, tensor in safetensors.torch.load_file(path).items()}
    with safetensors.safe_open(path, "pt") as file:
        values = json.loads(file.metadata()["directions"])
    text = change(values["directions"])
    path.write_bytes(safetensors.torch.save(tensors, {"directions": text if isinstance(text, str) else json.dumps(values)}))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda entries: "", "json_damaged"),
        (lambda entries: '{"format": 2, "directions": []}', "format_unknown"),
        (lambda entries: '{"format": 1, "directions": [], "more": 1}', "directions_damaged"),
        (lambda entries: entries.clear(), "tensor_unknown"),
        (lambda entries: entries.extend(entries * 64), "directions_damaged"),
        (lambda entries: entries.append(entries[0] | {"name": "other"}), "tensor_missing"),
        (lambda entries: entries[0].update(name="a" * 61), "directions_damaged"),
        (lambda entries: entries[0].update(name="<b>\n"), "directions_damaged"),
        (lambda entries: entries[0].update(dim=9), "tensor_wrong"),
        (lambda entries: entries[0].update(dim=10**9), "directions_damaged"),
        (lambda entries: entries[0].update(scale=0), "directions_damaged"),
        (lambda entries: entries[0].update(scale=1e9), "directions_damaged"),
        (lambda entries: entries[0].update(source="magic"), "directions_damaged"),
        (lambda entries: entries[0].update(layers=[3, 1]), "directions_damaged"),
        (lambda entries: entries[0].update(layers=[9]), "directions_damaged"),
        (lambda entries: entries[0].update(space="z"), "directions_damaged"),
        (lambda entries: entries[0].update(weights_sha256="0"), "directions_damaged"),
        (lambda entries: entries[0].update(script="x"), "directions_damaged"),
    ],
)
def test_a_strangers_file_is_checked_before_it_is_used(change: Callable[..., Any], code: str, model: Model) -> None:
    forge(model, change)
    with pytest.raises(CheckpointError) as caught:
        read(model)
    assert caught.value.code == code


@pytest.mark.parametrize("length", [2.0, 0.0, float("nan"), float("inf")])
def test_a_vector_whose_length_is_not_1_is_refused(length: float, model: Model) -> None:
    forge(model, lambda entries: None, length)
    with pytest.raises(CheckpointError, match="its length is not 1"):
        read(model)


def test_a_huge_or_torn_file_is_refused(model: Model) -> None:
    write(model, factorise(model, 1))
    path = model.folder / "directions.safetensors"
    whole = path.read_bytes()
    for content, code in (
        (whole[:-1], "weights_damaged"),
        (whole[:5], "weights_damaged"),
        (whole + bytes(1 << 20), "file_too_large"),
    ):
        path.write_bytes(content)
        with pytest.raises(CheckpointError) as caught:
            read(model)
        assert caught.value.code == code


# Transfer


def test_what_a_person_kept_survives_the_arrival_of_another_model(model: Model, tmp_path: Path) -> None:
    found = principal(model, 3)
    mine = [replace(found[0], name="smile"), replace(found[1], name="age"), found[2]]
    write(model, mine)
    newcomer = tiny(tmp_path / "newcomer", seed=1)
    theirs = [replace(factorise(newcomer, 1)[0], name="smile"), *factorise(newcomer, 1)]
    write(newcomer, [*theirs, found[2]])
    brought = (newcomer.folder / "directions.safetensors").read_bytes()
    carry_over(model.folder, newcomer.folder)
    names = [(direction.name, direction.fits(newcomer)) for direction in read(newcomer)]
    assert names == [("smile", True), ("weights 1", True), ("samples 3", False), ("smile 2", False), ("age", False)]
    write(model, read(newcomer))  # the state after the first arrival; another arrival changes nothing
    (newcomer.folder / "directions.safetensors").write_bytes(brought)
    carry_over(model.folder, newcomer.folder)
    assert same(read(newcomer), read(model))


def test_a_full_list_gives_way_to_what_a_person_kept(model: Model, tmp_path: Path) -> None:
    write(model, [replace(factorise(model, 1)[0], name="mine")])
    newcomer = tiny(tmp_path / "newcomer", seed=1)
    write(newcomer, [replace(factorise(newcomer, 1)[0], name=str(number)) for number in range(64)])
    carry_over(model.folder, newcomer.folder)
    assert [direction.name for direction in read(newcomer)] == [*map(str, range(63)), "mine"]


def test_from_a_damaged_file_nothing_is_carried_over(model: Model, tmp_path: Path) -> None:
    (model.folder / "directions.safetensors").write_bytes(b"torn")
    newcomer = tiny(tmp_path / "newcomer", seed=1)
    carry_over(model.folder, newcomer.folder)
    assert read(newcomer) == []


def test_a_copy_for_strangers_holds_what_fits_alone(model: Model) -> None:
    write(model, [replace(factorise(model, 1)[0], name="smile")])
    later = tiny(model.folder, seed=1)
    write(later, [*read(later), *factorise(later, 1)])
    keep_fitting(later)
    assert [direction.name for direction in read(later)] == ["weights 1"]
