"""Many callers of one model share passes; each gets its own pictures and errors, and none waits for ever."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan.errors import ModelError
from gan.sampler import Model, Points, Pool
from tests.processes import wait_until
from tests.tiny_models import write_tiny_model

DEADLINE_SECONDS = 60


class Gated(Model):
    """A model whose passes wait until the test lets them run, and are counted."""

    def ready(self) -> "Gated":
        self.gate = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)
        self.passes: list[int] = []
        self.broken_above: int | None = None
        return self

    def let_through(self, passes: int = 1000) -> None:
        self.gate.release(passes)

    def paint(self, points: Points, batch: int = 32) -> np.ndarray[Any, Any]:
        self.passes.append(len(points))
        self.begun.release()
        assert self.gate.acquire(timeout=DEADLINE_SECONDS)
        if self.broken_above is not None and len(points) > self.broken_above:
            raise RuntimeError("out of memory")
        return super().paint(points, batch)


@pytest.fixture
def model(tmp_path: Path) -> Gated:
    write_tiny_model(tmp_path / "tiny", classes=("cats", "dogs"))
    return Gated.open(tmp_path / "tiny", "cpu").ready()


@pytest.fixture
def other(tmp_path: Path) -> Gated:
    write_tiny_model(tmp_path / "other", "mlp", ("cats", "dogs"), seed=1)
    return Gated.open(tmp_path / "other", "cpu").ready()


def ask(pool: Pool, model: Model, seeds: range) -> Callable[[], np.ndarray[Any, Any]]:
    return lambda: pool.render(model, [model.recipe(seed) for seed in seeds])


def wait_for(pool: Pool, count: int) -> None:
    """Wait until `count` requests are in the pool."""
    wait_until(lambda: len(pool._waiting) >= count)


def right(model: Model, pictures: np.ndarray[Any, Any], seeds: range) -> bool:
    return int(np.abs(pictures.astype(int) - model.generate(list(seeds))).max()) <= 1


def test_what_waits_together_is_painted_together_and_everybody_gets_their_own(model: Gated) -> None:
    pool = Pool()
    wanted = [range(10 * number, 10 * number + 1 + number) for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(ask(pool, model, wanted[0]))
        assert model.begun.acquire(timeout=DEADLINE_SECONDS)
        others = [threads.submit(ask(pool, model, seeds)) for seeds in wanted[1:]]
        wait_for(pool, 8)
        model.let_through()
        pictures = [each.result(DEADLINE_SECONDS) for each in (first, *others)]
    assert model.passes == [1, sum(range(2, 9))]
    assert all(right(model, each, seeds) for each, seeds in zip(pictures, wanted, strict=True))
    assert not pool._waiting


def test_a_bad_recipe_is_an_error_for_its_own_caller_alone(model: Gated, other: Gated) -> None:
    pool = Pool()
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(ask(pool, model, range(1)))
        assert model.begun.acquire(timeout=DEADLINE_SECONDS)
        bad = threads.submit(lambda: pool.render(model, [other.recipe(1)]))
        good = threads.submit(ask(pool, model, range(5)))
        wait_for(pool, 3)
        model.let_through()
        with pytest.raises(ModelError, match="belongs to the weights of"):
            bad.result(DEADLINE_SECONDS)
        assert right(model, good.result(DEADLINE_SECONDS), range(5))
        assert right(model, first.result(DEADLINE_SECONDS), range(1))


def test_a_pass_that_fails_is_tried_for_each_alone(model: Gated) -> None:
    pool = Pool()
    model.broken_above = 4
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(ask(pool, model, range(1)))
        assert model.begun.acquire(timeout=DEADLINE_SECONDS)
        small = [threads.submit(ask(pool, model, range(number, number + 3))) for number in (0, 7)]
        large = threads.submit(ask(pool, model, range(20, 25)))
        wait_for(pool, 4)
        model.let_through()
        first.result(DEADLINE_SECONDS)
        for number, each in zip((0, 7), small, strict=True):
            assert right(model, each.result(DEADLINE_SECONDS), range(number, number + 3))
        with pytest.raises(RuntimeError, match="out of memory"):
            large.result(DEADLINE_SECONDS)
    assert right(model, pool.render(model, [model.recipe(3)]), range(3, 4))


def test_a_large_request_lets_small_ones_and_other_models_pass(model: Gated, other: Gated) -> None:
    pool = Pool()
    other.let_through()
    with ThreadPoolExecutor(4) as threads:
        large = threads.submit(ask(pool, model, range(150)))
        assert model.begun.acquire(timeout=DEADLINE_SECONDS)
        elsewhere = threads.submit(ask(pool, other, range(3)))
        wait_for(pool, 2)
        small = threads.submit(ask(pool, model, range(2)))
        wait_for(pool, 3)
        model.let_through(2)
        pictures, others = small.result(DEADLINE_SECONDS), elsewhere.result(DEADLINE_SECONDS)
        assert not large.done()
        model.let_through()
        assert right(model, large.result(DEADLINE_SECONDS), range(150))
    assert right(model, pictures, range(2))
    assert right(other, others, range(3))
    assert model.passes == [64, 64, 24]
    assert other.passes == [3]


def test_eight_threads_with_two_models_all_get_what_they_asked_for(model: Gated, other: Gated) -> None:
    pool = Pool()
    model.let_through()
    other.let_through()
    before = threading.active_count()

    def visitor(number: int) -> bool:
        rng = np.random.RandomState(number)
        for _ in range(6):
            chosen = (model, other)[rng.randint(2)]
            first = int(rng.randint(1000))
            seeds = range(first, first + int(rng.randint(1, 12)))
            recipes = [chosen.recipe(seed) for seed in seeds]
            made = pool.render(chosen, recipes) if rng.randint(2) else pool.paint(chosen, chosen.points(recipes))
            if not right(chosen, made, seeds):
                return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(visitor, range(8), timeout=DEADLINE_SECONDS))
    assert threading.active_count() <= before
    assert not pool._waiting


def test_nothing_asked_for_is_no_pictures(model: Gated) -> None:
    model.let_through()
    assert Pool().render(model, []).shape == (0, 16, 16, 3)
