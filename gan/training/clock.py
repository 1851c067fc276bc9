"""What a training reads off the clock, and the signals that end it. Nothing here steers what is learnt."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Pace:
    """Pictures a second over the last reports."""

    def __init__(self, images_seen: int) -> None:
        self.first = (time.monotonic(), images_seen)
        self.marks = [self.first]

    def update(self, images_seen: int) -> float:
        """The speed since about 20 reports ago."""
        self.marks = [*self.marks[-20:], (time.monotonic(), images_seen)]
        (begun, first), (now, last) = self.marks[0], self.marks[-1]
        return (last - first) / max(now - begun, 1e-9)

    def overall(self, images_seen: int) -> float:
        """The speed since the beginning."""
        begun, first = self.first
        return (images_seen - first) / max(time.monotonic() - begun, 1e-9)


class Clock:
    """When each kind of observation was last made."""

    def __init__(self, now: float) -> None:
        self.begun = now
        self.last: dict[str, float] = {}

    def due(self, kind: str, now: float, every_seconds: float) -> bool:
        """Whether so much time has gone by since it was last due."""
        if now - self.last.get(kind, self.begun) < every_seconds:
            return False
        self.last[kind] = now
        return True


class Allowance:
    """When something costly may be done again: never too soon, and all of it within a share of the time gone by."""

    def __init__(self, now: float, every_seconds: float, share: float) -> None:
        self.begun = self.last = now
        self.every_seconds = every_seconds
        self.share = share
        self.spent = self.cost = 0.0  # all so far, and the last alone

    def due(self, now: float) -> bool:
        """Whether it may be done now, if it takes as long as last time; the first may always, after `every_seconds`."""
        return now - self.last >= self.every_seconds and self.spent + self.cost <= self.share * (now - self.begun)

    def pay(self, begun: float, now: float) -> None:
        """Say when it was done."""
        self.last, self.cost = now, now - begun
        self.spent += self.cost


class Signals:
    """SIGTERM and Ctrl-C end the training after the step; a second one ends the process at once."""

    def __init__(self) -> None:
        self.received = False

    @contextmanager
    def obeyed(self) -> Iterator[None]:
        """Listen while the body runs; outside the main thread, where Python gives no signals, it just runs."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def obey(number: int, frame: FrameType | None) -> None:
            self.received = True
            signal.signal(number, previous[number])

        previous: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        for number in previous:
            signal.signal(number, obey)
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
