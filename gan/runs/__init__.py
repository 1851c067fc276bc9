"""A run folder and the queue of runs.

folder.py    status, events, samples, control, lock
queue.py     which training runs next: starting, watching, stopping
listing.py   all runs with their statuses, quick to ask for again
changing.py  renaming, removing, taking back
health.py    events -> findings, each with a remedy
remedies.py  what a remedy changes
looks.py     views of the networks and of copies, as the trainer writes them
estimates.py how fast this machine trains a plan, measured once
tables.py    events as CSV, the command that starts the same training
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
