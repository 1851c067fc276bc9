"""Configs: the values that are chosen, and choices that are refused with the reason."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from gan import data
from gan.config import PRESETS, ModelConfig, choose_size, parse_run, resolve_run
from gan.config.presets import FIXED_STRENGTH
from gan.errors import ConfigError
from gan.losses.augmentation import mirroring_suits
from gan.losses.objectives import OBJECTIVES
from gan.machine import detect_threads
from tests.tiny_models import write_tiny_model
from tests.tiny_runs import FIXTURE


@pytest.fixture
def dataset(home: Path) -> data.Dataset:
    return data.prepare(FIXTURE, home=home, size=32)


def refusal(dataset: data.Dataset, **chosen: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        resolve_run(dataset, device="cpu", **chosen)
    return caught.value


@pytest.mark.parametrize("preset", [name for name, values in PRESETS.items() if values.get("resolution") in (None, 32)])
def test_a_preset_makes_a_whole_recipe_that_survives_json(dataset: data.Dataset, preset: str) -> None:
    config = resolve_run(dataset, preset=preset, device="cpu")
    assert parse_run(json.loads(config.model_dump_json())) == config
    assert config.classes == tuple(dataset.classes)
    assert config.pictures == len(dataset.train_indices)
    assert config.minutes is not None, "a run must know when to end"


def test_what_the_user_says_goes_before_the_preset(dataset: data.Dataset) -> None:
    config = resolve_run(dataset, preset="quick", images=100, batch=4, objective="hinge", penalty="r1", seed=7, device="cpu")
    assert (config.images_total, config.minutes, config.batch, config.objective, config.seed) == (100, None, 4, "hinge", 7)


@pytest.mark.parametrize(
    ("side", "count", "chosen", "kind"),
    [
        (64, 2000, {}, "both"),
        (64, 1999, {}, "own"),
        (32, 2000, {}, "own"),
        (64, 2000, {"discriminator": "own"}, "own"),
        (64, 2000, {"objective": "hinge"}, "own"),
        (64, 2000, {"family": "dcgan"}, "own"),
        (64, 2000, {"preset": "best"}, "both"),
        (16, 20, {"discriminator": "both"}, "both"),
        (16, 20, {"discriminator": "features"}, "features"),
    ],
)
def test_pretrained_features_judge_large_sets_of_larger_pictures_unless_the_user_chooses(
    dataset: data.Dataset, side: int, count: int, chosen: dict[str, Any], kind: str
) -> None:
    some = replace(dataset, resolution=side, train_indices=np.arange(count) % len(dataset.pictures))
    config = resolve_run(some, images=1, device="cpu", **chosen)
    assert config.discriminator == kind
    network = config.network.model_dump()
    if config.family == "style":  # heads take most of a step, so a wider generator costs little beside them
        assert (network["generator_capacity"], network["fine_width"]) == ((1024, 16) if kind == "own" else (2048, 32))


def test_a_fine_tuning_plays_with_its_parents_own_discriminator(dataset: data.Dataset, home: Path) -> None:
    parent = write_tiny_model(home / "parent")
    large = replace(dataset, resolution=64, train_indices=np.arange(2000) % len(dataset.pictures))
    config = resolve_run(large, parent=parent, parent_name="parent", parent_folder="x", images=1, device="cpu")
    assert config.discriminator == "own"


def test_wasserstein_without_a_penalty_is_refused(dataset: data.Dataset) -> None:
    assert refusal(dataset, objective="wasserstein", penalty="none", images=1).code == "objective_needs_penalty"


@pytest.mark.parametrize("penalty", ["r1", "r2", "r1+r2", "wgan-gp"])
def test_a_penalty_on_a_discriminator_with_batch_norm_is_refused(dataset: data.Dataset, penalty: str) -> None:
    config = resolve_run(dataset, family="dcgan", penalty=penalty, images=1, device="cpu")
    assert config.network.discriminator_batch_norm is False, "left to us, batch norm gives way"  # type: ignore[attr-defined]
    values = config.model_dump(mode="json")
    values["network"]["discriminator_batch_norm"] = True
    with pytest.raises(ConfigError) as caught:
        parse_run(values)
    assert caught.value.code == "penalty_with_batch_norm"


@pytest.mark.parametrize(
    ("chosen", "word"),
    [
        ({"family": "vae"}, "style, dcgan, mlp"),
        ({"objective": "best"}, "relativistic"),
        ({"penalty": "l2"}, "wgan-gp"),
        ({"batch": 1}, "batch"),
        ({"batch": 10**6}, "batch"),
        ({"images": 0}, "images_total"),
        ({"minutes": float("nan")}, "minutes"),
        ({"preset": "finest"}, "quick"),
    ],
)
def test_a_choice_out_of_bounds_is_named(dataset: data.Dataset, chosen: dict[str, Any], word: str) -> None:
    assert word in str(refusal(dataset, **({"images": 1} if "minutes" not in chosen else {}) | chosen))


def test_a_side_the_family_does_not_know_is_refused(home: Path) -> None:
    odd = data.prepare(FIXTURE, home=home, size=28)
    assert "28" in str(refusal(odd, images=1))
    assert resolve_run(odd, family="mlp", images=1, device="cpu").resolution == 28


def test_a_fine_tuned_model_keeps_its_parents_networks(dataset: data.Dataset, tmp_path: Path) -> None:
    parent = write_tiny_model(tmp_path / "parent")
    config = resolve_run(dataset, parent=parent, parent_name="parent", parent_folder="x", images=1, device="cpu")
    assert (config.network, config.z_dim) == (parent.network, parent.z_dim)
    assert choose_size("good", parent, 64) == 16
    assert choose_size("good", None, 64) == 64


def test_only_sets_that_look_the_same_mirrored_are_flipped(dataset: data.Dataset) -> None:
    augmentations = resolve_run(dataset, images=1, device="cpu").augmentations
    assert "flip" in augmentations
    strokes = np.zeros_like(dataset.pictures)
    strokes[:, 4:28, 6] = 255
    assert "flip" not in resolve_run(replace(dataset, pictures=strokes), images=1, device="cpu").augmentations


def test_augmentation_adapts_where_pictures_are_held_out_to_adapt_to(dataset: data.Dataset) -> None:
    many = replace(dataset, held_out_indices=dataset.train_indices[:16])
    adapting = resolve_run(many, images=1, device="cpu")
    assert adapting.augment_target is not None
    assert set(adapting.augmentations) >= {"colour", "translation", "cutout"}
    few = resolve_run(dataset, images=1, device="cpu")
    assert few.augment_target is None
    assert few.augment_strength == few.augment_strength_end > 0, "the smallest sets need it most"
    fixed = resolve_run(many, images=1, device="cpu", augment_strength_end=0.7)
    assert (fixed.augment_target, fixed.augment_strength, fixed.augment_strength_end) == (None, 0.0, 0.7)
    assert resolve_run(dataset, family="dcgan", images=1, device="cpu").augment_target is None


def test_augmentation_cannot_follow_scores_that_batch_norm_mixes(dataset: data.Dataset) -> None:
    many = replace(dataset, held_out_indices=dataset.train_indices[:16])
    assert refusal(many, family="dcgan", augment_target=0.4, images=1).code == "adapting_with_batch_norm"


def test_augmentation_without_an_own_discriminator_has_a_fixed_strength(dataset: data.Dataset) -> None:
    many = replace(dataset, held_out_indices=dataset.train_indices[:16])
    alone = resolve_run(many, images=1, device="cpu", discriminator="features")
    assert alone.augment_target is None
    assert alone.augment_strength == alone.augment_strength_end == FIXED_STRENGTH
    assert resolve_run(many, images=1, device="cpu", discriminator="both").augment_target is not None
    values = alone.model_dump(mode="json") | {"augment_target": 0.4}
    with pytest.raises(ConfigError) as caught:
        parse_run(values)
    assert caught.value.code == "adapting_without_own"


def test_settings_of_the_heads_are_chosen_one_by_one_and_an_older_run_keeps_its_own(dataset: data.Dataset) -> None:
    usual = resolve_run(dataset, images=1, device="cpu", discriminator="both")
    assert usual.features.softened == 2
    chosen = resolve_run(dataset, images=1, device="cpu", discriminator="both", features={"width": 8})
    assert (chosen.features.width, chosen.features.softened) == (8, 2)
    assert resolve_run(dataset, images=1, device="cpu", features={"softened": 0}).features.softened == 0
    older = usual.model_dump(mode="json")
    del older["features"]["softened"]
    assert parse_run(older).features.softened == 0, "it is resumed as it began"


def test_a_run_from_before_there_were_kinds_of_discriminators_has_its_own(dataset: data.Dataset) -> None:
    values = resolve_run(dataset, images=1, device="cpu").model_dump(mode="json")
    assert (values.pop("discriminator"), values.pop("features")["weight"]) == ("own", 0.3)
    assert parse_run(values).discriminator == "own"


@pytest.mark.parametrize(
    ("chosen", "word"),
    [
        ({"discriminator": "jury"}, "known are own, features, both"),
        ({"features": {"objective": "wasserstein"}}, "objective is 'wasserstein'"),
        ({"features": {"scales": (8, 4)}}, "in this order"),
        ({"features": {"wieght": 1}}, "features.wieght"),
    ],
)
def test_a_discriminator_that_cannot_be_is_refused_by_name(dataset: data.Dataset, chosen: dict[str, Any], word: str) -> None:
    assert word in str(refusal(dataset, images=1, **chosen))


def test_heads_judge_neighbours_together_so_that_a_batch_is_a_multiple(dataset: data.Dataset) -> None:
    chosen: dict[str, Any] = {"family": "mlp", "images": 1, "batch": 6}
    assert resolve_run(dataset, device="cpu", **chosen).batch == 6
    assert refusal(dataset, discriminator="features", **chosen).code == "batch_multiple"


def test_naming_what_is_usual_changes_nothing(dataset: data.Dataset) -> None:
    usual = resolve_run(dataset, images=1, device="cpu")
    assert resolve_run(dataset, images=1, device="cpu", penalty=usual.penalty) == usual


def test_a_batch_the_discriminator_cannot_group_is_refused(dataset: data.Dataset) -> None:
    assert refusal(dataset, images=1, batch=10).code == "batch_multiple"


def test_what_follows_from_the_machine_cannot_be_chosen(dataset: data.Dataset) -> None:
    with pytest.raises(TypeError, match="precision"):
        resolve_run(dataset, images=1, precision="bfloat16")


def test_threads_that_were_chosen_are_kept(dataset: data.Dataset) -> None:
    chosen, left = resolve_run(dataset, device="cpu", threads=7), resolve_run(dataset, device="cpu")
    assert (chosen.threads, chosen.fit_threads) == (7, False)
    assert (left.threads, left.fit_threads) == (detect_threads(), True)


def test_the_tutorial_keeps_its_critic_free_of_batch_norm_whatever_the_penalty(home: Path) -> None:
    colour = data.prepare(FIXTURE, home=home, size=64)
    config = resolve_run(colour, preset="tutorial-wgan", objective="least-squares", penalty="none", device="cpu")
    assert config.network.discriminator_batch_norm is False  # type: ignore[attr-defined]


def test_digits_are_not_mirrored(tmp_path: Path) -> None:
    strokes = np.zeros((400, 16, 16, 1), np.uint8)
    strokes[:, 2:14, 3] = 255  # every "digit" has its bar on the left
    strokes += np.random.RandomState(0).randint(0, 60, strokes.shape, dtype=np.uint8) // 2
    assert not mirroring_suits(strokes)
    assert mirroring_suits(np.concatenate([strokes, strokes[:, :, ::-1]]))


def test_a_recipe_follows_the_side_of_its_pictures(dataset: data.Dataset, home: Path) -> None:
    """Trainings of larger pictures grow through more sides, and have a larger penalty weight, because a slope is spread over more
    pixels.
    """
    small, large = (resolve_run(each, images=1, device="cpu") for each in (dataset, data.prepare(FIXTURE, home=home, size=64)))
    assert [side for side, _ in small.growth] == [16]
    assert [side for side, _ in large.growth] == [16, 32]
    assert large.penalty_weight == pytest.approx(4 * small.penalty_weight)
    assert resolve_run(dataset, images=1, device="cpu", growth=()).growth == ()
    assert resolve_run(dataset, family="mlp", images=1, device="cpu").growth == ()


def test_a_fine_tuned_model_grows_anew(home: Path, tmp_path: Path) -> None:
    """A fine-tuned model also learns coarse content before fine detail, and steps on small pictures are cheap."""
    parent = write_tiny_model(tmp_path / "parent")  # of 16 pixels
    for size in (16, 32):
        own = data.prepare(FIXTURE, home=home, size=size)
        config = resolve_run(own, parent=parent, parent_name="parent", parent_folder="x", images=1, device="cpu")
        assert config.growth == resolve_run(own, images=1, device="cpu").growth


def test_a_fine_tuned_generator_begins_slowly_unless_a_rate_is_wished(dataset: data.Dataset, tmp_path: Path) -> None:
    parent: dict[str, Any] = {"parent": write_tiny_model(tmp_path / "parent"), "parent_name": "parent", "parent_folder": "x"}
    scratch = resolve_run(dataset, images=1, device="cpu")
    tuned = resolve_run(dataset, images=1, device="cpu", **parent)
    assert tuned.generator_lr / scratch.generator_lr < tuned.discriminator_lr / scratch.discriminator_lr <= 1
    assert tuned.batch < scratch.batch, "a short training gains by many steps"
    assert tuned.warmup_images > scratch.warmup_images
    chosen = resolve_run(dataset, images=1, device="cpu", generator_lr=0.02, warmup_images=8, **parent)
    assert (chosen.generator_lr, chosen.warmup_images) == (0.02, 8)


@pytest.mark.parametrize(
    ("family", "growth"),
    [
        ("style", ((16, 0.5), (8, 0.6))),
        ("style", ((8, 0.5), (16, 0.4))),
        ("style", ((8, 0.5), (8, 0.6))),
        ("style", ((12, 0.5),)),
        ("style", ((32, 0.5),)),
        ("style", ((16, 1.5),)),
        ("dcgan", ((16, 0.5),)),
    ],
)
def test_growth_goes_from_coarse_to_fine_through_sides_the_family_has(
    dataset: data.Dataset, family: str, growth: tuple[tuple[int, float], ...]
) -> None:
    assert "growth" in str(refusal(dataset, family=family, growth=growth, images=100))
    assert resolve_run(dataset, growth=((8, 0.2), (16, 0.5)), images=100, device="cpu").growth_images == 100


def test_a_run_refuses_fields_it_does_not_know(dataset: data.Dataset) -> None:
    values = resolve_run(dataset, images=1, device="cpu").model_dump(mode="json")
    with pytest.raises(ConfigError) as caught:
        parse_run(values | {"learning_rate": 1})
    assert "learning_rate" in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"resolution": 48},
        {"resolution": 1024},
        {"channels": 4},
        {"z_dim": 10**6},
        {"classes": ["only one"]},
        {"classes": ["twice", "twice"]},
        {"classes": [str(number) for number in range(1001)]},
        {"network": {"w_dim": 10**9}},
        {"family": "__import__"},
        {"surprise": True},
        {"weights_sha256": "short"},
    ],
)
def test_a_model_config_is_closed_and_bounded(tmp_path: Path, change: dict[str, Any]) -> None:
    good = json.loads(write_tiny_model(tmp_path / "model").model_dump_json())
    assert ModelConfig.model_validate(good)
    with pytest.raises(ValidationError):
        ModelConfig.model_validate(good | change)


def test_every_objective_is_within_reach_of_the_command_line(dataset: data.Dataset) -> None:
    for objective in OBJECTIVES:
        assert resolve_run(dataset, objective=objective, images=1, device="cpu").objective == objective
