"""How often an open page asks for news of a training.

On a machine with few cores, each update takes time from the training, mostly in the browser. A training that lasts is therefore
looked at less often.
"""

from gan.runs import Status

SHORTEST_PAUSE, LONGEST_PAUSE = 2, 20  # seconds
PAUSES = ((60.0, SHORTEST_PAUSE), (300.0, 8))  # up to these seconds of training


def pause_between_looks(status: Status | None) -> int:
    """Return the seconds between two updates of a run that is shown; the shortest pause unless it is training."""
    if status is None or status.state != "training":
        return SHORTEST_PAUSE
    return next((pause for until, pause in PAUSES if status.seconds <= until), LONGEST_PAUSE)
