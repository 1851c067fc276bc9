"""Prints the progress of a task on stderr, as sentences."""

import math
import sys
import time
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from gan.runs import Status


class Progress:
    """Prints progress on stderr: in place on a terminal, else a line every ten seconds."""

    def __init__(self, verb: str, unit: str) -> None:
        self.verb, self.unit = verb, unit
        self.on_terminal = sys.stderr.isatty()
        self.every_seconds = 0.2 if self.on_terminal else 10.0
        self.last_time = time.monotonic()
        self.wrote = False

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self.wrote and self.on_terminal:
            typer.echo(err=True)

    def __call__(self, done: int, total: int) -> None:
        self.say(f"{self.verb} {done:,} of {total:,} {self.unit}")

    def say(self, line: str) -> None:
        """Show a line, unless another was shown a moment ago."""
        if time.monotonic() - self.last_time < self.every_seconds:
            return
        self.last_time = time.monotonic()
        self.wrote = True
        try:
            typer.echo(f"\r\x1b[K{line}" if self.on_terminal else line, err=True, nl=not self.on_terminal)
        except OSError:  # the terminal was closed; the work continues without progress
            self.every_seconds, self.wrote = math.inf, False

    def report(self, status: "Status") -> None:
        """Show the progress of a training."""
        self.say(describe(status))


def describe(status: "Status") -> str:
    """Return a training's status as a text: "training: 12,288 of 65,536 pictures, 58 pictures/s, 15 min left, 0.9 GB of
    memory".
    """
    parts = [f"{status.images_seen:,}" + (f" of {status.goal:,}" if status.goal else "") + " pictures"]
    if status.images_per_second:
        parts.append(f"{status.images_per_second:.3g} pictures/s")
    if status.eta_seconds:
        minutes = status.eta_seconds / 60
        parts.append(f"{minutes:.0f} min left" if minutes >= 1 else f"{status.eta_seconds:.0f} s left")
        if status.memory_bytes:
            parts.append(f"{status.memory_bytes / 2**30:.1f} GB of memory")
    return f"{status.state}: {', '.join(parts)}"
