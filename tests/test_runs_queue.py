"""Trainings outlive the process that started them, take turns, and are never lost or started twice. All processes are real."""

import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from gan.errors import RunError
from gan.runs import Run, list_runs, read_queue
from gan.runs import queue as jobs
from gan.sampler import Model
from tests.processes import CONTEXT, DEADLINE_SECONDS, KILL, killed_at_every_step, wait_until
from tests.tiny_runs import tiny_run

# A small trainer: it takes the lock, records its actions, follows requests, and ends at once or when the home holds a file `go`.
TRAINER = """
import json, os, sys, threading
from pathlib import Path

sys.path.insert(0, os.getcwd())
from gan.files import hold, write_file

assert sys.argv[1] == "resume" and sys.argv[3] == "--home"
home = Path(sys.argv[4])
folder = home / "runs" / sys.argv[2]
config = json.loads((folder / "config.json").read_bytes())
if config.get("breaks"):
    raise RuntimeError("nothing works here")


def tell(state):
    write_file(folder / "status.json", json.dumps({"state": state, "images_seen": 7}).encode())


with hold(folder / "lock", 1) as held:
    with (home / "trained").open("a") as file:
        file.write(f"{folder.name} {'alone' if held else 'twice'} {' '.join(sys.argv[5:])}".strip() + chr(10))
    print("training in session", os.getsid(0))
    tell("training")
    state = "done"
    while not (config.get("short") or (home / "go").exists()):
        control = folder / "control.json"
        if control.exists():
            request = json.loads(control.read_bytes())["request"]
            control.unlink()
            if request != "save":
                state = "paused"
                break
            (folder / "saved").touch()
        threading.Event().wait(0.01)
    tell(state)
if config.get("hands on"):
    from gan.runs.queue import start_next
    start_next(home, command=sys.orig_argv[:2])
"""


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    (tmp_path / "trainer.py").write_text(TRAINER)
    return [sys.executable, str(tmp_path / "trainer.py")]


@pytest.fixture(autouse=True)
def _no_process_stays(home: Path) -> Iterator[None]:
    """End every trainer of a test, and the threads of this process that watch it."""
    yield
    (home / "go").touch()
    wait_until(lambda: not read_queue(home) and not any(run.active() for run in list_runs(home)))
    wait_for_watchers()


def wait_for_watchers() -> None:
    """Wait until every trainer started by this process has ended, and its watcher has checked the queue."""
    for thread in threading.enumerate():
        if thread.name.startswith("watch "):
            thread.join(DEADLINE_SECONDS)


def state(run: Run) -> str:
    return run.status().state


def trained(home: Path) -> list[str]:
    """Return which runs were trained, in order, each with `alone` and its options."""
    return (home / "trained").read_text().splitlines() if (home / "trained").exists() else []


def session_of(run: Run) -> int:
    return int(run.log_path.read_text().split("session")[-1])


def start_two_and_wait(home: Path, command: list[str], reports: Connection) -> None:
    """Start two runs from a process with its own session, as a server in a terminal has."""
    os.setsid()
    for name in ("first", "second"):
        jobs.start(home, name, {"hands on": True}, command=command)
    reports.send("started")
    CONTEXT.Event().wait()


def start_next_together(home: Path, command: list[str], barrier: Any, reports: Connection) -> None:
    barrier.wait(DEADLINE_SECONDS)
    started = jobs.start_next(home, command=command)
    reports.send(started and started.name)
    CONTEXT.Event().wait()  # this process waits until it is killed


def test_a_training_and_the_queue_outlive_the_killed_starter(home: Path, command: list[str]) -> None:
    reader, writer = CONTEXT.Pipe(duplex=False)
    starter = CONTEXT.Process(target=start_two_and_wait, args=(home, command, writer))
    starter.start()
    assert reader.poll(DEADLINE_SECONDS)
    first, second = (Run.open(home, name) for name in ("first", "second"))
    wait_until(lambda: state(first) == "training")
    os.killpg(starter.pid, signal.SIGKILL)  # kills everything in its session
    starter.join(DEADLINE_SECONDS)
    assert session_of(first) not in {starter.pid, os.getsid(0)}
    jobs.request(first, "save")
    wait_until((first.folder / "saved").exists)  # the training continues
    assert (state(first), state(second)) == ("training", "queued")
    (home / "go").touch()
    wait_until(lambda: state(second) == "done")  # the first trainer started the second run, since no other process exists
    assert trained(home) == ["first alone", "second alone"]


def test_trainings_take_turns_in_their_order(home: Path, command: list[str]) -> None:
    runs = [jobs.start(home, name, {}, command=command) for name in ("b", "a", "c")]
    wait_until(lambda: state(runs[0]) == "training")
    assert [place.name for place in read_queue(home)] == ["a", "c"]
    assert [state(run) for run in runs] == ["training", "queued", "queued"]
    assert jobs.start_next(home, command=command) is None
    (home / "go").touch()
    wait_until(lambda: [state(run) for run in runs] == ["done"] * 3)
    assert trained(home) == ["b alone", "a alone", "c alone"]


def test_a_started_run_counts_before_its_process_holds_the_lock(home: Path) -> None:
    slow = [sys.executable, "-c", "import os, threading; print(os.getpid(), flush=True); threading.Event().wait()"]
    run = jobs.start(home, "slow", {}, command=slow)
    assert read_queue(home) == []
    assert not run.alive()
    assert run.active()
    assert state(run) == "queued"
    waiting = jobs.start(home, "waiting", {"short": True}, command=slow)
    assert state(waiting) == "queued"
    assert [place.name for place in read_queue(home)] == ["waiting"]
    jobs.request(waiting, "stop")
    wait_until(lambda: run.log_tail().isdigit())
    os.kill(int(run.log_tail()), KILL)
    wait_until(lambda: state(run) == "interrupted")


def test_many_who_start_the_next_at_once_start_one(home: Path, command: list[str]) -> None:
    for number in range(4):
        Run.create(home, f"run-{number}", {})
    for number in range(500):  # checking whether a run trains takes every process some time
        shutil.copytree(home / "runs" / "run-0", home / "runs" / f"idle-{number}")
    (home / "queue.json").write_text(json.dumps({"waiting": [{"name": f"run-{number}"} for number in range(4)]}))
    barrier = CONTEXT.Barrier(6)
    pipes, starters = [], []
    for _ in range(6):
        reader, writer = CONTEXT.Pipe(duplex=False)
        starters.append(CONTEXT.Process(target=start_next_together, args=(home, command, barrier, writer)))
        starters[-1].start()
        pipes.append(reader)
    assert all(pipe.poll(DEADLINE_SECONDS) for pipe in pipes)
    assert sorted(str(pipe.recv()) for pipe in pipes) == ["None"] * 5 + ["run-0"]
    (home / "go").touch()
    wait_until(lambda: len(trained(home)) == 4 and not read_queue(home))  # each end makes its watcher start the next
    for starter in starters:
        starter.kill()
        starter.join(DEADLINE_SECONDS)
    assert trained(home) == [f"run-{number} alone" for number in range(4)]


def test_wherever_a_starter_is_killed_the_run_is_trained_once(home: Path, command: list[str]) -> None:
    def prepare() -> None:
        Run.create(home, "cats", {"short": True})
        (home / "queue.json").write_text('{"waiting": [{"name": "cats"}]}')

    for point in killed_at_every_step(prepare, start_next_and_leave, home, command):
        jobs.start_next(home, command=command)
        wait_until(lambda: state(Run.open(home, "cats")) == "done")
        wait_for_watchers()
        wait_until(lambda: jobs.start_next(home, command=command) is None and not read_queue(home))
        assert trained(home) == ["cats alone"], point
        shutil.rmtree(home / "runs" / "cats")
        (home / "trained").unlink()


def start_next_and_leave(home: Path, command: list[str]) -> None:
    jobs.start_next(home, command=command)


def test_a_waiting_run_that_is_stopped_never_begins_and_can_be_resumed(home: Path, command: list[str]) -> None:
    first, second = (jobs.start(home, name, {}, command=command) for name in ("first", "second"))
    with pytest.raises(RunError, match="is not training"):
        jobs.request(second, "save")
    jobs.request(second, "stop")
    assert state(second) == "paused"
    assert read_queue(home) == []
    jobs.submit(second, command=command)
    assert state(second) == "queued"
    jobs.request(second, "pause")
    wait_until(lambda: state(first) == "training")
    (home / "go").touch()
    wait_until(lambda: state(first) == "done")
    assert trained(home) == ["first alone"]


def test_requests_reach_the_trainer_and_the_run_can_go_on(home: Path, command: list[str]) -> None:
    run = jobs.start(home, "cats", {}, command=command)
    jobs.request(run, "pause")  # even before it has started
    wait_until(lambda: state(run) == "paused")
    with pytest.raises(RunError, match="its state is paused"):
        jobs.request(run, "pause")
    run.request("stop")  # ignored when the run is submitted
    jobs.submit(run, images=200, command=command)
    wait_until(lambda: state(run) == "training")
    with pytest.raises(RunError, match="training already"):
        jobs.submit(run, command=command)
    (home / "go").touch()
    wait_until(lambda: state(run) == "done")
    for images in (None, 7):
        with pytest.raises(RunError, match="has finished"):
            jobs.submit(run, images=images, command=command)
    jobs.submit(run, minutes=1.5, command=command)
    wait_until(lambda: len(trained(home)) == 3)
    assert trained(home) == ["cats alone", "cats alone --images 200", "cats alone --minutes 1.5"]


def test_a_run_waits_once(home: Path, command: list[str]) -> None:
    jobs.start(home, "first", {}, command=command)
    second = jobs.start(home, "second", {}, command=command)
    with pytest.raises(RunError, match="waiting in the queue already"):
        jobs.submit(second, command=command)
    assert [place.name for place in read_queue(home)] == ["second"]


def test_a_run_that_dies_at_once_says_why_and_the_next_one_starts(home: Path, command: list[str]) -> None:
    broken = jobs.start(home, "broken", {"breaks": True}, command=command)
    good = jobs.start(home, "good", {"short": True}, command=command)
    wait_until(lambda: state(good) == "done")
    status = broken.status()
    assert status.state == "interrupted"
    assert status.error is not None
    assert status.error.endswith("RuntimeError: nothing works here")


def test_a_killed_trainer_reads_as_interrupted_and_the_next_one_starts(home: Path, command: list[str]) -> None:
    first = jobs.start(home, "first", {}, command=command)
    wait_until(lambda: state(first) == "training")
    second = jobs.start(home, "second", {}, command=command)
    os.killpg(session_of(first), signal.SIGKILL)
    wait_until(lambda: state(second) == "training")
    assert state(first) == "interrupted"


def test_a_run_started_by_hand_is_waited_for(home: Path, command: list[str]) -> None:
    by_hand = Run.create(home, "by-hand", {})
    with by_hand.lock():
        by_hand.write_status(state="training")
        waiting = jobs.start(home, "waiting", {"short": True}, command=command)
        assert state(waiting) == "queued"
        assert jobs.start_next(home, command=command) is None
        by_hand.write_status(state="done")
    assert jobs.start_next(home, command=command) is not None
    wait_until(lambda: state(waiting) == "done")


def test_a_program_that_is_not_there_fails_the_run_and_not_the_queue(home: Path, command: list[str]) -> None:
    run = jobs.start(home, "cats", {"short": True}, command=[str(home / "no-python")])
    status = run.status()
    assert status.state == "failed"
    assert status.error_code == "run_not_started"
    assert "No such file" in str(status.error)
    jobs.submit(run, command=command)
    wait_until(lambda: state(run) == "done")


def test_a_run_that_was_removed_while_it_waited_is_passed_over(home: Path, command: list[str]) -> None:
    first, second, third = (jobs.start(home, name, {}, command=command) for name in ("first", "second", "third"))
    second.folder.rename(home / "gone")
    wait_until(lambda: state(first) == "training")
    (home / "go").touch()
    wait_until(lambda: state(third) == "done")
    assert trained(home) == ["first alone", "third alone"]


def test_the_log_keeps_what_every_start_printed(home: Path, command: list[str]) -> None:
    run = jobs.start(home, "cats", {"short": True}, command=command)
    wait_until(lambda: state(run) == "done")
    wait_until(lambda: not run.active())
    jobs.submit(run, minutes=1, command=command)
    wait_until(lambda: len(trained(home)) == 2)
    lines = run.log_path.read_text().splitlines()
    assert [line for line in lines if line.startswith("$")] == [
        f"$ {' '.join(command)} resume cats --home {home}",
        f"$ {' '.join(command)} resume cats --home {home} --minutes 1.0",
    ]
    assert len([line for line in lines if line.startswith("training in session")]) == 2


def test_real_trainings_take_turns_survive_a_kill_and_go_on(home: Path) -> None:
    first, second = (tiny_run(home, name, images=images) for name, images in (("first", 10**6), ("second", 32)))
    telling = "import os, sys; print('pid', os.getpid(), flush=True); from gan.cli import main; main(sys.argv[1:])"
    jobs.submit(first, command=[sys.executable, "-c", telling])
    jobs.submit(second)
    wait_until(lambda: first.status().images_seen)
    assert (state(first), state(second)) == ("training", "queued")
    os.kill(int(first.log_path.read_text().split("pid ")[-1].split()[0]), KILL)
    wait_until(lambda: state(first) == "interrupted")
    jobs.submit(first, images=first.status().images_seen + 8)
    wait_until(lambda: state(second) == "done")
    wait_until(lambda: state(first) == "done")
    for run in (first, second):
        assert Model.open(run.model_folder, "cpu").generate([0], batch=1).shape == (1, 16, 16, 3)
