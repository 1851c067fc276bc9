"""Runs as a whole: renamed, removed and restored, started again with a remedy, listed, exported as CSV and as a command."""

import csv
import io
import shlex
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gan.cli import app
from gan.config import parse_run
from gan.errors import ConfigError, RunError
from gan.runs import Run, Status, list_runs
from gan.runs.changing import remove, rename, restore
from gan.runs.health import Finding, copied, examine, mixtures
from gan.runs.listing import RunList
from gan.runs.remedies import REMEDIES, as_long_again, begin_again
from gan.runs.tables import events_csv, train_command
from tests.tiny_runs import FIXTURE, tiny_run


def ended_run(home: Path, name: str = "one", **chosen: Any) -> Run:
    run = tiny_run(home, name, **chosen)
    run.write_status(state="done", images_seen=64, images_total=64)
    return run


# Changing


def test_a_renamed_run_keeps_everything(home: Path) -> None:
    run = ended_run(home)
    run.append_event({"kind": "progress", "images_seen": 8})
    renamed = rename(run, "two")
    assert [each.name for each in list_runs(home)] == ["two"]
    assert renamed.status().state == "done"
    assert len(renamed.events()) == 1


def test_a_name_that_is_taken_or_not_allowed_is_refused(home: Path) -> None:
    run = ended_run(home)
    ended_run(home, "two")
    with pytest.raises(RunError, match="already a run two"):
        rename(run, "two")
    with pytest.raises(RunError, match="cannot name a run"):
        rename(run, "../two")
    assert run.status().state == "done"


def test_a_removed_run_can_be_taken_back(home: Path) -> None:
    place = remove(ended_run(home))
    assert list_runs(home) == []
    assert restore(home, place.parent.name, place.name).status().state == "done"
    assert [run.name for run in list_runs(home)] == ["one"]


def test_a_run_is_not_taken_back_over_another_nor_from_elsewhere(home: Path) -> None:
    place = remove(ended_run(home))
    ended_run(home)
    with pytest.raises(RunError, match="already a run one"):
        restore(home, place.parent.name, "one")
    with pytest.raises(RunError, match="no run one"):
        restore(home, "../runs", "one")
    with pytest.raises(RunError, match="no run one"):
        restore(home, "..", "one")


def test_a_run_in_training_is_neither_renamed_nor_removed(home: Path) -> None:
    run = ended_run(home)
    with run.lock():
        run.write_status(state="training")
        for change in (lambda: rename(run, "two"), lambda: remove(run)):
            with pytest.raises(RunError, match="is training already"):
                change()
    assert [each.name for each in list_runs(home)] == ["one"]


# Remedies


@pytest.mark.parametrize("family", ["style", "dcgan", "mlp"])
@pytest.mark.parametrize("remedy", REMEDIES)
def test_every_remedy_makes_a_plan_that_works_for_every_family(home: Path, family: str, remedy: str) -> None:
    before = parse_run(tiny_run(home, family=family).config)
    after = parse_run(begin_again(before.model_dump(mode="json"), remedy))
    assert after != before
    assert (after.images_total, after.dataset_hash, after.seed) == (before.images_total, before.dataset_hash, before.seed)


def test_remedies_change_what_they_say(home: Path) -> None:
    plain = parse_run(tiny_run(home, family="dcgan").config)
    values = plain.model_dump(mode="json")
    assert begin_again(values, "lower_rate")["generator_lr"] == plain.generator_lr / 2
    assert begin_again(values, "smaller_batch")["batch"] == plain.batch // 2
    assert (plain.penalty, begin_again(values, "stronger_penalty")["penalty"]) == ("none", "r1")
    assert begin_again(values, "stronger_augmentation")["augment_strength"] >= 0.3
    style = parse_run(tiny_run(home, "two").config)
    stronger = begin_again(style.model_dump(mode="json"), "stronger_penalty")
    assert stronger["penalty_weight"] == 4 * style.penalty_weight


def test_a_plan_by_the_clock_is_measured_again(home: Path) -> None:
    config = tiny_run(home, minutes=2.0).config | {"images_total": 5000, "growth_images": 5000, "plan_settled": True}
    again = begin_again(config, "lower_rate")
    assert (again["minutes"], again["images_total"], again["growth_images"], again["plan_settled"]) == (2.0, None, None, False)


def test_the_smallest_batch_cannot_be_halved(home: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be made smaller"):
        begin_again(tiny_run(home, family="mlp", batch=2).config, "smaller_batch")


def test_training_longer_is_as_long_again_in_minutes_or_pictures() -> None:
    status = Status(images_seen=1000, seconds=300)
    assert as_long_again({"minutes": 60.0}, status) == {"minutes": 5.0}
    assert as_long_again({"images_total": 1000}, status) == {"images": 2000}


# Health of copies


def copies(*shares: float, low: float | None = None) -> list[dict[str, Any]]:
    more = {} if low is None else {"copied_share_low": low}
    return [{"kind": "copies", "images_seen": 100 * index, "near_share": share, **more} for index, share in enumerate(shares)]


def test_copies_are_told_when_two_measurements_in_a_row_find_them() -> None:
    found = copied(copies(0.1, 0.9, 0.9))
    assert found is not None
    assert (found.code, found.values, found.since_images) == ("copied", {"percent": 90}, 100)
    assert copied(copies(0.9)) is None
    assert copied(copies(0.08, 0.08)) is None
    assert copied(copies(0.12, 0.12)) is not None
    assert copied(copies(0.9, 0.1)) is None


def test_with_held_out_pictures_the_interval_decides() -> None:
    assert copied(copies(0.9, 0.9, low=0.05)) is None, "blurred pictures lie near to many"
    assert copied(copies(0.9, 0.9, low=0.6)) is not None
    assert copied(copies(0.05, 0.05, low=0.9)) is None, "noise is nearest to few, and near to none"
    assert examine(copies(0.9, 0.9), Status(images_seen=9000), "").state == "copied"


def test_mixtures_are_told_when_two_measurements_in_a_row_find_them() -> None:
    def found(*ratios: float) -> Finding | None:
        return mixtures([event | {"mixture_ratio": each} for event, each in zip(copies(*[0.0] * 9), ratios, strict=False)])

    told = found(0.9, 0.5, 0.4)
    assert told is not None
    assert (told.code, told.values, told.since_images) == ("mixtures", {"percent": 63}, 100)
    assert found(0.5) is None
    assert found(0.5, 0.71) is None
    assert found(0.71, 0.69) is None
    assert mixtures(copies(0.9, 0.9)) is None, "sets of many pictures are not measured"


# The list


def test_the_list_follows_what_happens_to_runs(home: Path) -> None:
    listed = RunList(home)
    assert listed.rows() == []
    run = ended_run(home)
    assert [(each.name, status.state) for each, status in listed.rows()] == [("one", "done")]
    run.write_status(state="paused")
    assert [status.state for _, status in listed.rows()] == ["paused"]
    rename(run, "two")
    assert [each.name for each, _ in listed.rows()] == ["two"]


def test_a_thousand_runs_are_listed_quickly(home: Path) -> None:
    config = (ended_run(home).folder / "config.json").read_bytes()
    status = (home / "runs" / "one" / "status.json").read_bytes()
    for number in range(1000):
        folder = home / "runs" / f"run-{number}"
        folder.mkdir()
        (folder / "config.json").write_bytes(config)
        (folder / "status.json").write_bytes(status)
    listed = RunList(home)
    assert len(listed.rows()) == 1001
    begun = time.process_time()
    listed.rows()
    assert time.process_time() - begun < 0.5


# For other programs


def test_events_become_a_table_that_a_spreadsheet_does_not_compute() -> None:
    events = [{"kind": "progress", "images_seen": 8, "real_score": 1.5}, {"kind": "note", "images_seen": 8, "code": "=1+1"}]
    rows = list(csv.DictReader(io.StringIO(events_csv(events))))
    assert rows[0]["real_score"] == "1.5"
    assert (rows[1]["kind"], rows[1]["real_score"], rows[1]["code"]) == ("note", "", "'=1+1")


def test_the_command_line_of_a_run_makes_the_same_plan(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tiny_run(home, family="mlp", network="mlp", images=8, seed=3)
    words = shlex.split(train_command("again", run.config))
    assert words[:4] == ["python", "-m", "gan", "train"]
    words[4] = str(FIXTURE)
    made = CliRunner().invoke(app, [*words[3:], "--home", str(home)])
    assert made.exit_code == 0, made.output
    again, before = parse_run(Run.open(home, "again").config), parse_run(run.config)
    same = {"network", "z_dim"}  # settings of the tiny run that have no option
    assert again.model_dump(exclude=same) == before.model_dump(exclude=same)
