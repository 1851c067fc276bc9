"""A run folder is correct for every reader, whenever its trainer is killed."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan.errors import CheckpointError, ConfigError, GanError, RunError
from gan.runs import EventNews, EventPosition, Request, Run, Status, home_folder, list_runs, read_queue
from tests.processes import CONTEXT, DEADLINE_SECONDS, killed_at_every_step, killed_at_random

CONFIG = {"images_total": 1000, "seed": 7}


@pytest.fixture
def run(home: Path) -> Run:
    return Run.create(home, "cats", CONFIG)


def train_for_ever(folder: Path, reports: Connection) -> None:
    run = Run(folder)
    with run.lock():
        run.write_status(state="training", images_seen=5)
        reports.send("training")
        CONTEXT.Event().wait()


def lock_or_tell(folder: Path, reports: Connection) -> None:
    try:
        with Run(folder).lock():
            reports.send("locked")
            CONTEXT.Event().wait()
    except RunError as error:
        reports.send(error.code)


@contextmanager
def trainer(run: Run, target: Any = train_for_ever) -> Iterator[Any]:
    """Yield a process that trains the run; it is killed at the end."""
    reader, writer = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=target, args=(run.folder, writer))
    process.start()
    writer.close()
    assert reader.poll(DEADLINE_SECONDS)
    process.told = reader.recv()
    try:
        yield process
    finally:
        process.kill()
        process.join(DEADLINE_SECONDS)


# Home and names


def test_the_home_is_the_option_then_the_environment_then_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAN_HOME", str(tmp_path / "environment"))
    monkeypatch.chdir(tmp_path)
    assert home_folder(tmp_path / "option") == tmp_path / "option"
    assert home_folder("relative") == tmp_path / "relative"
    assert home_folder() == tmp_path / "environment"
    monkeypatch.delenv("GAN_HOME")
    assert home_folder() == tmp_path
    (tmp_path / "file").touch()
    with pytest.raises(RunError):
        home_folder(tmp_path / "file")


@pytest.mark.parametrize("name", ["a", "A1", "cats-2.0_x", "0", "a" * 64, "console", "com", "com10", "nulls.x"])
def test_names_that_folders_may_have_everywhere_are_taken(home: Path, name: str) -> None:
    assert Run.create(home, name, CONFIG).folder == home / "runs" / name


NO_NAMES = ["", ".", "..", "../x", "a/b", "a\\b", "/etc", ".hidden", "-x", "_x", "a" * 65, "a b", "ä", "a\n", "a\0", "a:b", "C:"]
WINDOWS_NAMES = ["con", "NUL", "aux.txt", "Com1", "lpt9.tar.gz", "prn", "name."]


@pytest.mark.parametrize("name", [*NO_NAMES, *WINDOWS_NAMES])
def test_names_that_lead_elsewhere_or_that_windows_cannot_hold_are_refused(home: Path, name: str) -> None:
    with pytest.raises(RunError) as created:
        Run.create(home, name, CONFIG)
    with pytest.raises(RunError) as opened:
        Run.open(home, name)
    assert created.value.code == opened.value.code == ("run_name_invalid" if name in NO_NAMES else "run_name_reserved")
    assert list(home.iterdir()) == []


def test_a_name_is_given_once(home: Path, run: Run) -> None:
    with pytest.raises(RunError, match="already a run cats"):
        Run.create(home, "cats", {"images_total": 5})
    assert run.config == CONFIG


def test_a_run_that_is_not_there_cannot_be_opened(home: Path) -> None:
    (home / "runs" / "empty").mkdir(parents=True)
    for name in ("empty", "none"):
        with pytest.raises(RunError, match=f"no run {name}"):
            Run.open(home, name)
    assert list_runs(home) == []


def test_a_home_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(RunError) as caught:
        Run.create(tmp_path, "cats", CONFIG)
    assert caught.value.code == "home_unusable"


def test_a_new_run_is_there_whole_or_not_at_all_wherever_its_maker_is_killed(home: Path) -> None:
    seen = set()
    for _ in killed_at_every_step(lambda: None, create_next, home):
        for run in list_runs(home):
            assert run.config == CONFIG
            assert run._written_status() == Status(images_total=1000)
        seen.add(len(list_runs(home)))
    assert {0, 1} <= seen


def create_next(home: Path) -> None:
    Run.create(home, f"run-{len(list_runs(home))}", CONFIG)


def test_runs_are_listed_newest_first(home: Path) -> None:
    for age, name in enumerate(("old", "older", "oldest")):
        run = Run.create(home, name, CONFIG)
        os.utime(run.folder / "config.json", (1000 - age, 1000 - age))
    (home / "runs" / ".hidden.tmp").mkdir()
    (home / "runs" / "file").touch()
    assert [run.name for run in list_runs(home)] == ["old", "older", "oldest"]


# Status


def test_a_status_keeps_what_is_not_named(run: Run) -> None:
    run.write_status(state="training", images_seen=64, seconds=1.5)
    run.write_status(images_seen=128, eta_seconds=float("nan"))
    written = json.loads((run.folder / "status.json").read_bytes())
    assert written["state"] == "training"
    assert written["images_seen"] == 128
    assert written["images_total"] == 1000
    assert written["seconds"] == 1.5
    assert written["eta_seconds"] is None


def test_a_failure_is_written_with_its_code_and_values_and_forgotten_when_the_run_goes_on(run: Run) -> None:
    run.fail(ConfigError("config_field", field="batch", found=Path("x"), expected="a number"), images_seen=3)
    status = run.status()
    assert (status.state, status.images_seen) == ("failed", 3)
    assert status.error_code is not None
    assert str(GanError(status.error_code, **status.error_values)) == status.error == "batch is x; it must be a number."
    run.write_status(state="preparing")
    assert run._written_status().error is None


def test_a_run_is_interrupted_when_it_has_not_ended_and_nobody_lives(run: Run) -> None:
    with trainer(run):
        assert run.alive()
        assert run.status().state == "training"
    assert not run.alive()
    assert run.status() == Status(state="interrupted", images_seen=5, images_total=1000)
    for state in ("queued", "preparing", "stopping", "interrupted"):
        run.write_status(state=state)
        assert run.status().state == "interrupted"
    for state in ("paused", "done", "failed"):
        run.write_status(state=state)
        assert run.status().state == state


def test_a_queued_run_in_the_queue_is_not_interrupted(home: Path, run: Run) -> None:
    (home / "queue.json").write_text('{"waiting": [{"name": "cats"}]}')
    assert run.status().state == "queued"
    run.write_status(state="training")
    assert run.status().state == "interrupted"


def test_an_interrupted_run_says_what_its_log_said_last(run: Run) -> None:
    started = "$ python -m gan resume cats\n"
    run.log_path.write_text(
        f"{started}earlier words\n{started}1 %\r2 %\rTraceback\r\n\x1b[1m  Boom: no\x1b[0m\x07\n\n", newline=""
    )
    status = run.status()
    assert status.state == "interrupted"
    assert status.error is not None
    assert status.error.endswith("2 % Traceback Boom: no")
    assert "earlier" not in status.error
    assert str(RunError(status.error_code or "", **status.error_values)) == status.error


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"state": "winning"}', b'{"images_seen": "many"}', b"\0" * 200])
def test_a_lost_status_reads_as_interrupted(run: Run, content: bytes) -> None:
    (run.folder / "status.json").write_bytes(content)
    assert run.status().state == "interrupted"
    run.write_status(state="done")
    assert run.status().state == "done"


def test_a_status_of_a_later_version_is_read(run: Run) -> None:
    (run.folder / "status.json").write_text('{"state": "done", "images_seen": 5, "mood": "good"}')
    assert run.status() == Status(state="done", images_seen=5)


def test_a_status_is_whole_whenever_its_writer_is_killed(run: Run) -> None:
    for _ in killed_at_random(15, 0.05, write_for_ever, run.folder):
        status = json.loads((run.folder / "status.json").read_bytes())
        assert status["images_seen"] == status["seconds"]
        assert run.status().state == "interrupted"


def write_for_ever(number: int, reports: Connection, folder: Path) -> None:
    run = Run(folder)
    with run.lock():
        for images_seen in range(10**9):
            run.write_status(state="training", images_seen=images_seen, seconds=float(images_seen))
            run.append_event({"images_seen": images_seen, "loss": images_seen / 3, "padding": "x" * (images_seen % 1000)})
            if images_seen == 20:
                reports.send(number)


# Lock and requests


def test_a_run_has_one_trainer_and_another_can_follow_when_it_was_killed(run: Run) -> None:
    with trainer(run):
        with pytest.raises(RunError, match="training already"), run.lock():
            pass
        with trainer(run, lock_or_tell) as second:
            assert second.told == "run_held"
    with run.lock():
        assert run.alive()
    assert not run.alive()


def test_a_request_is_taken_once(run: Run) -> None:
    assert run.take_request() is None
    run.request("save")
    assert json.loads((run.folder / "control.json").read_bytes()) == {"request": "save"}
    assert run.take_request() == "save"
    assert run.take_request() is None


def test_a_stronger_request_is_not_weakened(run: Run) -> None:
    requests: list[Request] = ["save", "stop", "pause", "save"]
    for kind in requests:
        run.request(kind)
    assert run.take_request() == "stop"


@pytest.mark.parametrize("content", [b"", b"stop", b'{"request": "rm -rf"}', b'{"request": ["stop"]}', b"[" * 100_000])
def test_a_request_that_says_nothing_is_dropped(run: Run, content: bytes) -> None:
    (run.folder / "control.json").write_bytes(content)
    assert run.take_request() is None
    assert not (run.folder / "control.json").exists()


def test_a_request_to_a_dead_trainer_does_not_stop_the_next_one(run: Run) -> None:
    run.write_status(state="training")
    run.request("stop")
    with run.lock():
        assert run.take_request() is None


def test_a_request_to_a_queued_run_is_obeyed_when_it_begins(run: Run) -> None:
    run.request("stop")
    with run.lock():
        assert run.take_request() == "stop"


# Events


def test_events_come_back_as_they_were_added(run: Run) -> None:
    assert run.events() == []
    events: list[dict[str, Any]] = [{"images_seen": n, "loss": 0.1 * n, "text": "ö\n"} for n in range(5)]
    for event in events:
        run.append_event(event)
    assert run.events() == events
    assert run.events(since=3) == events[3:]
    run.append_event({"images_seen": 5, "losses": [float("inf"), float("nan"), np.float64(2)]})
    assert run.events()[-1] == {"images_seen": 5, "losses": [None, None, 2.0]}


def test_a_torn_last_line_is_not_there_and_the_next_one_is(run: Run) -> None:
    run.append_event({"images_seen": 1})
    with run.events_path.open("ab") as file:
        file.write(b'{"images_seen": 2, "lo')
    assert run.events() == [{"images_seen": 1}]
    run.append_event({"images_seen": 3})
    assert run.events() == [{"images_seen": 1}, {"images_seen": 3}]


def test_events_are_whole_lines_whenever_the_trainer_is_killed(run: Run) -> None:
    for _ in killed_at_random(15, 0.05, write_for_ever, run.folder):
        events = run.events()
        last = events[-1]["images_seen"]
        assert [event["images_seen"] for event in events[-last - 1 :]] == list(range(last + 1))
        run.cut_events(last // 2)
        assert [event["images_seen"] for event in run.events()] == list(range(last // 2 + 1))
        run.cut_events(-1)


def test_a_reader_that_comes_again_gets_what_is_new(run: Run) -> None:
    news = run.read_events()
    assert news == EventNews([], EventPosition(), restarted=False)
    for number in range(3):
        run.append_event({"images_seen": number})
        news = run.read_events(news.position)
        assert news.events == [{"images_seen": number}]
        assert not news.restarted
    with run.events_path.open("ab") as file:
        file.write(b'{"images_seen": 3')
    torn = run.read_events(news.position)
    assert torn == EventNews([], news.position, restarted=False)
    with run.events_path.open("ab") as file:
        file.write(b"}\n")
    assert run.read_events(torn.position).events == [{"images_seen": 3}]


def test_a_reader_is_told_when_events_were_cut(run: Run) -> None:
    for number in range(6):
        run.append_event({"images_seen": number, "try": 1})
    position = run.read_events().position
    run.cut_events(2)
    for number in range(3, 9):  # now the file is longer than before
        run.append_event({"images_seen": number, "try": 2})
    news = run.read_events(position)
    assert news.restarted
    assert [event["images_seen"] for event in news.events] == list(range(9))
    run.events_path.unlink()
    assert run.read_events(news.position) == EventNews([], EventPosition(), restarted=True)


def test_events_are_cut_at_once_wherever_the_trainer_is_killed(run: Run) -> None:
    events = [{"images_seen": number} for number in range(20)]

    def prepare() -> None:
        run.events_path.write_text("".join(json.dumps(event) + "\n" for event in events))

    seen = set()
    for _ in killed_at_every_step(prepare, run.cut_events, 9):
        assert run.events() in (events, events[:10])
        seen.add(len(run.events()))
    assert seen == {10, 20}
    assert not [path for path in run.folder.iterdir() if path.name.startswith(".")]


def test_events_without_a_count_stay_when_others_are_cut(run: Run) -> None:
    run.append_event({"kind": "begun"})
    run.append_event({"images_seen": 5})
    run.cut_events(0)
    assert run.events() == [{"kind": "begun"}]


def test_events_on_a_disk_that_refuses_are_one_clear_error(run: Run) -> None:
    run.events_path.mkdir()
    with pytest.raises(CheckpointError) as caught:
        run.append_event({})
    assert caught.value.code == "file_not_written"


# Samples and queue


def test_samples_are_named_by_pictures_and_listed_in_order(run: Run) -> None:
    assert run.samples() == []
    for images_seen in (64_000, 0, 1_000_000_000, 128_000):
        run.write_sample(images_seen, np.zeros((4, 4, 3), dtype=np.uint8))
    (run.samples_folder / "notes.png").touch()
    assert [path.name for path in run.samples()] == ["000000000.png", "000064000.png", "000128000.png", "1000000000.png"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"waiting": 5}', '{"waiting": [{"name": "../x"}]}', '{"waiting": [{}]}'])
def test_a_damaged_queue_is_empty(home: Path, content: str) -> None:
    (home / "queue.json").write_text(content)
    assert read_queue(home) == []
