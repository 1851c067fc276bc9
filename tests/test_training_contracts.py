"""The contracts of games and observers: a test game and a test observer are trained, saved, resumed and shown by the unchanged
loop.
"""

import os
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan.config import RunConfig
from gan.data import Dataset
from gan.errors import ConfigError
from gan.images import to_tensor, to_uint8
from gan.runs import Run
from gan.training import train
from gan.training.feed import FEEDS
from gan.training.games import GAMES
from gan.training.games.base import Game, Note
from gan.training.observers import OBSERVERS
from gan.training.observers.base import Cadence, EveryImages, EverySeconds, Observer
from gan.training.snapshots import latest_snapshot, read_snapshot
from tests.processes import CONTEXT, DEADLINE_SECONDS, KILL
from tests.tiny_runs import tiny_run

CODES = 4


class Compression(Game):
    """An encoder and a decoder that learn to compress a picture to four numbers: no latent, no discriminator, other losses."""

    tells: ClassVar[tuple[str, ...]] = ("distance", "code_size")
    sample_columns = 2

    def __init__(self, config: RunConfig, accelerator: Any) -> None:
        super().__init__(config, accelerator)
        torch.manual_seed(config.seed)
        numbers = config.channels * config.resolution**2
        self.encoder, self.decoder = nn.Linear(numbers, CODES), nn.Linear(CODES, numbers)
        adams = (
            torch.optim.Adam(network.parameters(), config.generator_lr, fused=True) for network in (self.encoder, self.decoder)
        )
        self.encoder_adam, self.decoder_adam = adams
        self.shown: Tensor | None = None
        self.watch({"encoder_adam": self.encoder_adam, "decoder_adam": self.decoder_adam})

    def networks(self) -> dict[str, nn.Module]:
        return {"encoder": self.encoder, "decoder": self.decoder}

    def optimisers(self) -> dict[str, tuple[nn.Module, torch.optim.Adam]]:
        return {"encoder_adam": (self.encoder, self.encoder_adam), "decoder_adam": (self.decoder, self.decoder_adam)}

    def begin(self, parent_folder: Path | None) -> list[Note]:
        return [Note("transferred", {"parent": "nobody", "fresh": "-"})]

    def step(self, images_seen: int, images_total: int, data: Any, side: int | None = None) -> dict[str, Tensor]:
        positions = np.arange(images_seen, images_seen + self.config.batch)
        pictures = data(positions)
        noise = torch.Generator().manual_seed(images_seen)
        code = self.encoder(pictures + 0.1 * torch.randn(pictures.shape, generator=noise))
        distance = F.mse_loss(self.decoder(code), pictures)
        for _, adam in self.optimisers().values():
            adam.zero_grad(set_to_none=True)
        distance.backward()
        for name in self.optimisers():
            self.apply(name, distance.detach())
        return {"distance": distance.detach(), "code_size": code.detach().abs().mean()}

    def sample(self) -> np.ndarray:
        codes = torch.eye(CODES)
        with torch.no_grad():
            drawn = self.decoder(codes).view(CODES, self.config.channels, self.config.resolution, self.config.resolution)
        return to_uint8(drawn)

    def measure(self, dataset: Dataset, side: int) -> dict[str, float]:
        return {"kept": float(side)}

    def write_model(self, folder: Path, images_seen: int) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "seen.txt").write_text(str(images_seen))


def flat(dataset: Dataset, config: RunConfig, device: torch.device) -> Any:
    """Return training data of another kind: pictures as rows of numbers (N, C R R)."""
    return lambda positions: to_tensor(np.asarray(dataset.pictures[dataset.train_indices[positions % 16]])).flatten(1)


class Counting(Observer):
    """An observer that counts the values of the steps after every 16 pictures, and uses random numbers of its own."""

    name = "counting"

    def choose_cadence(self) -> Cadence:
        return EveryImages(16, self.training.images_seen)

    def begin(self) -> None:
        self.told: list[str] = []

    def after_step(self, told: dict[str, Tensor]) -> None:
        self.told += sorted(told)

    def observe(self) -> None:
        torch.rand(100)  # uses the global random generator, which must not affect the training either
        self.training.event("counting", drawn=int(self.rng.integers(2**31)), told=len(self.told))

    def end(self, done: bool) -> None:
        self.training.event("counting_end", done=done)


def with_throwaways() -> None:
    """Add a line to each table."""
    GAMES["compression"] = Compression
    FEEDS["rows"] = flat
    Compression.takes = "rows"


def train_in_child(home: Path, name: str) -> None:
    with_throwaways()
    train(Run.open(home, name))


@pytest.fixture
def throwaways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GAMES, "compression", Compression)
    monkeypatch.setitem(FEEDS, "rows", flat)
    monkeypatch.setattr(Compression, "takes", "rows")


def newest(run: Run) -> int:
    found = latest_snapshot(run.snapshots_folder).path
    return int(found.name) if found else 0


def last_state(run: Run) -> dict[str, Tensor]:
    path = latest_snapshot(run.snapshots_folder).path
    assert path is not None
    return read_snapshot(path)[0]


@pytest.mark.usefixtures("throwaways")
def test_a_game_that_the_loop_does_not_know_trains_shows_and_keeps(home: Path) -> None:
    run = tiny_run(home, family="mlp", game="compression", images=64)
    assert train(run).state == "done"
    assert [int(path.stem) for path in run.samples()] == [0, 64]
    assert (run.model_folder / "seen.txt").read_text() == "64"
    assert {name.split("/")[0] for name in last_state(run)} == {"encoder", "decoder", "encoder_adam", "decoder_adam"}
    events = run.events()
    assert [event["code"] for event in events if event["kind"] == "note"] == ["transferred"]
    reported = {name for event in events if event["kind"] == "progress" for name in event}
    assert reported >= set(Compression.tells)
    assert [event["kept"] for event in events if event["kind"] == "metrics"] == [28]


@pytest.mark.usefixtures("throwaways")
def test_such_a_game_killed_and_resumed_ends_bit_identical(home: Path) -> None:
    whole, killed = (
        tiny_run(home, name, "mlp", game="compression", images=1600, snapshot_seconds=0) for name in ("whole", "killed")
    )
    train(whole)
    process = CONTEXT.Process(target=train_in_child, args=(home, "killed"))
    process.start()
    while process.is_alive() and newest(killed) < 400:
        process.join(0.002)
    os.kill(process.pid, KILL)
    process.join(DEADLINE_SECONDS)
    assert 400 <= newest(killed) < 1600, "it was killed on the way"
    train(killed)
    first, second = last_state(whole), last_state(killed)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.usefixtures("throwaways")
def test_such_a_game_is_planned_by_the_clock(home: Path) -> None:
    run = tiny_run(home, family="mlp", game="compression", minutes=0.02)
    assert train(run).state == "done"
    assert [event["kind"] for event in run.events()].count("plan") >= 1


def test_a_game_of_another_version_is_refused_in_a_sentence(home: Path) -> None:
    with pytest.raises(ConfigError, match="game is chess; it must be one of adversarial"):
        train(tiny_run(home, game="chess"))


def test_an_observer_is_a_line_in_the_table_and_changes_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = tiny_run(home, "alone", "dcgan")
    train(alone)
    monkeypatch.setitem(OBSERVERS, "counting", Counting)
    seen = tiny_run(home, "seen", "dcgan")
    train(seen)
    events = [event for event in seen.events() if event["kind"].startswith("counting")]
    assert [event["images_seen"] for event in events] == [16, 32, 48, 64, 64]
    assert events[-1]["done"]
    assert len({event["drawn"] for event in events[:-1]}) == 4
    assert [event["told"] for event in events[:-1]] == [8, 16, 24, 32], "four values a step"
    first, second = last_state(alone), last_state(seen)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_cadences_count_pictures_or_seconds() -> None:
    by_images = EveryImages(100, 250)
    assert [by_images.due(seen, 0.0) for seen in (299, 300, 301, 399, 512)] == [False, True, False, False, True]
    assert [by_images.due(seen, 0.0) for seen in (320, 400)] == [False, True], "after a rollback the same places again"
    by_clock = EverySeconds(lambda seconds: max(5.0, 0.1 * seconds), begun=0.0)
    assert [by_clock.due(0, now) for now in (4.9, 5.0, 9.0, 100.0, 105.0, 110.0, 112.0)] == [
        False, True, False, True, False, False, True,
    ]  # fmt: skip
