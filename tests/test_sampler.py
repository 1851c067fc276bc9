"""Seeds, latents and pictures: one seed always gives the same picture."""

import json
import platform
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gan.errors import ModelError
from gan.families import FAMILIES
from gan.models import origin_path
from gan.recipes import ClassMix, Latent, Mix, Push, Start
from gan.sampler import Model, latents, parse_seeds
from tests.tiny_models import write_tiny_model

CLASSES = ("cats", "dogs", "öl")
SEEDS = [0, 1, 7, 42, 2**32 - 1]
ROOT = Path(__file__).parents[1]


@pytest.fixture
def model(tmp_path: Path) -> Model:
    write_tiny_model(tmp_path / "tiny", classes=CLASSES)
    return Model.open(tmp_path / "tiny", "cpu")


REDRAW = """
import resource
import gan
model = gan.load("emoji", device="cpu")
seen = []
for _ in range(6):
    model.generate(range(64))
    seen.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
print(min(after - before for before, after in zip(seen, seen[1:])))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc alone can be asked to keep memory")
def test_drawing_again_takes_its_memory_from_what_it_has_freed() -> None:
    made = subprocess.run([sys.executable, "-c", REDRAW], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(made.stdout) < 1000  # new pages; several times as many if freed memory is returned to the system


def test_a_seed_is_the_latent_and_the_class_that_the_design_says() -> None:
    z, class_index = latents([5, 2**32 - 1], 4, 3)
    for row, seed in enumerate((5, 2**32 - 1)):
        rng = np.random.RandomState(seed)
        assert z[row].tolist() == rng.standard_normal(4).astype(np.float32).tolist()
        assert class_index is not None
        assert class_index[row] == int(rng.random_sample() * 3)


def test_a_seed_keeps_its_latent_for_good() -> None:
    z, class_index = latents([42], 4, 8)
    expected = torch.tensor([[0.49671414, -0.1382643, 0.64768857, 1.5230298]])
    assert torch.equal(z, expected)
    assert class_index is not None
    assert class_index.tolist() == [1]


def test_an_unconditional_model_has_no_class() -> None:
    assert latents([1], 4, 0)[1] is None


@pytest.mark.parametrize("classes", [(), CLASSES], ids=["unconditional", "classes"])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_is_the_same_picture_for_any_batch_size(family: str, classes: tuple[str, ...], tmp_path: Path) -> None:
    write_tiny_model(tmp_path, family, classes)
    model = Model.open(tmp_path, "cpu")
    seeds = list(range(13))
    together = model.generate(seeds, batch=13).astype(int)
    assert together.shape == (13, model.config.resolution, model.config.resolution, 3)
    assert len(np.unique(together.reshape(13, -1), axis=0)) == 13
    for batch in (1, 4):
        assert np.abs(model.generate(seeds, batch=batch).astype(int) - together).max() <= 1
    assert np.abs(model.generate([12], batch=32).astype(int)[0] - together[12]).max() <= 1


@pytest.mark.parametrize("family", FAMILIES)
def test_psi_zero_is_one_picture_and_psi_changes_pictures(family: str, tmp_path: Path) -> None:
    write_tiny_model(tmp_path, family)
    model = Model.open(tmp_path, "cpu")
    average = model.generate(SEEDS, psi=0).astype(int)
    assert np.abs(average - average[0]).max() <= 1
    assert not np.array_equal(model.generate(SEEDS, psi=0.5), model.generate(SEEDS, psi=1.0))


def test_grey_pictures_have_one_channel(tmp_path: Path) -> None:
    config = write_tiny_model(tmp_path, channels=1)
    assert Model.open(tmp_path, "cpu").generate([3]).shape == (1, config.resolution, config.resolution, 1)


def test_a_class_is_chosen_by_name_and_else_by_the_seed(model: Model) -> None:
    _, chosen = latents(SEEDS, 8, len(CLASSES))
    assert chosen is not None
    free = model.generate(SEEDS)
    for name in CLASSES:
        named = model.generate(SEEDS, class_name=name)
        same = [np.array_equal(one, other) for one, other in zip(free, named, strict=True)]
        assert same == [CLASSES[index] == name for index in chosen.tolist()]


def test_no_seeds_are_no_pictures(model: Model) -> None:
    assert model.generate([]).shape == (0, model.config.resolution, model.config.resolution, 3)


def test_what_the_process_allows_elsewhere_does_not_change_a_picture(model: Model) -> None:
    before = model.generate(SEEDS)
    torch.set_float32_matmul_precision("medium")
    try:
        with torch.autocast("cpu", torch.bfloat16):
            after = model.generate(SEEDS)
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision("highest")
    assert np.array_equal(before, after)


def test_an_unknown_class_is_refused_with_those_there_are(model: Model) -> None:
    with pytest.raises(ModelError, match="no class birds.*cats, dogs, öl"):
        model.generate([1], class_name="birds")


def test_a_class_is_refused_where_there_are_none(tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "plain")
    with pytest.raises(ModelError, match="plain was trained without classes"):
        Model.open(tmp_path / "plain", "cpu").generate([1], class_name="cats")


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_out_of_range_is_refused(seed: int, model: Model) -> None:
    with pytest.raises(ModelError, match=f"{seed} is not a seed"):
        model.generate([1, seed])


@pytest.mark.parametrize("psi", [float("nan"), float("inf"), 2.1, -3])
def test_a_senseless_psi_is_refused(psi: float, model: Model) -> None:
    with pytest.raises(ModelError, match="psi is"):
        model.generate([1], psi=psi)


def test_latents_of_another_model_are_refused(model: Model) -> None:
    with pytest.raises(ModelError, match=r"shape \(2, 9\).*\(pictures, 8\)"):
        model.generate_from_z(torch.zeros(2, 9), torch.zeros(2, dtype=torch.int64))
    with pytest.raises(ModelError, match="needs one class for each"):
        model.generate_from_z(torch.zeros(2, 8), None)


def test_a_recipe_makes_the_same_picture_again(model: Model) -> None:
    recipe = model.recipe(7, 0.6).as_json()
    assert recipe == {
        "version": 1,
        "model": {"name": "tiny", "repo": None, "revision": None, "weights_sha256": model.config.weights_sha256},
        "seed": 7,
        "psi": 0.6,
        "class": recipe["class"],
    }
    assert recipe["class"] in CLASSES
    again = model.generate([recipe["seed"]], recipe["psi"], recipe["class"])
    assert np.array_equal(again, model.generate([7], 0.6))


def test_a_model_of_a_run_is_called_like_the_run(tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "runs" / "mine" / "model")
    assert Model.open(tmp_path / "runs" / "mine" / "model", "cpu").name == "mine"


def test_a_pulled_model_knows_its_repository_until_its_weights_change(tmp_path: Path) -> None:
    folder = tmp_path / "ada--cats"
    config = write_tiny_model(folder)
    record = {"repo": "ada/cats", "revision": "0" * 40, "weights_sha256": config.weights_sha256}
    origin_path(folder).write_text(json.dumps(record), encoding="utf-8")
    pulled = Model.open(folder, "cpu")
    assert (pulled.name, pulled.revision) == ("ada/cats", "0" * 40)
    assert pulled.recipe(1).as_json()["model"]["repo"] == "ada/cats"
    write_tiny_model(folder, seed=1)
    assert Model.open(folder, "cpu").revision is None


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("7", [7]),
        ("0-3,42", [0, 1, 2, 3, 42]),
        (" 5 , 1 - 2 ", [5, 1, 2]),
        ("3,1-4", [3, 1, 2, 4]),
        ("4294967295", [2**32 - 1]),
        ("７，１－３", [7, 1, 2, 3]),
    ],
)
def test_seeds_are_numbers_and_ranges_each_once(text: str, seeds: list[int]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", ",", "1,", "a", "-1", "3-1", "1-2-3", "1.5", "²", "0x10"])
def test_what_is_no_list_of_seeds_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="not a list of seeds"):
        parse_seeds(text)


def test_seeds_beyond_the_range_or_too_many_are_refused() -> None:
    with pytest.raises(ModelError, match="4294967296 is not a seed"):
        parse_seeds("4294967296")
    with pytest.raises(ModelError, match="99999999999 is not a seed"):
        parse_seeds("99999999999")
    with pytest.raises(ModelError, match="99999999999999999999… is not a seed"):
        parse_seeds("9" * 5000)
    with pytest.raises(ModelError, match="100001 seeds are too many"):
        parse_seeds("0-100000")
    with pytest.raises(ModelError, match="too many"):
        parse_seeds("0-99999,200000")
    with pytest.raises(ModelError, match="too many"):
        parse_seeds("0-4294967295")


def test_ranges_that_are_too_many_together_are_refused_before_they_are_counted_out() -> None:
    ranges = ",".join(f"{100_000 * start}-{100_000 * start + 99_999}" for start in range(100))
    tracemalloc.start()
    try:
        with pytest.raises(ModelError, match="too many"):
            parse_seeds(ranges)
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


# Recipes: points, mixing, directions


@pytest.fixture
def styled(tmp_path: Path) -> Model:
    """Return a model with different layers: six of them, at 32 px."""
    write_tiny_model(tmp_path / "styled", classes=CLASSES)
    return Model.open(tmp_path / "styled", "cpu")


def test_a_recipe_of_a_seed_is_that_seeds_picture(styled: Model) -> None:
    recipes = [styled.recipe(seed, 0.6, "dogs") for seed in SEEDS]
    assert np.abs(styled.render(recipes).astype(int) - styled.generate(SEEDS, 0.6, "dogs")).max() <= 1


def test_psi_0_is_the_mean_picture_of_its_class_whatever_the_seed(styled: Model) -> None:
    one, other, cats = styled.render(
        [styled.recipe(1, 0.0, "dogs"), styled.recipe(2, 0.0, "dogs"), styled.recipe(1, 0.0, "cats")]
    )
    assert np.array_equal(one, other)
    assert not np.array_equal(one, cats)


def test_mixing_all_layers_from_another_gives_the_other_and_no_layer_changes_nothing(styled: Model) -> None:
    a, b = styled.recipe(1), styled.recipe(2)
    layers = tuple(range(styled.latent_shape[0]))
    whole, none, half = (a.changed(mix=Mix(start=b.start, layers=part)) for part in (layers, (), layers[:2]))
    pictures = styled.render([a, b, whole, none, half])
    assert np.array_equal(pictures[2], pictures[1])
    assert np.array_equal(pictures[3], pictures[0])
    assert not np.array_equal(pictures[4], pictures[0])
    assert not np.array_equal(pictures[4], pictures[1])


def test_a_mix_of_classes_goes_from_the_one_to_the_other(styled: Model) -> None:
    a = styled.recipe(5, class_name="cats")
    steps = [a.changed(class_mix=ClassMix(class_name="dogs", amount=amount)) for amount in (0, 0.5, 1)]
    pictures = styled.render([*steps, a, styled.recipe(5, class_name="dogs")])
    assert np.array_equal(pictures[0], pictures[3])
    assert np.abs(pictures[2].astype(int) - pictures[4]).max() <= 1
    assert not np.array_equal(pictures[1], pictures[0])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_direction_at_0_changes_nothing_and_its_layers_alone_are_pushed(family: str, tmp_path: Path) -> None:
    write_tiny_model(tmp_path, family)
    model = Model.open(tmp_path, "cpu")
    vector = Latent.of(model.space, np.ones(model.latent_shape[-1], np.float32))
    pushes = [Push(name="up", vector=vector, strength=strength, layers=(0,)) for strength in (0.0, 2.0)]
    recipes = [model.recipe(1), *(model.recipe(1, directions=(push,)) for push in pushes)]
    points = model.points(recipes).values
    assert torch.equal(points[0], points[1])
    step = points[2] - points[0]
    if model.space == "w":
        assert torch.allclose(step[0], torch.full_like(step[0], 2.0), atol=1e-5)
        assert not step[1:].any()
    else:
        assert torch.allclose(step, torch.full_like(step, 2.0), atol=1e-5)


@pytest.mark.parametrize("space", ["z", "w"])
def test_a_latent_is_the_picture_of_the_seed_it_was_taken_from(styled: Model, space: Any) -> None:
    seed = styled.recipe(7, 0.8, "cats")
    z, _ = latents([7], 8, 3)
    w = styled.map(z, torch.tensor([0]))[0].numpy()
    latent = Latent.of(space, z[0].numpy() if space == "z" else w)
    pictures = styled.render([seed, styled.recipe(latent=latent, psi=0.8, class_name="cats")])
    assert np.array_equal(pictures[0], pictures[1])


def test_what_does_not_belong_to_the_model_is_refused(styled: Model, tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "other", seed=1)
    other = Model.open(tmp_path / "other", "cpu")
    write_tiny_model(tmp_path / "mlp", "mlp", CLASSES)
    flat = Model.open(tmp_path / "mlp", "cpu")
    with pytest.raises(ModelError, match="belongs to the weights of other"):
        styled.render([other.recipe(1)])
    with pytest.raises(ModelError, match=r"The latent has the format z \(9\); styled needs z \(8\) / w"):
        styled.recipe(latent=Latent.of("z", np.zeros(9, np.float32)), class_name="cats")
    with pytest.raises(ModelError, match="A latent does not choose a class"):
        styled.recipe(latent=Latent.of("z", np.zeros(8, np.float32)))
    with pytest.raises(ModelError, match="layers, numbered from 0"):
        styled.recipe(1, mix=Mix(start=Start(seed=2), layers=(30,)))
    with pytest.raises(ModelError, match="has no class birds"):
        styled.recipe(1, class_mix=ClassMix(class_name="birds", amount=0.5))
    with pytest.raises(ModelError, match="its family mlp"):
        flat.recipe(1, mix=Mix(start=Start(seed=2), layers=(0,)))
    with pytest.raises(ModelError, match="its family mlp"):
        flat.recipe(1, class_mix=ClassMix(class_name="cats", amount=0.5))
