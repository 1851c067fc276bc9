"""A run folder and the queue of runs.

folder.py    status, events, samples, control, lock
queue.py     chooses the run that trains next; starts, watches and stops trainers
listing.py   all runs with their statuses, cached
changing.py  names, renaming, removing, restoring
health.py    events -> findings, each with a remedy
remedies.py  the changes that a remedy makes
earlier.py   models from earlier in a run
looks.py     views of the networks and of copies: their files, which the trainer writes
estimates.py the speed at which this machine trains a plan, measured once
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
