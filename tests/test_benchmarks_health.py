"""False alarms and misses: reading a training's events again, and counting."""

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks import health
from benchmarks.health import SETS, TABLES, UNSTABLE, Case, Told, has_failed, read_again, table, zip_of
from gan import data
from gan.runs.health import PROBLEMS
from tests.zips import encoded, noise, write_zip

GOOD = Case("good", "digits", 100)
BAD = Case("bad", "digits", 100, "rates too high", UNSTABLE)


def result(*events: dict[str, Any], **status: Any) -> dict[str, Any]:
    return {"objective": "relativistic", "status": {"state": "done", "images_seen": 9000, **status}, "events": list(events)}


def test_a_problem_is_told_at_the_event_that_shows_it_and_is_kept_when_it_has_passed() -> None:
    alike = [{"kind": "metrics", "images_seen": 5000 + place, "diversity": value} for place, value in enumerate((0.1, 0.1, 0.9))]
    assert read_again(result(*alike)) == Told({"collapse": 5001}, "balanced", 9000)


def test_a_rollback_is_told_at_the_pictures_where_the_training_broke() -> None:
    event = {"kind": "rollback", "images_seen": 0, "values": {"broken_at": 208}}
    assert read_again(result(event)).problems == {"diverging": 208}


def test_a_failed_training_is_told_at_its_end() -> None:
    assert read_again(result(state="failed", error_code="diverged")) == Told({"diverging": 9000}, "diverging", 9000)


@pytest.mark.parametrize(
    ("case", "problems", "counted"),
    [
        (GOOD, {}, "False alarms: 0 of 1. Misses: 0 of 0."),
        (GOOD, {"copied": 70}, "False alarms: 1 of 1. Misses: 0 of 0."),
        (BAD, {"collapse": 50}, "False alarms: 0 of 0. Misses: 0 of 1."),
        (BAD, {"copied": 70}, "False alarms: 0 of 0. Misses: 1 of 1."),
    ],
)
def test_a_problem_of_a_good_training_is_a_false_alarm_and_a_bad_one_without_its_problem_a_miss(
    case: Case, problems: dict[str, int], counted: str
) -> None:
    assert table([case], [Told(problems, "balanced", 100)], [bool(case.cause)]).splitlines()[-1] == counted


def test_a_bad_case_whose_pictures_are_as_good_as_planned_is_marked_and_not_counted() -> None:
    *_, row, _, counted = table([BAD], [Told({}, "balanced", 100)], [False]).splitlines()
    assert "rates too high (did not fail)" in row
    assert counted == "False alarms: 0 of 0. Misses: 0 of 0."


@pytest.mark.parametrize(
    ("distance", "diversity", "status", "failed"),
    [
        (149, 0.9, {}, False),
        (151, 0.9, {}, True),
        (90, 0.4, {}, True),
        (90, 0.9, {"state": "failed", "error_code": "diverged"}, True),
    ],
)
def test_a_case_has_failed_by_its_pictures_and_not_by_what_was_told(
    distance: float, diversity: float, status: dict[str, Any], failed: bool
) -> None:
    def measured(distance: float, diversity: float) -> dict[str, Any]:
        return {"kind": "metrics", "images_seen": 9000, "sliced_wasserstein": distance, "diversity": diversity}

    ours = result(measured(20, 0.2), measured(distance, diversity), **{"error_code": None, **status})
    planned = result(measured(100, 0.9), error_code=None)
    assert has_failed(replace(BAD, settings={"generator_lr": 1.0}), ours, planned) == failed
    assert has_failed(BAD, ours, None), "a few pictures leave nothing else to learn"
    assert not has_failed(GOOD, ours, None)


def test_the_tables_share_no_case_and_expect_known_problems() -> None:
    cases = [case for cases in TABLES.values() for case in cases]
    assert len({case.name for case in cases}) == len(cases)
    for case in cases:
        assert case.set_name in SETS
        assert set(case.expected) <= set(PROBLEMS)
        assert bool(case.cause) == bool(case.expected)


def test_copies_of_a_picture_are_not_duplicates(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "KEPT", tmp_path / "kept")
    monkeypatch.setitem(SETS, "copies", health.PictureSet("emoji.zip", "people", 2, copies=8))
    write_zip(tmp_path / "emoji.zip", {f"set/people/{number}.png": encoded(noise(number)) for number in range(3)})
    made = zip_of("copies", tmp_path)
    with zipfile.ZipFile(made) as packed:
        assert len(packed.namelist()) == 16
        first, second = (np.asarray(Image.open(packed.open(name))).astype(int) for name in packed.namelist()[:2])
    assert 0 < np.abs(first - second).max() <= 4
    assert data.inspect(made, home=home).usable == 16
