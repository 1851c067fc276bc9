"""Trainers as detached processes, and the queue, which starts at most one trainer at a time in a home.

A queued run is a run folder whose training has not begun or will be resumed. Its name waits in `home/queue.json`, which is
written under the lock `home/queue.lock`. Starting it runs `python -m gan resume NAME --home HOME` in a session of its own, so
that it outlives the process that started it. Any one process may be dead when the next run's turn comes, so several call
`start_next(home)`: the command line when its training has ended, the process that started a trainer when that trainer dies, and
the app on its timer. The lock lets only one of them work at a time, and the files hold the state:

- A run trains while its lock is held (folder.py).
- A trainer needs seconds from its start until it holds that lock. During these seconds it holds its log: it inherits the open,
  locked file as its output, and the system releases the file when the process dies. (Windows does not inherit locks: on Windows
  a log younger than the status counts as held for START_SECONDS.)
- A run leaves the queue only after it was started. An entry whose run no longer has the status `queued` was started already and
  is skipped. If the process that starts a run dies in between, the run is therefore neither lost nor started twice.

Trainings started by hand do not wait for the queue, but the queue waits for them.
"""

import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gan
from gan.errors import RunError
from gan.files import hold, lock_descriptor, write_file
from gan.runs import ENDED, Request, Run, Waiting, list_runs, read_queue

COMMAND: Sequence[str] = (sys.executable, "-m", "gan")
QUEUE_SECONDS = 10.0
LOG_SECONDS = 1.0


def start(home: Path, name: str, config: dict[str, Any], *, command: Sequence[str] = COMMAND) -> Run:
    """Create a run, and train it as soon as its turn comes. Raises RunError."""
    run = Run.create(home, name, config)
    submit(run, command=command)
    return run


def submit(run: Run, *, images: int | None = None, minutes: float | None = None, command: Sequence[str] = COMMAND) -> None:
    """Queue a run to begin or resume, with a new total of `images` or `minutes` more if given.

    Raises RunError where it trains or waits already, and where nothing is left to train.
    """
    with locked_queue(run.home) as queue:
        status = run.status()
        if status.state == "queued" and any(place.name == run.name for place in queue):
            raise RunError("run_waiting", name=run.name)
        if status.state not in ENDED and run.active():  # the process of an ended run may take a moment to exit
            raise RunError("run_held", name=run.name)
        if status.state == "done" and minutes is None and (images or 0) <= status.images_seen:
            raise RunError("run_done", name=run.name)
        run.take_request()  # drops an old request that never took effect
        # The queue is written first: a run must not have the state queued without a place in the queue.
        others = [place for place in queue if place.name != run.name]
        _write_queue(run.home, [*others, Waiting(name=run.name, images=images, minutes=minutes)])
        run.write_status(state="queued")
    start_next(run.home, command=command)


def start_next(home: Path, *, command: Sequence[str] = COMMAND) -> Run | None:
    """Start the next run of the queue, unless one trains. Cheap when no run waits; any process may call it at any time."""
    if not read_queue(home):
        return None
    with locked_queue(home) as queue:
        if any(run.active() for run in list_runs(home)):
            return None
        for position, place in enumerate(queue):
            run = Run(home / "runs" / place.name)
            started = run.status().state == "queued" and _launch(run, place, command)
            _write_queue(home, queue[position + 1 :])
            if started:
                return run
    return None


def request(run: Run, kind: Request) -> None:
    """Send a run the request to save, pause or stop; a waiting run becomes `paused`. Raises RunError where it neither trains nor
    waits.
    """
    with locked_queue(run.home) as queue:
        kept = [place for place in queue if place.name != run.name]
        state = run.status().state
        if run.active() and state not in ENDED:
            run.request(kind)
        elif len(kept) < len(queue) and kind != "save":
            run.write_status(state="paused")
            _write_queue(run.home, kept)
        else:
            raise RunError("run_not_running", name=run.name, state=state, request=kind)


@contextmanager
def locked_queue(home: Path) -> Iterator[list[Waiting]]:
    """Yield the queue, locked against other writers. Raises RunError."""
    path = home / "queue.lock"
    with hold(path, QUEUE_SECONDS) as held:
        if not held:
            raise RunError("queue_busy", path=str(path), seconds=int(QUEUE_SECONDS))
        yield read_queue(home)


def _write_queue(home: Path, queue: list[Waiting]) -> None:
    content = {"waiting": [place.model_dump(exclude_none=True) for place in queue]}
    write_file(home / "queue.json", json.dumps(content, indent=2).encode() + b"\n")


def _launch(run: Run, place: Waiting, command: Sequence[str]) -> bool:
    """Start a run's trainer. If the system cannot start it, mark the run as failed and return False."""
    arguments = [*command, "resume", run.name, "--home", str(run.home.resolve())]
    for option, value in (("--images", place.images), ("--minutes", place.minutes)):
        if value is not None:
            arguments += [option, str(value)]
    try:
        with run.log_path.open("ab", buffering=0) as log:
            log.write(f"$ {shlex.join(arguments)}\n".encode())
            if sys.platform != "win32":
                lock_descriptor(log.fileno(), LOG_SECONDS)
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # where `-m gan` finds the package, whatever folder this process was started in
                cwd=Path(gan.__file__).parent.parent,
                env={
                    **os.environ,
                    "PYTHONUNBUFFERED": "1",
                    "PYTHONIOENCODING": "utf-8",
                },  # its last lines must not be lost in a buffer
                **_detached(),
            )
    except OSError as error:
        run.fail(RunError("run_not_started", name=run.name, reason=error.strerror or str(error)))
        return False
    threading.Thread(target=_watch, args=(process, run.home, command), name=f"watch {run.name}", daemon=True).start()
    return True


def _watch(process: "subprocess.Popen[bytes]", home: Path, command: Sequence[str]) -> None:
    """Reap the trainer when it ends, and continue with the queue even if it was killed."""
    process.wait()
    start_next(home, command=command)


def _detached() -> dict[str, Any]:
    """Return options of Popen for a child that outlives this process."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
