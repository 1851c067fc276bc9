"""A run folder and the queue of runs.

folder.py  status, events, samples, control, lock
queue.py   which training runs next: starting, watching, stopping
health.py  events -> findings, each with a remedy
estimates.py  how fast this machine trains a plan, measured once
"""

from gan.runs.folder import (
    ENDED,
    EventNews,
    EventPosition,
    Request,
    Run,
    Status,
    Waiting,
    check_name,
    home_folder,
    list_runs,
    read_queue,
    snapshot_name,
)

__all__ = [
    "ENDED",
    "EventNews",
    "EventPosition",
    "Request",
    "Run",
    "Status",
    "Waiting",
    "check_name",
    "home_folder",
    "list_runs",
    "read_queue",
    "snapshot_name",
]
