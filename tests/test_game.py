"""One step of the game: a function of the recipe and of images_seen, however many pieces or processes it is made in."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from torch import Tensor

from gan.config import DEFAULTS, FAMILY_DEFAULTS, RunConfig, parse_run
from gan.game import Game, cosine, draw_step
from gan.objectives import OBJECTIVES
from gan.penalties import PENALTIES
from tests.processes import DEADLINE_SECONDS
from tests.tiny_runs import SIZES, TINY

FAMILIES = tuple(TINY)
TOTAL = 1000


def recipe(family: str = "style", **changes: Any) -> RunConfig:
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
        "batch": 8,
    }
    return parse_run(DEFAULTS | FAMILY_DEFAULTS[family] | own | changes)


def source(config: RunConfig) -> Any:
    rng = np.random.RandomState(0)
    side = config.resolution
    pictures = torch.from_numpy(rng.randint(0, 256, (64, config.channels, side, side), dtype=np.uint8))
    classes = torch.from_numpy(rng.randint(0, 2, 64))

    def take(positions: np.ndarray) -> tuple[Tensor, Tensor | None]:
        return pictures[positions % 64], classes[positions % 64] if config.classes else None

    return take


def play(config: RunConfig, steps: int = 1, micro_batches: int = 1) -> Game:
    game = Game(config, Accelerator(cpu=True))
    game.micro_batches = micro_batches
    for step in range(steps):
        game.step(step * config.batch, TOTAL, source(config))
    return game


def weights(game: Game) -> dict[str, Tensor]:
    """The game's own tensors, by name: writing into one changes the game."""
    return game.state()[0]


def gradients(game: Game) -> Tensor:
    """Of both networks at their latest turn, as one vector."""
    networks = (game.discriminator, game.generator)
    return torch.cat([p.grad.flatten() for network in networks for p in network.parameters() if p.grad is not None])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_restored_game_goes_on_bit_for_bit(family: str) -> None:
    config = recipe(family)
    game = play(config, steps=3)
    tensors, numbers = game.state()
    kept = {name: tensor.clone() for name, tensor in tensors.items()}
    game.step(3 * config.batch, TOTAL, source(config))
    restored = Game(config, Accelerator(cpu=True))
    restored.restore(kept, numbers)
    restored.step(3 * config.batch, TOTAL, source(config))
    expected, found = game.state()[0], restored.state()[0]
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_the_state_holds_the_average_and_both_optimisers() -> None:
    tensors, _ = play(recipe()).state()
    kinds = {name.split("/")[0] for name in tensors}
    assert kinds == {"generator", "discriminator", "average", "generator_adam", "discriminator_adam"}
    assert "generator_adam/constant/exp_avg_sq" in tensors


def test_a_batch_in_pieces_has_the_gradients_of_the_whole() -> None:
    config = recipe(batch=16)
    whole, pieces = gradients(play(config)), gradients(play(config, micro_batches=4))
    torch.testing.assert_close(pieces, whole, rtol=1e-4, atol=1e-6)


def test_chance_depends_on_seed_and_images_seen_alone() -> None:
    first, again = draw_step(recipe(), 64), draw_step(recipe(), 64)
    assert torch.equal(first.z, again.z)
    assert first.seed == again.seed
    assert not torch.equal(first.z, draw_step(recipe(), 72).z)
    assert not torch.equal(first.z, draw_step(recipe(seed=1), 64).z)


def test_a_step_whose_loss_is_not_finite_changes_no_weight() -> None:
    config = recipe(objective="least-squares", penalty="none")
    game = play(config)
    with torch.no_grad():
        weights(game)["discriminator/logit.weight"].mul_(1e30)
    before = {name: value.clone() for name, value in game.state()[0].items() if name.startswith(("generator", "discriminator"))}
    game.step(config.batch, TOTAL, source(config))
    after = game.state()[0]
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert game.skipped_in_a_row.item() == 2, "both turns were skipped"
    with torch.no_grad():
        weights(game)["discriminator/logit.weight"].mul_(1e-30)
    game.step(2 * config.batch, TOTAL, source(config))
    assert game.skipped_in_a_row.item() == 0


def test_the_average_follows_the_generator_by_its_half_life() -> None:
    game = play(recipe(ema_half_life_images=8, ema_ramp=0.0), steps=1)
    old = weights(game)["average/module.constant"].clone()
    game.step(8, TOTAL, source(game.config))
    expected = (old + weights(game)["generator/constant"]) / 2
    torch.testing.assert_close(weights(game)["average/module.constant"], expected)


def test_rates_fall_along_a_cosine_and_never_below_its_end() -> None:
    assert [cosine(1.0, 0.1, progress) for progress in (0.0, 0.5, 1.0, 2.0)] == pytest.approx([1.0, 0.55, 0.1, 0.1])


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("penalty", PENALTIES)
def test_every_sensible_combination_takes_steps_that_move_both_networks(objective: str, penalty: str) -> None:
    if OBJECTIVES[objective].needs_penalty and penalty == "none":
        return  # refused: see test_config
    config = recipe(
        objective=objective, penalty=penalty, penalty_every=1, augmentations=("flip", "colour", "translation", "cutout")
    )
    before = {name: value.clone() for name, value in Game(config, Accelerator(cpu=True)).state()[0].items()}
    game = play(config, steps=2)
    after = game.state()[0]
    assert game.skipped_in_a_row.item() == 0
    for name in ("generator/constant", "discriminator/conv.weight"):
        assert not torch.equal(before[name], after[name])


def test_two_processes_make_the_gradients_of_one(tmp_path: Path) -> None:
    """torchrun on the CPU: the world is two, and each draws, augments and groups as one process would for the whole batch."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command = [*torchrun, "-m", "tests.test_game", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, cwd=Path(__file__).parents[1])
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "told.json").read_text())
    assert told["processes"] == 2
    one = gradients(play(recipe(batch=16, augment_strength=0.5, augmentations=("flip", "translation"))))
    torch.testing.assert_close(torch.tensor(told["gradients"]), one, rtol=1e-4, atol=1e-6)


def main(folder: Path) -> None:
    """One of the processes of the test above."""
    torch.set_num_threads(1)
    game = play(recipe(batch=16, augment_strength=0.5, augmentations=("flip", "translation")))
    if game.accelerator.is_main_process:
        told = {"processes": game.accelerator.num_processes, "gradients": gradients(game).tolist()}
        (folder / "told.json").write_text(json.dumps(told))
    game.accelerator.wait_for_everyone()
    game.accelerator.end_training()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
