"""Measures the speed of a training, and handles the signals that end it. This module does not affect the learning."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

CLOSED: Any = getattr(signal, "SIGHUP", None)  # sent when a terminal is closed; None on Windows
ENDING = [signal.SIGTERM, signal.SIGINT, *([CLOSED] if CLOSED is not None else [])]


class Pace:
    """The speed of a training in pictures a second, over the last reports."""

    def __init__(self, images_seen: int) -> None:
        self.first = (time.monotonic(), images_seen)
        self.marks = [self.first]

    def update(self, images_seen: int) -> float:
        """Add a report, and return the speed since about 20 reports ago."""
        self.marks = [*self.marks[-20:], (time.monotonic(), images_seen)]
        (begun, first), (now, last) = self.marks[0], self.marks[-1]
        return (last - first) / max(now - begun, 1e-9)

    def overall(self, images_seen: int) -> float:
        """Return the speed since the beginning."""
        begun, first = self.first
        return (images_seen - first) / max(time.monotonic() - begun, 1e-9)


class Signals:
    """SIGTERM, Ctrl-C and a closed terminal end the training after the step; a second signal ends the process at once."""

    def __init__(self) -> None:
        self.received = False

    @contextmanager
    def obeyed(self) -> Iterator[None]:
        """Handle the signals inside the block. Python delivers signals to the main thread only; in other threads this does
        nothing.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def obey(number: int, frame: FrameType | None) -> None:
            self.received = True
            # A closed terminal may send the signal twice: its shell does, and so does the system.
            again = signal.SIG_IGN if number == CLOSED else previous[number]
            signal.signal(number, again)

        previous: dict[int, Any] = {number: signal.getsignal(number) for number in ENDING}
        if previous.get(CLOSED) == signal.SIG_IGN:  # under nohup it stays ignored, so that the training outlives the terminal
            del previous[CLOSED]
        for number in previous:
            signal.signal(number, obey)
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
