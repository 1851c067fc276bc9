"""Events of runs, read incrementally and shared by all visitors of the same run."""

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any

from gan.runs import EventPosition, Run

MOST_RUNS = 8

Event = dict[str, Any]


class EventLog:
    """A cache of the events of the runs that visitors watch."""

    def __init__(self) -> None:
        self._read: OrderedDict[Path, tuple[EventPosition, list[Event]]] = OrderedDict()
        self._lock = Lock()

    def events(self, run: Run) -> list[Event]:
        """Return all events of a run, oldest first; callers must not change the list."""
        with self._lock:
            position, events = self._read.get(run.folder, (EventPosition(), []))
            news = run.read_events(position)
            events = news.events if news.restarted else [*events, *news.events]
            self._read[run.folder] = (news.position, events)
            self._read.move_to_end(run.folder)
            while len(self._read) > MOST_RUNS:
                self._read.popitem(last=False)
            return events
