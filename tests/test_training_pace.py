"""The warm-up of a training by the clock: it finds the number of threads that trains fastest."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from gan.config import parse_run
from gan.order import Order
from gan.runs import Run
from gan.training import pace, train
from gan.training.pace import fastest_threads
from tests.tiny_runs import FIXTURE, tiny_run


class Clock:
    """A clock that only steps move on."""

    def __init__(self, seconds_of_a_step: dict[int, float]) -> None:
        self.now = 0.0
        self.seconds = seconds_of_a_step
        self.tried: list[int] = []

    def monotonic(self) -> float:
        return self.now

    def step(self, index: int, side: int) -> None:
        threads = torch.get_num_threads()
        self.now += self.seconds[threads]
        if threads not in self.tried:
            self.tried.append(threads)


@pytest.fixture(autouse=True)
def restored_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("seconds", "best", "tried"),
    [
        ({4: 1.0, 2: 1.8, 1: 3.4}, 4, [4, 2]),  # an idle machine
        ({4: 1.0, 2: 0.95, 1: 0.9}, 4, [4, 2]),  # hardly faster: the difference may be chance
        ({4: 5.0, 2: 1.5, 1: 2.0}, 2, [4, 2, 1]),
        ({4: 9.0, 2: 4.0, 1: 1.0}, 1, [4, 2, 1]),  # another program keeps cores busy
    ],
)
def test_the_fastest_number_of_threads_is_used(
    monkeypatch: pytest.MonkeyPatch, home: Path, seconds: dict[int, float], best: int, tried: list[int]
) -> None:
    clock = Clock(seconds)
    monkeypatch.setattr(pace, "time", clock)
    config = parse_run(tiny_run(home).config)
    assert fastest_threads(config, 4, clock.step, lambda: None, 4) == best
    assert torch.get_num_threads() == best
    assert clock.tried == tried


def ordered(home: Path, **chosen: object) -> Run:
    settings = {"network": {"generator_widths": [32], "discriminator_widths": [32]}, "z_dim": 8, "batch": 8}
    order = Order.of(source=FIXTURE, name="timed", network="mlp", size=28, device="cpu", **chosen)
    dataset = order.prepare(home)
    config = order.resolve(dataset).model_dump(mode="json")
    config["network"] |= settings.pop("network")
    return Run.create(home, "timed", config | settings)


def test_a_training_by_the_clock_writes_its_number_of_threads_into_its_config(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pace, "detect_threads", lambda: 3)
    asked: list[int] = []

    def choose(*arguments: Any) -> int:
        asked.append(arguments[-1])
        return 1

    monkeypatch.setattr(pace, "fastest_threads", choose)
    run = ordered(tmp_path, minutes=0.02)
    assert run.config["fit_threads"]
    train(run)
    assert asked == [3]
    assert run.config["threads"] == 1
    assert run.status().state == "done"


@pytest.mark.parametrize("chosen", [{"minutes": 0.02, "threads": 1}, {"images": 16}])
def test_a_chosen_number_of_threads_and_a_length_in_pictures_are_not_timed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chosen: dict[str, float]
) -> None:
    def timed(*_: object) -> int:
        raise AssertionError("nothing is to be timed")

    monkeypatch.setattr(pace, "fastest_threads", timed)
    run = ordered(tmp_path, **chosen)
    train(run)
    assert run.status().state == "done"
