"""The speed at which this machine trains a plan: measured once by a separate process, stored, and converted to pictures."""

import os
from pathlib import Path

import pytest

from gan.config import RunConfig, parse_run
from gan.errors import RunError
from gan.runs import Run
from gan.runs.estimates import VALID_SECONDS, Estimate, forget_estimates, keep_estimate, known_estimate, measure
from tests.tiny_runs import tiny_run


def plan(run: Run) -> RunConfig:
    return parse_run(run.config)


def test_a_plan_is_measured_once_and_known_to_all_plans_as_fast(home: Path) -> None:
    config = plan(tiny_run(home))
    assert known_estimate(home, config) is None
    found = measure(home, config)
    assert found is not None
    assert found.rates[config.resolution] > 0
    assert measure(home, config, command=("not-a-command",)) == found, "measured again"
    assert known_estimate(home, config.model_copy(update={"seed": 7, "minutes": 5.0})) == found
    assert known_estimate(home, config.model_copy(update={"batch": 16})) is None


def test_nothing_is_measured_while_a_run_trains(home: Path) -> None:
    run = tiny_run(home)
    with run.lock():
        assert measure(home, plan(run), command=("not-a-command",)) is None


def test_a_measurement_is_forgotten_but_not_while_a_run_trains(home: Path) -> None:
    run = tiny_run(home)
    config = plan(run)
    other = config.model_copy(update={"batch": 16})
    for each in (config, other):
        keep_estimate(home, each, Estimate(rates={16: 1.0}))
    with run.lock(), pytest.raises(RunError) as caught:
        forget_estimates(home, [config])
    assert caught.value.code == "pace_while_training"
    assert known_estimate(home, config) is not None
    forget_estimates(home, [config, config])
    assert known_estimate(home, config) is None
    assert known_estimate(home, other) is not None


def test_what_cannot_be_measured_is_said(home: Path) -> None:
    with pytest.raises(RunError) as caught:
        measure(home, plan(tiny_run(home)), command=("not-a-command",))
    assert caught.value.code == "pace_not_measured"


def test_a_damaged_estimate_counts_as_none(home: Path) -> None:
    config = plan(tiny_run(home))
    keep_estimate(home, config, Estimate(rates={16: 50.0}))
    (path,) = (home / "data" / "pace").iterdir()
    path.write_text("{}", encoding="utf-8")
    assert known_estimate(home, config) is None


def test_minutes_become_pictures_by_the_speed_at_each_side(home: Path) -> None:
    config = plan(tiny_run(home, minutes=10.0)).model_copy(update={"growth": (), "growth_images": None, "resolution": 16})
    estimate = Estimate(rates={16: 100.0})
    assert estimate.images_in(config, 10.0) == pytest.approx(0.95 * 60_000, abs=config.batch)
    assert estimate.seconds_for(config, 6_000) == 60.0


def test_an_old_measurement_is_taken_again(home: Path) -> None:
    config = plan(tiny_run(home))
    keep_estimate(home, config, Estimate(rates={16: 50.0}))
    (path,) = (home / "data" / "pace").iterdir()
    written = path.stat().st_mtime
    os.utime(path, (written, written - VALID_SECONDS + 100))
    assert known_estimate(home, config) is not None
    os.utime(path, (written, written - VALID_SECONDS - 100))
    assert known_estimate(home, config) is None
