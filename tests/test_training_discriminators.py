"""Heads on pretrained features in a training: their learning, their saved state, and the notes of fine-tuning."""

from pathlib import Path

import numpy as np
import pytest
import torch

from gan.config import parse_run
from gan.discriminators import DISCRIMINATORS, FeatureSettings
from gan.models import read_config, read_discriminator
from gan.order import Parent
from gan.runs import Run
from gan.training import train
from gan.training.games.judges import FeatureJudge
from gan.training.snapshots import latest_snapshot, read_snapshot
from gan.vision import load_features
from tests.test_training_game import TOTAL, adapt, plan, play, source, started, weights
from tests.tiny_models import write_tiny_model
from tests.tiny_runs import TINY_HEADS, tiny_run


def state(run: Run) -> dict[str, torch.Tensor]:
    """Return the newest snapshot's tensors."""
    path = latest_snapshot(run.snapshots_folder).path
    assert path is not None
    return read_snapshot(path)[0]


@pytest.mark.parametrize("kind", DISCRIMINATORS)
def test_every_discriminator_that_plays_learns(kind: str) -> None:
    config = plan(discriminator=kind)
    before = {name: value.clone() for name, value in weights(started(config)).items()}
    game = play(config, steps=2)
    assert not game.skipped_in_a_row.any()
    after = weights(game)
    learners = {"discriminator": DISCRIMINATORS[kind].own, "heads": DISCRIMINATORS[kind].features, "generator": True}
    for name, plays in learners.items():
        own = [key for key in before if key.startswith(f"{name}/")]
        assert any(not torch.equal(before[key], after[key]) for key in own) == plays


def test_the_pretrained_network_stays_as_it_is_and_is_not_kept() -> None:
    before = {name: value.clone() for name, value in load_features("cpu").state_dict().items()}
    game = play(plan(discriminator="both"))
    assert all(torch.equal(value, load_features("cpu").state_dict()[name]) for name, value in before.items())
    assert not any(parameter.requires_grad for parameter in load_features("cpu").parameters())
    kept = {name for name in weights(game) if name.startswith("heads")}
    assert kept
    assert not any("stem" in name or "stages" in name for name in kept)
    assert not any("mixing" in name for name in kept if name.startswith("heads_adam"))


def test_another_seed_mixes_the_features_differently() -> None:
    mixings = [weights(started(plan(discriminator="both", seed=seed)))["heads/mixing.channels0"] for seed in (0, 0, 1)]
    assert torch.equal(mixings[0], mixings[1])
    assert not torch.equal(mixings[0], mixings[2])


def test_the_own_discriminator_begins_as_it_does_without_heads() -> None:
    alone, both = (weights(started(plan(discriminator=kind))) for kind in ("own", "both"))
    assert all(torch.equal(value, both[name]) for name, value in alone.items())


def test_the_weight_of_the_heads_is_scheduled_by_the_pictures_seen() -> None:
    features = FeatureSettings(weight=0.4, weight_end=0.0, changes_from=0.5, begins_at=0.25, **TINY_HEADS)
    config = plan(discriminator="both", features=features.model_dump())
    own, heads = started(config).judges
    assert [round(heads.weight(config, seen, 1000), 3) for seen in (0, 249, 250, 500, 750, 1000, 2000)] == [
        0, 0, 0.4, 0.4, 0.2, 0, 0,
    ]  # fmt: skip
    assert own.weight(config, 0, 1000) == 1
    alone = plan(discriminator="features", features=features.model_dump())
    assert [judge.weight(alone, 0, 1000) for judge in started(alone).judges] == [1]


def test_heads_that_are_not_heard_leave_the_generator_to_the_own_discriminator() -> None:
    silent = {**TINY_HEADS, "begins_at": 0.5}
    alone, both = play(plan(), steps=2), play(plan(discriminator="both", features=silent), steps=2)
    expected, found = weights(alone), weights(both)
    for name in ("generator/constant", "discriminator/conv.weight"):
        torch.testing.assert_close(found[name], expected[name])
    heads = both.judges[1].network
    assert any(parameter.grad is not None and parameter.grad.any() for parameter in heads.parameters()), "they learn"


def test_heads_learn_at_a_rate_of_their_own_which_falls_with_the_others() -> None:
    config = plan(discriminator="both", features={**TINY_HEADS, "lr": 4e-4}, lr_falls_from=0.0, lr_end=0.1, warmup_images=0)
    game = started(config)
    game.lr_factor = 0.5
    game.step(TOTAL, TOTAL, source(config))
    assert game.judges[1].adam.param_groups[0]["lr"] == pytest.approx(0.5 * 0.1 * 4e-4)


@pytest.mark.parametrize("value", [float("inf"), 1e30])
def test_heads_whose_gradient_is_not_finite_skip_a_step_alone(value: float) -> None:
    config = plan(discriminator="both")
    game = play(config)
    heads = game.judges[1].network
    before = [parameter.detach().clone() for parameter in heads.parameters()]
    handle = next(heads.parameters()).register_hook(lambda gradient: torch.full_like(gradient, value))
    game.step(config.batch, TOTAL, source(config))
    handle.remove()
    assert game.skipped_in_a_row.tolist() == [0, 1, 0]
    assert all(torch.equal(old, new) for old, new in zip(before, heads.parameters(), strict=True))
    assert not game.is_sound()
    game.step(2 * config.batch, TOTAL, source(config))
    assert game.is_sound()


def test_real_pictures_are_described_once_for_both_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    described: list[int] = []
    game = started(plan(discriminator="both"))
    judge = game.judges[1]
    assert isinstance(judge, FeatureJudge)
    describe = judge.heads.describe

    def watched(pictures: torch.Tensor) -> list[torch.Tensor]:
        described.append(len(pictures))
        return describe(pictures)

    monkeypatch.setattr(judge.heads, "describe", watched)
    game.step(0, TOTAL, source(game.config))
    assert described == [16, 8], "real and generated ones, then the generator's"


def test_augmentation_follows_the_own_discriminator_beside_heads() -> None:
    game = started(plan(discriminator="both", augment_target=0.4, augmentations=("translation",)))
    adapt(game, 0, 4)
    assert game.strength.sums.any()


def test_a_training_with_heads_alone_leaves_a_model_that_can_be_tuned(home: Path) -> None:
    run = tiny_run(home, discriminator="features", features=TINY_HEADS, images=16)
    assert train(run).state == "done"
    assert read_discriminator(run.model_folder) is None
    assert read_config(run.model_folder).training.objective == "relativistic heads on pretrained features"
    child = tiny_run(home, "child", parent=Parent(name="tiny", folder=run.model_folder), images=16)
    assert train(child).state == "done"
    assert "parent_without_discriminator" in [event.get("code") for event in child.events()]


@pytest.mark.parametrize("kind", ["features", "both"])
def test_fine_tuning_says_that_heads_start_from_scratch(home: Path, tmp_path: Path, kind: str) -> None:
    write_tiny_model(tmp_path / "parent")
    parent = Parent(name="parent", folder=tmp_path / "parent")
    run = tiny_run(home, "child", parent=parent, discriminator=kind, features=TINY_HEADS, images=8)
    train(run)
    codes = [event.get("code") for event in run.events()]
    assert "heads_fresh" in codes
    assert "parent_without_discriminator" not in codes


def test_a_run_with_heads_goes_back_when_they_break_down(home: Path) -> None:
    run = tiny_run(home, discriminator="both", features=TINY_HEADS, images=256, snapshot_seconds=0)
    config = parse_run(run.config)
    assert config.features.width == TINY_HEADS["width"]
    game = play(plan(discriminator="both"), steps=2)
    tensors, numbers = game.state()
    kept = {name: tensor.clone() for name, tensor in tensors.items()}
    with torch.no_grad():
        for parameter in game.judges[1].network.parameters():
            parameter.fill_(np.inf)
    for step in (2, 3):
        game.step(8 * step, TOTAL, source(game.config))
    assert game.skipped_in_a_row.tolist()[1:] == [2, 2]
    assert not game.is_sound()
    game.restore(kept, numbers)
    assert game.is_sound()
    game.step(16, TOTAL, source(game.config))
    assert game.is_sound(), "the estimates of the norms came back, too"
