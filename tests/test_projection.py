"""Projection: the latent of a picture is found, and its error is correct."""

import io
import threading
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan.errors import CheckpointError, DataError, ModelError
from gan.families import FAMILIES
from gan.projection import fit_picture, picture_error, project, read_picture, typical_error
from gan.projection.search import Pixels
from gan.recipes import parse_recipe
from gan.sampler import Model
from tests.tiny_models import write_tiny_model

CLASSES = ("cats", "dogs")
STEPS = 20


def tiny(folder: Path, family: str = "style", classes: tuple[str, ...] = CLASSES, channels: int = 3) -> Model:
    write_tiny_model(folder, family, classes, channels)
    return Model.open(folder, "cpu")


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return tiny(tmp_path / "tiny")


def noise(model: Model, seed: int = 0) -> Pixels:
    """Return a picture that no model draws."""
    side, channels = model.config.resolution, model.config.channels
    return np.random.RandomState(seed).randint(0, 256, (side, side, channels)).astype(np.uint8)


# From a picture to its latent


@pytest.mark.parametrize("classes", [(), CLASSES], ids=["unconditional", "classes"])
@pytest.mark.parametrize("family", FAMILIES)
def test_an_own_sample_comes_back_and_its_recipe_renders_it(family: str, classes: tuple[str, ...], tmp_path: Path) -> None:
    model = tiny(tmp_path, family, classes)
    own = model.generate([3], psi=0.7)[0]
    start, found = project(model, own, steps=1), project(model, own, steps=100)
    assert found.error < min(0.5 * start.error, 0.03)
    assert found.error == picture_error(found.picture, own)
    assert (model.render([found.recipe])[0] == found.picture).all()
    assert found.recipe.psi == 1
    assert found.recipe.latent is not None
    assert (found.recipe.latent.space, found.recipe.latent.shape) == (model.space, model.latent_shape)
    needs_class = bool(classes) and found.recipe.latent.is_input
    assert (found.recipe.class_name in classes) == needs_class, "no class was asked for, so none is claimed"
    assert found.recipe.lineage is not None
    assert found.recipe.lineage.tool == "project"
    assert parse_recipe(found.recipe.as_json(), "PNG") == found.recipe


def test_a_sample_comes_nearer_than_a_picture_of_something_else(model: Model) -> None:
    own, foreign = (project(model, picture, steps=STEPS).error for picture in (model.generate([3])[0], noise(model)))
    assert own < 0.2 * foreign
    assert typical_error(model, 2, steps=STEPS) < 0.2 * foreign


def test_the_error_is_the_root_of_the_mean_square_in_parts_of_white() -> None:
    black, white = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)
    assert [picture_error(black, other) for other in (black, white)] == [0, 1]
    half = black.copy()
    half[:2] = 255
    assert picture_error(black, half) == pytest.approx(0.5**0.5)


def test_the_same_seed_finds_the_same_latent(model: Model) -> None:
    first, again, other = (project(model, noise(model), steps=STEPS, seed=seed).recipe for seed in (1, 1, 2))
    assert first.latent == again.latent
    assert first.latent != other.latent


def test_the_search_keeps_to_the_class_that_is_named(model: Model) -> None:
    own = model.generate([3], class_name="cats")[0]
    assert [project(model, own, class_name=name, steps=2).recipe.class_name for name in CLASSES] == list(CLASSES)
    with pytest.raises(ModelError, match="has no class"):
        project(model, own, class_name="birds")


@pytest.mark.parametrize("channels", [1, 3])
def test_grey_models_take_grey_pictures(channels: int, tmp_path: Path) -> None:
    model = tiny(tmp_path, channels=channels)
    assert project(model, noise(model), steps=2).picture.shape == (16, 16, channels)
    with pytest.raises(DataError, match=f"draws 16 × 16 × {channels}"):
        project(model, np.zeros((16, 16, 4), np.uint8))


def test_a_model_without_a_discriminator_projects_by_pixels_alone(tmp_path: Path) -> None:
    model = tiny(tmp_path)
    own = model.generate([3])[0]
    seeing = project(model, noise(model), steps=STEPS).recipe.latent
    (tmp_path / "discriminator.safetensors").unlink()
    assert project(model, own, steps=60).error < 0.05
    assert project(model, noise(model), steps=STEPS).recipe.latent != seeing
    (tmp_path / "discriminator.safetensors").write_bytes(b"torn")
    with pytest.raises(CheckpointError, match="truncated"):
        project(model, own, steps=1)


# Progress and stopping


def test_progress_tells_every_step_and_an_error_that_only_falls(model: Model) -> None:
    told: list[tuple[int, int, float]] = []
    found = project(model, noise(model), steps=STEPS, progress=lambda *values: told.append(values))
    assert [(done, total) for done, total, _ in told] == [(done, STEPS) for done in range(1, STEPS + 1)]
    errors = [error for *_, error in told]
    assert errors == sorted(errors, reverse=True)
    assert found.error == pytest.approx(errors[-1], abs=0.003), "but for rounding to whole levels"


def test_a_better_picture_is_shown_as_soon_as_it_is_found(model: Model) -> None:
    told: list[float] = []
    shown: list[tuple[float, float]] = []
    project(
        model,
        noise(model),
        steps=STEPS,
        progress=lambda *values: told.append(values[2]),
        look=lambda picture: shown.append((told[-1], picture_error(picture, noise(model)))),
    )
    falls = [later for before, later in pairwise(told) if later < before]
    assert len(falls) > STEPS / 2
    assert [error for error, _ in shown] in (falls, told[:1] + falls), "the first step may be better than the start, or not"
    for error, seen in shown:
        assert seen == pytest.approx(error, abs=0.003)


@pytest.mark.parametrize("after", [0, 7, 15])
def test_stopping_keeps_the_best_so_far(after: int, model: Model) -> None:
    told: list[float] = []
    found = project(
        model, noise(model), steps=STEPS, progress=lambda *values: told.append(values[2]), stop=lambda: len(told) >= after
    )
    assert found.steps == len(told) == after
    assert (model.render([found.recipe])[0] == found.picture).all()
    if after:
        assert found.error == pytest.approx(told[-1], abs=0.003)


def test_the_error_of_own_samples_is_measured_once(model: Model) -> None:
    told: list[tuple[int, int]] = []
    first = typical_error(model, 2, steps=4, progress=lambda done, total, _: told.append((done, total)))
    assert told == [(done, 8) for done in range(1, 9)]
    assert typical_error(model, 2, steps=4, progress=lambda *values: pytest.fail("it was measured again")) == first


def test_a_measurement_that_was_stopped_is_not_remembered(model: Model) -> None:
    begun: list[int] = []
    typical_error(model, 2, steps=4, progress=lambda done, *_: begun.append(done), stop=lambda: len(begun) > 2)
    told: list[int] = []
    typical_error(model, 2, steps=4, progress=lambda done, *_: told.append(done))
    assert told[-1] == 8


# With other threads


def test_others_sample_undisturbed_meanwhile(model: Model) -> None:
    expected = model.generate(range(4))
    state = torch.get_rng_state()
    before = {name: (value.clone(), value.requires_grad) for name, value in model.generator.named_parameters()}
    wrong: list[int] = []
    ended = threading.Event()

    def sample() -> None:
        while not ended.is_set():
            wrong.append(int(np.abs(model.generate(range(4)).astype(int) - expected).max()))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        with torch.inference_mode():  # the caller's inference mode has no effect either
            project(model, noise(model), steps=STEPS)
    finally:
        ended.set()
        thread.join()
    assert wrong
    assert max(wrong) == 0
    assert not model.generator.training
    assert torch.equal(torch.get_rng_state(), state)
    for name, value in model.generator.named_parameters():
        assert torch.equal(value, before[name][0])
        assert value.requires_grad == before[name][1]
        assert value.grad is None


# A visitor's picture


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_cropped_to_its_middle_square(kind: str, model: Model, tmp_path: Path) -> None:
    image = Image.new("RGB", (300, 100), (255, 0, 0))
    image.paste((0, 0, 255), (100, 0, 200, 100))
    content = encoded(image, kind)
    (tmp_path / "picture").write_bytes(content)
    for fitted in (
        read_picture(content, model),
        read_picture(tmp_path / "picture", model),
        fit_picture(np.asarray(image), model),
    ):
        assert fitted.shape == (16, 16, 3)
        assert fitted.dtype == np.uint8
        assert np.abs(fitted[2:-2, 2:-2].astype(int) - (0, 0, 255)).max() < 12


def test_a_fine_pattern_becomes_grey_not_chance(model: Model) -> None:
    board = ((np.indices((256, 256)).sum(0) % 2) * 255).astype(np.uint8)
    assert np.abs(fit_picture(board, model).astype(int) - 127).max() <= 2


def test_what_shines_through_is_white_and_grey_models_get_grey(tmp_path: Path) -> None:
    model = tiny(tmp_path, channels=1)
    clear = np.zeros((40, 30, 4), np.uint8)
    assert fit_picture(clear, model).shape == (16, 16, 1)
    assert (fit_picture(clear, model) == 255).all()
    assert (read_picture(encoded(Image.fromarray(clear)), model) == 255).all()
    assert (fit_picture(np.full((5, 9, 3), (255, 0, 0), np.uint8), model) == 76).all()


def test_what_is_no_picture_or_too_large_is_one_sentence(model: Model, tmp_path: Path) -> None:
    vast = bytearray(encoded(Image.new("L", (1, 1))))
    vast[16:24] = (20_000).to_bytes(4, "big") * 2  # the header alone states this size; no pixel is decoded
    vast[29:33] = zlib.crc32(vast[12:29]).to_bytes(4, "big")
    for content in (bytes(vast), encoded(Image.new("1", (31_000, 2)))):
        with pytest.raises(DataError, match="more than 50 million pixels, or a side of more than 30000"):
            read_picture(content, model)
    with pytest.raises(DataError, match="50 million"):
        fit_picture(np.broadcast_to(np.uint8(0), (20_000, 20_000, 3)), model)
    for content in (b"", b"GIF89a", encoded(Image.new("RGB", (9, 9)))[:40]):
        with pytest.raises(DataError, match="cannot be read"):
            read_picture(content, model)
    with pytest.raises(DataError, match="cannot be read"):
        read_picture(tmp_path / "absent.png", model)
    with pytest.raises(DataError, match="more than 64 MB"):
        read_picture(bytes((64 << 20) + 1), model)
    for array in (np.zeros((4, 4, 2), np.uint8), np.zeros((0, 4, 3), np.uint8), np.zeros(4, np.uint8)):
        with pytest.raises(DataError, match="cannot be read"):
            fit_picture(array, model)
