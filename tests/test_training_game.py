"""One step of the adversarial game: a function of config and images_seen, in any number of pieces and processes."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from gan.config import DEFAULTS, RunConfig, parse_run
from gan.discriminators import DISCRIMINATORS
from gan.families import FAMILIES
from gan.families.layers import clip, smooth
from gan.losses import augmentation as augment
from gan.losses.objectives import OBJECTIVES
from gan.losses.penalties import PENALTIES
from gan.training.accelerator import accelerator_for
from gan.training.draws import draw_step
from gan.training.feed import PictureFeed
from gan.training.games.adversarial import ADJUST_EVERY, LOOK_EVERY, AdversarialGame
from gan.training.games.judges import Judge, Seen, build_judges
from tests.processes import DEADLINE_SECONDS
from tests.tiny_runs import SIZES, TINY, TINY_HEADS

TOTAL = 1000


def plan(family: str = "style", **changes: Any) -> RunConfig:
    own: dict[str, Any] = {
        "family": family,
        "network": TINY[family],
        "resolution": SIZES[family],
        "channels": 3,
        "z_dim": 8,
        "classes": ("a", "b"),
        "dataset": "noise",
        "dataset_hash": "0" * 16,
        "pictures": 64,
        "images_total": TOTAL,
        "augment_target": None,
        "batch": 8,
        "features": TINY_HEADS,
    }
    return parse_run(DEFAULTS | dict(FAMILIES[family].plan.scratch) | own | changes)


def source(config: RunConfig) -> PictureFeed:
    rng = np.random.RandomState(0)
    side = config.resolution
    pictures = torch.from_numpy(rng.randint(0, 256, (64, config.channels, side, side), dtype=np.uint8))
    classes = torch.from_numpy(rng.randint(0, 2, 64))

    def take(positions: np.ndarray) -> tuple[Tensor, Tensor | None]:
        return pictures[positions % 64], classes[positions % 64] if config.classes else None

    return PictureFeed(take)


def started(config: RunConfig) -> AdversarialGame:
    return AdversarialGame(config, accelerator_for(config))


def play(config: RunConfig, steps: int = 1, micro_batches: int = 1) -> AdversarialGame:
    game = started(config)
    game.micro_batches = micro_batches
    for step in range(steps):
        game.step(step * config.batch, TOTAL, source(config))
    return game


def weights(game: AdversarialGame) -> dict[str, Tensor]:
    """Return the game's own tensors, by name; writing into one changes the game."""
    return game.state()[0]


def gradients(game: AdversarialGame) -> Tensor:
    """Return the gradients of all networks from their latest turn, as one vector."""
    networks = (*(judge.network for judge in game.judges), game.generator)
    return torch.cat([p.grad.flatten() for network in networks for p in network.parameters() if p.grad is not None])


def assert_same_but_for_rounding(found: Tensor, wanted: Tensor) -> None:
    """Compare gradients that were added in another order. Some processors multiply parts of a batch by other instructions, which
    changes the gradients through the pretrained network by up to a ten-thousandth of the largest one.
    """
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=3e-4 * wanted.abs().max().item())


@pytest.mark.parametrize("precisions", [("float32", "bfloat16"), ("bfloat16", "float32")])
def test_a_process_can_train_in_one_precision_and_then_in_another(precisions: tuple[str, str]) -> None:
    assert [play(plan(precision=own)).accelerator.mixed_precision for own in precisions] == [
        {"float32": "no", "bfloat16": "bf16"}[own] for own in precisions
    ]


@pytest.mark.parametrize(("family", "kind"), [*((family, "own") for family in TINY), ("style", "features"), ("style", "both")])
def test_a_restored_game_goes_on_bit_for_bit(family: str, kind: str) -> None:
    config = plan(family, discriminator=kind)
    game = play(config, steps=3)
    tensors, numbers = game.state()
    kept = {name: tensor.clone() for name, tensor in tensors.items()}
    game.step(3 * config.batch, TOTAL, source(config))
    restored = started(config)
    restored.restore(kept, numbers)
    restored.step(3 * config.batch, TOTAL, source(config))
    expected, found = game.state()[0], restored.state()[0]
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)


@pytest.mark.parametrize("kind", DISCRIMINATORS)
def test_a_game_restored_before_it_grows_goes_on_bit_for_bit(kind: str) -> None:
    config = plan(discriminator=kind, resolution=32, growth=((8, 0.1), (16, 0.2)), growth_images=80, batch=4)
    sides, game = [], started(config)
    for step in range(5):
        if step == 2:  # at 16 pixels, the optimiser has no state for finer blocks yet
            tensors, numbers = game.state()
            kept = {name: tensor.clone() for name, tensor in tensors.items()}
        game.step(4 * step, 10**9, source(config))
        sides.append(game.side)
    assert sides == [8, 8, 16, 16, 32]
    restored = started(config)
    restored.restore(kept, numbers)
    for step in range(2, 5):
        restored.step(4 * step, 10**9, source(config))
    expected, found = game.state()[0], restored.state()[0]
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_a_growing_game_shows_both_players_small_pictures_and_samples_full_ones() -> None:
    config = plan(resolution=32, growth=((16, 0.5),), growth_softened=True)
    game = started(config)
    seen: list[Tensor] = []
    game.discriminator.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach().clone()))
    game.step(0, TOTAL, source(config))
    assert {pictures.shape[2:] for pictures in seen} == {(16, 16)}
    pictures, _ = source(config).training(np.arange(8))
    real = smooth(torch.nn.functional.avg_pool2d(pictures.float() / 127.5 - 1, 2))
    flipped = torch.where((draw_step(config, 0).real_augment[:, 0] < 0.5)[:, None, None, None], real.flip(3), real)
    torch.testing.assert_close(seen[0][:8], flipped, msg="soft box averages of what the stream holds")
    with torch.no_grad():
        whole = game.average.generator(torch.randn(4, 8), torch.zeros(4, dtype=torch.long))
    small = torch.nn.functional.interpolate(torch.nn.functional.avg_pool2d(whole, 2), scale_factor=2.0, mode="bilinear")
    assert whole.shape[2:] == (32, 32)
    assert (whole - small).square().mean() < 0.1 * whole.var(), "the finest octave is silent"


def adapt(game: AdversarialGame, first: int, steps: int) -> None:
    """Do steps with grey held-out pictures, each of its own brightness."""
    config = game.config
    greys = torch.arange(64, dtype=torch.uint8)[:, None, None, None] * 4
    held_out = greys.expand(-1, config.channels, config.resolution, config.resolution)

    def take(positions: np.ndarray) -> tuple[Tensor, Tensor | None]:
        return held_out[positions % 64], torch.from_numpy(positions % 2) if config.classes else None

    for step in range(first, first + steps):
        game.step(step * config.batch, 10**6, source(config)._replace(held_out=take))


def test_augmentation_that_adapts_goes_on_bit_for_bit() -> None:
    config = plan(batch=4, augment_target=0.0, augmentations=("translation",))
    game = started(config)
    game.strength.value = 0.3
    adapt(game, 0, ADJUST_EVERY + 6)  # the strength is adjusted once, and scores for the next adjustment exist
    assert game.strength.value != 0.3
    assert game.strength.sums.any()
    tensors, numbers = game.state()
    restored = started(config)
    restored.restore({name: tensor.clone() for name, tensor in tensors.items()}, numbers)
    assert torch.equal(restored.strength.sums, game.strength.sums)
    for each in (game, restored):
        adapt(each, ADJUST_EVERY + 6, ADJUST_EVERY)
    assert game.strength.value == restored.strength.value != numbers["augment_strength"]
    expected, found = game.state()[0], restored.state()[0]
    assert all(torch.equal(expected[name], found[name]) for name in expected)


@pytest.mark.parametrize("family", TINY)
def test_what_is_held_out_is_looked_at_and_never_learnt(family: str) -> None:
    network = TINY[family] | ({"discriminator_batch_norm": False} if family == "dcgan" else {})
    config = plan(family, network=network, augment_target=0.4, augmentations=())
    watched, alone = started(config), started(config)
    adapt(watched, 0, 4)
    for step in range(4):
        alone.step(step * config.batch, 10**6, source(config))
    expected, found = alone.state()[0], watched.state()[0]
    assert all(torch.equal(expected[name], found[name]) for name in expected if not name.startswith("augmentation"))
    assert watched.strength.sums.any(), "it was looked at"


def test_the_state_holds_the_average_and_both_optimisers() -> None:
    tensors, _ = play(plan()).state()
    kinds = {name.split("/")[0] for name in tensors}
    assert kinds == {"generator", "discriminator", "average", "generator_adam", "discriminator_adam", "augmentation"}
    assert "generator_adam/constant/exp_avg_sq" in tensors


@pytest.mark.parametrize("kind", DISCRIMINATORS)
def test_a_batch_in_pieces_has_the_gradients_of_the_whole(kind: str) -> None:
    config = plan(batch=16, discriminator=kind)
    whole, pieces = gradients(play(config)), gradients(play(config, micro_batches=4))
    assert_same_but_for_rounding(pieces, whole)


@pytest.mark.parametrize("micro_batches", [1, 4])
def test_both_turns_judge_the_same_real_pictures_which_are_fetched_once(micro_batches: int) -> None:
    config = plan(batch=16, augment_strength=0.5)
    game, asked, judged = started(config), list[int](), list[Tensor]()
    game.micro_batches = micro_batches
    game.discriminator.register_forward_pre_hook(lambda _, inputs: judged.append(inputs[0].detach()))

    def watched(positions: np.ndarray) -> tuple[Tensor, Tensor | None]:
        asked.extend(positions.tolist())
        return source(config).training(positions)

    game.step(config.batch, TOTAL, PictureFeed(watched))  # a step without the penalty
    assert asked == list(range(16, 32))
    first, second = judged[:micro_batches], judged[micro_batches:]
    assert len(second) == 2 * micro_batches, "generated ones and real ones, apart"
    for pair, real in zip(first, second[1::2], strict=True):
        assert torch.equal(pair.chunk(2)[0], real)


def test_a_batch_in_pieces_sees_as_much_overfitting_as_the_whole() -> None:
    sums = []
    for micro_batches in (1, 4):
        game = started(plan(batch=16, augment_target=0.4, penalty="none"))
        game.micro_batches = micro_batches
        adapt(game, LOOK_EVERY - 1, 1)
        sums.append(game.strength.sums)
    torch.testing.assert_close(*sums, rtol=1e-4, atol=1e-6)
    assert sums[0].all()


@pytest.mark.parametrize("network", ["discriminator", "generator"])
@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e30])
def test_a_step_whose_gradient_is_not_finite_is_skipped_though_its_loss_is(network: str, value: float) -> None:
    """A square root at 0 has an infinite slope, and Adam cannot hold the square of a gradient that is too large."""
    config = plan()
    game = play(config)
    learner = getattr(game, network)
    before = [parameter.detach().clone() for parameter in learner.parameters()]
    parameter = next(learner.parameters())
    handle = parameter.register_hook(lambda gradient: torch.full_like(gradient, value))
    game.step(config.batch, TOTAL, source(config))
    handle.remove()
    assert game.skipped_in_a_row.tolist() == ([1, 0] if network == "discriminator" else [0, 1])
    assert all(torch.equal(old, new) for old, new in zip(before, learner.parameters(), strict=True))
    assert not game.is_sound(), "nothing is kept in the midst of trouble"
    game.step(2 * config.batch, TOTAL, source(config))
    assert game.is_sound()


def test_the_turns_augment_the_same_generated_pictures_each_in_its_own_way() -> None:
    config = plan(augmentations=("translation", "cutout"), penalty="none", objective="non-saturating")
    config = config.model_copy(update={"augment_strength": 1.0, "augment_strength_end": 1.0})
    game, seen = started(config), list[Tensor]()
    game.discriminator.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach().clone()))
    game.step(0, TOTAL, source(config))
    drawn = draw_step(config, 0).fake_augment
    with torch.no_grad():
        made = clip(started(config).generator(draw_step(config, 0).z, source(config).training(np.arange(8))[1]))
    for shown, draws in zip((seen[0].chunk(2)[1], seen[1]), drawn, strict=True):
        torch.testing.assert_close(shown, augment.apply(made, draws, 1.0, config.augmentations))
    assert not torch.equal(seen[0].chunk(2)[1], seen[1])


def test_a_game_goes_on_at_the_rate_that_rollbacks_left() -> None:
    config = plan(generator_lr=1e-3)
    game = play(config)
    game.lr_factor = 0.25
    tensors, numbers = game.state()
    restored = started(config)
    restored.restore(tensors, numbers)
    assert restored.lr_factor == 0.25
    restored.step(config.batch, TOTAL, source(config))
    game.step(config.batch, TOTAL, source(config))
    assert restored.generator_adam.param_groups[0]["lr"] == game.generator_adam.param_groups[0]["lr"]


def test_several_judges_are_summed_each_by_its_weight() -> None:
    """The generator's gradient is the sum of the gradients from each judge alone, and each judge learns separately."""
    config = plan("mlp", network=TINY["mlp"] | {"dropout": 0.0}, penalty="none", augmentations=())  # no random numbers to share

    def of_generator(weights: tuple[float, ...]) -> Tensor:
        game = started(config)
        second = build_judges(config, game.accelerator)[0]
        second.name, second.prefix = "second", "second_"
        for judge, weight in zip((game.judges[0], second), weights, strict=True):
            judge.weight = partial(fixed, weight)
        with torch.no_grad():
            for parameter in second.network.parameters():
                parameter.mul_(0.9)
        game.judges.append(second)
        game.watch({name: adam for name, (_, adam) in game.optimisers().items()})
        told = game.step(0, TOTAL, source(config))
        assert {"discriminator_loss", "second_discriminator_loss", "second_real_score"} <= told.keys()
        assert {name.split("/")[0] for name in game.state()[0]} >= {"second", "second_adam"}
        assert any(parameter.grad.any() for parameter in second.network.parameters() if parameter.grad is not None)
        return torch.cat([p.grad.flatten() for p in game.generator.parameters() if p.grad is not None])

    both = of_generator((1.0, 0.3))
    torch.testing.assert_close(both, of_generator((1.0, 0.0)) + of_generator((0.0, 0.3)), rtol=1e-4, atol=1e-6)


def fixed(weight: float, config: RunConfig, images_seen: int, images_total: int) -> float:
    return weight


def test_a_step_whose_loss_is_not_finite_changes_no_weight() -> None:
    config = plan(objective="least-squares", penalty="none")
    game = play(config)
    with torch.no_grad():
        weights(game)["discriminator/logit.weight"].mul_(1e30)
    before = {name: value.clone() for name, value in game.state()[0].items() if name.startswith(("generator", "discriminator"))}
    game.step(config.batch, TOTAL, source(config))
    after = game.state()[0]
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert game.skipped_in_a_row.tolist() == [1, 1], "both turns were skipped"
    with torch.no_grad():
        weights(game)["discriminator/logit.weight"].mul_(1e-30)
    game.step(2 * config.batch, TOTAL, source(config))
    assert not game.skipped_in_a_row.any()


@pytest.mark.parametrize(("half_life", "kept"), [(8, 0.5), (4, 0.25), (16, 0.5**0.5)])
def test_the_average_follows_the_generator_by_its_half_life(half_life: int, kept: float) -> None:
    game = play(plan(ema_half_life_images=half_life, ema_ramp=0.0), steps=1)
    old = weights(game)["average/constant"].clone()
    game.step(8, TOTAL, source(game.config))
    expected = kept * old + (1 - kept) * weights(game)["generator/constant"]
    torch.testing.assert_close(weights(game)["average/constant"], expected)


def test_the_optimisers_get_warm_up_cosine_and_the_rate_that_rollbacks_left() -> None:
    config = plan(generator_lr=1e-3, discriminator_lr=2e-3, lr_falls_from=0.0, lr_end=0.1, warmup_images=16)
    game = started(config)

    def rates(images_seen: int) -> list[float]:
        game.step(images_seen, TOTAL, source(config))
        return [adam.param_groups[0]["lr"] for adam in (game.generator_adam, game.judges[0].adam)]

    assert rates(0) == pytest.approx([0.5e-3, 1e-3], rel=1e-3), "half warm"
    assert rates(TOTAL // 2) == pytest.approx([0.55e-3, 1.1e-3])
    game.lr_factor = 0.5
    assert rates(TOTAL) == pytest.approx([0.05e-3, 0.1e-3])


def test_a_lazy_penalty_weighs_as_much_in_all_as_one_of_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Applied every fourth step it counts four times, and its weight falls log-linearly over the training."""
    config = plan(penalty="r1", penalty_every=4, penalty_weight=4.0, penalty_weight_end=1.0)
    weights_seen: list[float] = []
    learn = Judge.learn

    def watched(self: Judge, seen: Seen, mix: Tensor, penalty_weight: float, share: float, told: dict[str, Tensor]) -> Tensor:
        weights_seen.append(penalty_weight)
        return learn(self, seen, mix, penalty_weight, share, told)

    monkeypatch.setattr(Judge, "learn", watched)
    game = started(config)
    for images_seen in (0, 8, 16, 24, 32, 512):
        game.step(images_seen, 1024, source(config))
    assert weights_seen[1:4] == [0.0, 0.0, 0.0]
    assert weights_seen[0] == pytest.approx(16.0)
    assert weights_seen[5] == pytest.approx(8.0)


def test_real_and_generated_pictures_are_both_augmented() -> None:
    """If only real or only generated pictures were augmented, the discriminator would learn to recognise the augmentation."""
    plain = plan(augmentations=("cutout",), penalty="none", objective="non-saturating")
    seen: list[Tensor] = []
    for strength in (0.0, 1.0):
        config = plain.model_copy(update={"augment_strength": strength, "augment_strength_end": strength})
        game = started(config)
        game.discriminator.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach().clone()))
        game.step(0, TOTAL, source(config))
    plain_both, plain_fake, cut_both, cut_fake = seen
    for before, after in zip((*plain_both.chunk(2), plain_fake), (*cut_both.chunk(2), cut_fake), strict=True):
        assert (after == 0).flatten(1).float().mean(1).min() > 0.05, "every picture has lost a square"
        assert not torch.equal(before, after)


@pytest.mark.parametrize(("penalty", "micro_batches", "passes"), [("none", 1, 1), ("none", 2, 4), ("r1+r2", 1, 1)])
def test_both_turns_judge_the_same_generated_pictures(penalty: str, micro_batches: int, passes: int) -> None:
    """They are generated once, and again for the generator's turn only if low memory divides the batch."""
    config = plan(augmentations=(), penalty=penalty, penalty_every=1, objective="non-saturating")
    game, seen, made = started(config), list[Tensor](), list[None]()
    game.micro_batches = micro_batches
    game.generator.register_forward_pre_hook(lambda module, inputs: made.append(None))
    game.discriminator.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach().clone()))
    game.step(0, TOTAL, source(config))
    assert len(made) == passes
    for of_both, of_generator in zip(seen[:micro_batches], seen[-micro_batches:], strict=True):
        torch.testing.assert_close(of_both.chunk(2)[1], of_generator)


@pytest.mark.parametrize(("penalty", "passes"), [("none", 1), ("r1+r2", 1), ("r1", 2), ("wgan-gp", 2)])
def test_what_a_penalty_has_scored_is_not_scored_again(penalty: str, passes: int) -> None:
    """The discriminator's gradients equal those of a loss and a penalty that were scored separately."""
    config = plan(augmentations=(), penalty=penalty, penalty_every=1)
    game, other, seen = started(config), started(config), list[Tensor]()
    weight, draws = 2.0 if penalty != "none" else 0.0, draw_step(config, 0)
    handle = game.discriminator.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach()))
    game._discriminator_turn(0, draws, source(config).training, 0.0, [weight], {})
    handle.remove()
    assert len(seen) == passes
    real, fake = seen[-1].chunk(2)
    classes = source(config).training(np.arange(config.batch))[1]
    assert classes is not None

    def score(pictures: Tensor) -> Tensor:
        of_pair = len(pictures) == 2 * len(classes)
        return other.discriminator(pictures, torch.cat([classes, classes]) if of_pair else classes)

    rule = PENALTIES[penalty]
    loss = OBJECTIVES[config.objective].discriminator(*score(seen[-1]).chunk(2))
    (loss + weight * rule.factor * rule.fn(score, real, fake, draws.mix)).backward()
    for (name, one), two in zip(game.discriminator.named_parameters(), other.discriminator.parameters(), strict=True):
        torch.testing.assert_close(one.grad, two.grad, rtol=1e-4, atol=1e-6, msg=name)


def test_generated_pictures_are_judged_as_they_will_be_shown() -> None:
    config = plan(augmentations=(), penalty="none", objective="non-saturating")
    game, seen = started(config), list[Tensor]()
    with torch.no_grad():
        for block in game.generator.blocks:  # type: ignore[union-attr]
            block.colours.bias.fill_(3.0)
    game.discriminator.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].detach().clone()))
    game.step(0, TOTAL, source(config))
    fake = seen[0].chunk(2)[1]
    assert fake.min() >= -1
    assert (fake == 1).float().mean() > 0.5, "what is beyond white is white"


@pytest.mark.parametrize("factor", [1e8, 1e20, 1e38])
def test_a_generator_that_blows_up_is_noticed(factor: float) -> None:
    game = play(plan(), steps=2)
    with torch.no_grad():
        game.generator.blocks[-1].colours.weight.mul_(factor)  # type: ignore[union-attr,index]
        game.generator.blocks[-1].colours.bias.fill_(factor)  # type: ignore[union-attr,index]
    for step in range(2, 5):
        game.step(step * game.config.batch, TOTAL, source(game.config))
    assert game.skipped_in_a_row.tolist() == [3, 3]


def test_a_clipped_picture_can_come_back_but_not_go_further_out() -> None:
    x = torch.tensor([-2.0, -2.0, -1.0, 0.5, 1.0, 2.0, 2.0], requires_grad=True)
    shown = clip(x)
    assert shown.tolist() == [-1.0, -1.0, -1.0, 0.5, 1.0, 1.0, 1.0]
    shown.backward(torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0, 1.0, -1.0]))
    assert x.grad is not None
    assert x.grad.tolist() == [0.0, -1.0, 1.0, 1.0, -1.0, 1.0, 0.0]


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("penalty", PENALTIES)
def test_every_sensible_combination_takes_steps_that_move_both_networks(objective: str, penalty: str) -> None:
    if OBJECTIVES[objective].needs_penalty and penalty == "none":
        return  # this combination is refused: see test_config
    config = plan(
        objective=objective, penalty=penalty, penalty_every=1, augmentations=("flip", "colour", "translation", "cutout")
    )
    before = {name: value.clone() for name, value in started(config).state()[0].items()}
    game = play(config, steps=2)
    after = game.state()[0]
    assert not game.skipped_in_a_row.any()
    for name in ("generator/constant", "discriminator/conv.weight"):
        assert not torch.equal(before[name], after[name])


def shared() -> RunConfig:
    """Return the plan that two processes and one process train."""
    return plan(discriminator="both", batch=16, augment_strength=0.5, augmentations=("flip", "translation"))


def test_two_processes_make_the_gradients_of_one(tmp_path: Path) -> None:
    """torchrun on the CPU: two processes draw, augment and group as one process would for the whole batch."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command = [*torchrun, "-m", "tests.test_training_game", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, cwd=Path(__file__).parents[1])
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "told.json").read_text())
    assert told["processes"] == 2
    one = gradients(play(shared()))
    assert_same_but_for_rounding(torch.tensor(told["gradients"]), one)


def main(folder: Path) -> None:
    """Run one of the processes of the test above."""
    torch.set_num_threads(1)
    game = play(shared())
    if game.accelerator.is_main_process:
        told = {"processes": game.accelerator.num_processes, "gradients": gradients(game).tolist()}
        (folder / "told.json").write_text(json.dumps(told))
    game.accelerator.wait_for_everyone()
    game.accelerator.end_training()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
