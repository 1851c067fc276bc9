"""Waiting, and processes that tests start to kill them. Each is forked cheaply from one that has imported everything."""

import itertools
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import Any

CONTEXT: Any = multiprocessing.get_context("forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn")
if CONTEXT.get_start_method() == "forkserver":
    # A module that cannot be imported is ignored silently, so a wrong name in this list only costs time.
    CONTEXT.set_forkserver_preload(["gan.training", "torch._dynamo", "gan.models", "gan.runs", "tests.tiny_runs"])
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # on Windows os.kill ends a process just as abruptly with SIGTERM
TOUCHING = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate", "shutil.rmtree"}
DEADLINE_SECONDS = 120


def wait_until(condition: Callable[[], Any]) -> None:
    """Wait until another thread or process makes the condition true."""
    deadline, pause = time.monotonic() + DEADLINE_SECONDS, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        pause.wait(0.005)


def _run_until(point: int, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """Call the function, and end this process by SIGKILL just before the function's file operation number `point`."""
    touched = 0

    def watch(event: str, _: tuple[Any, ...]) -> None:
        nonlocal touched
        if event in TOUCHING:
            touched += 1
            if touched == point:
                os.kill(os.getpid(), KILL)

    sys.addaudithook(watch)
    function(*arguments)


def killed_at_every_step(prepare: Callable[[], Any], function: Callable[..., Any], *arguments: Any) -> Iterator[int]:
    """Repeat `prepare()` and the function, in a process that is killed one file operation later each time.

    Yields after each kill, and a last time after the process that reached its end.
    """
    for point in itertools.count(1):
        prepare()
        process = CONTEXT.Process(target=_run_until, args=(point, function, arguments))
        process.start()
        process.join(DEADLINE_SECONDS)
        assert process.exitcode in (0, -KILL), process.exitcode
        yield point
        assert point < 200, "the function never comes to its end"
        if process.exitcode == 0:
            assert point > 3, "the function hardly touches the file system: what was killed?"
            return


def killed_at_random(rounds: int, seconds: float, function: Callable[..., Any], *arguments: Any) -> Iterator[list[Any]]:
    """Repeat a function that never ends, in a process that is killed within `seconds` of its first report.

    The function receives the round, a connection to report on and the arguments. Yields all its reports.
    """
    for number in range(rounds):
        reader, writer = CONTEXT.Pipe(duplex=False)
        process = CONTEXT.Process(target=function, args=(number, writer, *arguments))
        process.start()
        writer.close()
        assert reader.poll(DEADLINE_SECONDS), "the process did not begin"
        process.join(random.random() * seconds)
        process.kill()
        process.join(DEADLINE_SECONDS)
        assert process.exitcode == -KILL
        yield list(_received(reader))
        reader.close()


def _received(reader: Connection) -> Iterator[Any]:
    try:
        while True:
            yield reader.recv()
    except EOFError:
        return
