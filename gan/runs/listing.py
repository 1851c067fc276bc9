"""Lists all runs of a home with their statuses. Repeated calls are fast, since a run that has ended is read once."""

import os
from functools import cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from gan.runs.folder import ENDED, NAME, Run, Status

Listed = tuple[Run, Status]


@cache
def run_list(home: Path) -> "RunList":
    """Return the cache of a home's runs, which all parts of the page share."""
    return RunList(home)


class _Known(NamedTuple):
    run: Run
    status: Status
    stamp: tuple[int, int]  # when the run's config and status were written, in nanoseconds


class RunList:
    """A cache of the runs of a home, shared by all visitors."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "runs"
        self._known: dict[str, _Known] = {}
        self._lock = Lock()

    def rows(self) -> list[Listed]:
        """Return every run with its status, newest first."""
        with self._lock:
            found = {name: known for name in self._names() if (known := self._look(name)) is not None}
            self._known = found
        newest_first = sorted(found.values(), key=lambda known: (known.stamp[0], known.run.name), reverse=True)
        return [(known.run, known.status) for known in newest_first]

    def _names(self) -> list[str]:
        try:
            with os.scandir(self.folder) as entries:
                return [entry.name for entry in entries if NAME.fullmatch(entry.name)]
        except FileNotFoundError:
            return []

    def _look(self, name: str) -> _Known | None:
        folder = f"{self.folder}{os.sep}{name}{os.sep}"
        stamp = (_written_at(folder + "config.json"), _written_at(folder + "status.json"))
        if not stamp[0]:
            return None
        known = self._known.get(name)
        if known is not None and known.stamp == stamp and known.status.state in ENDED:
            return known
        run = known.run if known is not None else Run(self.folder / name)
        return _Known(run, run.status(), stamp)


def _written_at(path: str) -> int:
    """Return the time when a file was written, in nanoseconds; 0 if the file does not exist."""
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - for a thousand runs, making a Path takes longer than the call
    except (FileNotFoundError, NotADirectoryError):
        return 0
