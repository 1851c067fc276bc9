"""The operations on latents for each family in FAMILIES, and for families that the test adds to it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan.config import ModelConfig
from gan.errors import ModelError
from gan.families import (
    FAMILIES,
    Discriminator,
    Family,
    Generator,
    LatentSpace,
    Plan,
    Settings,
    Way,
    build_discriminator,
    build_generator,
)
from gan.models import read_discriminator, read_generator, write_model
from gan.recipes import SPACES, Latent, Mix, Push, Start
from gan.sampler import Model, between, breed, explore, latent_of, vary, walk
from tests.tiny_models import write_tiny_model

EACH_FAMILY = pytest.mark.parametrize("family", FAMILIES)
CLASSES = ("cats", "dogs")
SIDE, Z_DIM = 16, 8


def opened(folder: Path, family: str, classes: tuple[str, ...] = CLASSES) -> Model:
    write_tiny_model(folder / "pets", family, classes)
    return Model.open(folder / "pets", "cpu")


# The contract, for each family of the table


@EACH_FAMILY
@torch.no_grad()
def test_mapping_truncating_and_drawing_make_the_pictures_of_the_generator(family: str, tmp_path: Path) -> None:
    model = opened(tmp_path, family)
    latent = model.latent
    z, rows = torch.randn(4, model.config.z_dim), torch.tensor([0, 1, 1, 0])
    mapped = latent.map(z, rows)
    assert mapped.shape == (4, latent.dim)
    assert latent.shape[-1] == latent.dim
    near = torch.stack([latent.truncate(row, latent.centre(int(index)), 0.7) for row, index in zip(mapped, rows, strict=True)])
    points = latent.spread(near)
    assert points.shape == (4, *latent.shape)
    torch.testing.assert_close(latent.draw(points, rows), model.generator.sample(z, rows, 0.7))


@EACH_FAMILY
def test_truncation_ends_at_the_centre_and_at_the_latent(family: str, tmp_path: Path) -> None:
    latent = opened(tmp_path, family).latent
    centre, other = latent.centre(1), torch.randn(latent.dim)
    torch.testing.assert_close(latent.truncate(other, centre, 0.0), centre)
    torch.testing.assert_close(latent.truncate(other, centre, 1.0), other)


@EACH_FAMILY
def test_points_are_in_a_space_that_files_know_and_that_a_morph_can_cross(family: str, tmp_path: Path) -> None:
    latent = opened(tmp_path, family).latent
    assert {way.space for way in latent.ways} <= set(SPACES)
    way = latent.way(latent.space)
    assert way is not None
    assert way.through_points
    assert latent.is_point(latent.space, latent.shape)
    assert latent.is_point(latent.space, (latent.dim,))
    assert not latent.is_point(latent.space, (latent.dim + 1,))
    assert latent.can_mix_layers == (latent.layers > 0)


@EACH_FAMILY
@torch.no_grad()
def test_a_push_changes_the_layers_it_names_and_a_move_of_no_distance_nothing(family: str, tmp_path: Path) -> None:
    latent = opened(tmp_path, family).latent
    before = torch.randn(*latent.shape)
    point, step = before.clone(), torch.ones(latent.dim)
    latent.push(point, step, (0,))
    pushed = point - before
    expected = torch.zeros_like(before)
    expected[0 if latent.layers else slice(None)] = 1
    torch.testing.assert_close(pushed, expected)
    torch.testing.assert_close(latent.move(before, torch.randn(latent.z_dim), 0, 0.0), before)
    assert not torch.allclose(latent.move(before, torch.randn(latent.z_dim), 0, 0.5), before)


@EACH_FAMILY
@torch.no_grad()
def test_directions_find_the_matrix_that_latents_enter_by(family: str, tmp_path: Path) -> None:
    model = opened(tmp_path, family)
    matrix = model.latent.sensitivity(None)
    assert matrix is not None
    assert matrix.ndim == 2
    assert matrix.shape[1] == model.latent.dim
    if model.latent.is_normal:
        features = model.latent.first_features(torch.randn(4, model.latent.z_dim), torch.tensor([0, 1, 1, 0]))
        assert features is not None
        assert features.shape == (4, len(matrix))


def test_building_and_loading_networks_imports_neither_dynamo_nor_sympy(tmp_path: Path) -> None:
    """Random numbers and `to_empty` on the meta device import both modules, which takes more CPU time than `import torch`."""
    for family in FAMILIES:
        write_tiny_model(tmp_path / family, family, CLASSES)
    code = (
        "import sys; from pathlib import Path; from gan.models import read_discriminator, read_generator\n"
        "for path in map(Path, sys.argv[1:]): read_generator(path); assert read_discriminator(path) is not None\n"
        "print(*sorted({'torch._dynamo', 'sympy'} & sys.modules.keys()))"
    )
    folders = [str(tmp_path / family) for family in FAMILIES]
    answer = subprocess.run([sys.executable, "-c", code, *folders], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""


# A family with a latent, added by one object and one line


class PlainSettings(Settings):
    """Settings without fields."""


class MappedGenerator(Generator):
    """Maps z to w, which the whole generator shares, and w to a picture."""

    def __init__(self, *, resolution: int, channels: int, z_dim: int, num_classes: int, network: PlainSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, z_dim=z_dim, num_classes=num_classes)
        self.mapping = nn.Linear(z_dim, 6)
        self.picture = nn.Linear(6, channels * resolution * resolution)

    def paint(self, w: Tensor) -> Tensor:
        return torch.tanh(self.picture(w)).unflatten(1, (self.channels, self.resolution, self.resolution))

    def forward(self, inputs: Tensor, class_index: Tensor | None) -> Tensor:
        return self.paint(torch.tanh(self.mapping(inputs)))

    def sample(self, z: Tensor, class_index: Tensor | None, psi: float) -> Tensor:
        return self.paint(torch.tanh(self.mapping(z)) * psi)


class MappedLatent(LatentSpace):
    """A space of w with mean 0, one w for the whole generator."""

    space = "w"
    ways = (Way("w", through_points=True, spherical=False, across_classes=True),)
    is_normal = points_carry_class = can_mix_classes = False
    dim = 6

    def map(self, z: Tensor, class_index: Tensor | None) -> Tensor:
        return torch.tanh(self.generator.mapping(z))

    def centre(self, class_row: int | None) -> Tensor:
        return torch.zeros(self.dim)

    def truncate(self, latent: Tensor, centre: Tensor, psi: float) -> Tensor:
        return latent * psi

    def spread(self, latents: Tensor) -> Tensor:
        return latents

    def draw(self, points: Tensor, class_index: Tensor | None) -> Tensor:
        return self.generator.paint(points)

    def move(self, latent: Tensor, z: Tensor, class_row: int, distance: float, size: float = 1.0) -> Tensor:
        return latent + distance * size * self.map(z[None], None)[0]

    def push(self, point: Tensor, step: Tensor, layers: Any) -> None:
        point += step

    def sensitivity(self, layers: Any) -> Tensor:
        weight: Tensor = self.generator.picture.weight
        return weight


class PlainDiscriminator(Discriminator):
    """A discriminator of one layer, for any family."""

    def __init__(self, *, resolution: int, channels: int, num_classes: int, network: PlainSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, num_classes=num_classes)
        self.logit = nn.Linear(channels * resolution * resolution, 1)

    def forward(self, pictures: Tensor, class_index: Tensor | None) -> Tensor:
        return self.logit(pictures.flatten(1)).squeeze(1)


MAPPED = Family(
    settings=PlainSettings,
    generator=MappedGenerator,
    discriminator=PlainDiscriminator,
    resolutions=(SIDE,),
    plan=Plan(scratch={"objective": "hinge"}),
    latent=MappedLatent,
)


def written(folder: Path, family: str) -> ModelConfig:
    """Write a model folder with untrained networks of a family."""
    sizes: dict[str, Any] = {"resolution": SIDE, "channels": 3, "network": PlainSettings()}
    config = ModelConfig(family=family, z_dim=Z_DIM, **sizes)
    torch.manual_seed(0)
    generator = build_generator(family, z_dim=Z_DIM, num_classes=0, **sizes)
    return write_model(folder, config, generator, build_discriminator(family, num_classes=0, **sizes))


@pytest.fixture
def mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.setitem(FAMILIES, "mapped", MAPPED)
    written(tmp_path / "mapped", "mapped")
    return Model.open(tmp_path / "mapped", "cpu")


def test_a_new_family_generates_and_its_recipes_render_the_same_pictures(mapped: Model) -> None:
    pictures = mapped.generate(range(4))
    assert pictures.shape == (4, SIDE, SIDE, 3)
    assert np.abs(pictures.astype(int) - mapped.render([mapped.recipe(seed) for seed in range(4)])).max() <= 1
    flat = mapped.generate(range(4), psi=0.0)
    assert (flat == flat[:1]).all()


def test_a_new_family_morphs_varies_breeds_and_explores(mapped: Model) -> None:
    a, b = mapped.recipe(1), mapped.recipe(2)
    middle = between(mapped, a, b, 0.5, "w")
    torch.testing.assert_close(mapped.points([middle]).values, mapped.points([a, b]).values.mean(0, keepdim=True))
    assert len(torch.cat([points.values for points in walk(mapped, [a, b], 5, space="w")])) == 5
    children = breed(mapped, [a, b], seed=3, count=2)
    mapped.render([vary(mapped, middle, 0.5, 1), explore(mapped, 0.3, 0.7), *children])
    assert latent_of(mapped, middle, "w").shape == (6,)


def test_a_new_family_refuses_what_its_latents_cannot_do(mapped: Model) -> None:
    with pytest.raises(ModelError, match="mapped"):
        mapped.recipe(1, mix=Mix(start=Start(seed=2), layers=(0,)))
    with pytest.raises(ModelError, match="mapped"):
        between(mapped, mapped.recipe(1), mapped.recipe(2), 0.5, "z")
    with pytest.raises(ModelError, match="w \\(6\\)"):
        mapped.recipe(1, directions=(Push(name="wide", vector=Latent.of("w", np.ones(7, np.float32)), strength=1),))


# A family without a latent


class Translator(Generator):
    """Maps pictures to pictures."""

    def __init__(self, *, resolution: int, channels: int, z_dim: int, num_classes: int, network: PlainSettings) -> None:
        super().__init__(resolution=resolution, channels=channels, z_dim=z_dim, num_classes=num_classes)
        self.convolution = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, inputs: Tensor, class_index: Tensor | None) -> Tensor:
        return torch.tanh(self.convolution(inputs))


@pytest.fixture
def translator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    family = Family(
        settings=PlainSettings,
        generator=Translator,
        discriminator=PlainDiscriminator,
        resolutions=(SIDE,),
        plan=Plan(scratch={"objective": "hinge"}),
        latent=None,
    )
    monkeypatch.setitem(FAMILIES, "translator", family)
    written(tmp_path / "day-night", "translator")
    return tmp_path / "day-night"


def test_a_translator_is_kept_read_and_makes_pictures_from_pictures(translator: Path) -> None:
    config, generator = read_generator(translator)
    assert (config.family, config.resolution) == ("translator", SIDE)
    pictures = torch.rand(2, 3, SIDE, SIDE) * 2 - 1
    made = generator(pictures, None)
    assert made.shape == pictures.shape
    torch.manual_seed(0)
    fresh = build_generator("translator", resolution=SIDE, channels=3, z_dim=Z_DIM, num_classes=0, network=PlainSettings())
    torch.testing.assert_close(made, fresh(pictures, None))
    discriminator = read_discriminator(translator)
    assert discriminator is not None
    assert discriminator(made, None).shape == (2,)


def test_a_translator_refuses_seeds_latents_and_recipes_in_one_sentence(translator: Path) -> None:
    model = Model.open(translator, "cpu")
    for ask in (
        lambda: model.generate([1]),
        lambda: model.generate_from_z(torch.zeros(1, Z_DIM), None),
        lambda: model.recipe(1),
        lambda: model.map(torch.zeros(1, Z_DIM), None),
        lambda: model.centre(None),
    ):
        with pytest.raises(ModelError, match="day-night is of the family translator, which makes pictures from pictures"):
            ask()
