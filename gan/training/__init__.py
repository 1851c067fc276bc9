"""Trains the model of a run folder, and handles kills, requests, signals and steps that are not finite.

loop.py         the training loop
games/          the networks in training and their steps
schedules.py    values that change during a training, as functions of the pictures seen
observers/      reports, samples, snapshots, metrics
feed.py         training data on the device
draws.py        the random numbers of a step
standing.py     the state from which a run resumes
snapshots.py    the files of that state
transfer.py     copies a parent's weights for fine-tuning
trouble.py      rollbacks, smaller pieces of a batch
pace.py         the number of pictures that fit into a time limit
clock.py        speed and signals
processes.py    several processes and their device
accelerator.py  device and precision
"""

import os
import traceback
from collections.abc import Callable
from contextlib import suppress

from accelerate import PartialState

from gan.config import parse_run
from gan.errors import GanError, RunError
from gan.runs import Run, Status
from gan.training.loop import Report, Trainer

__all__ = ["Trainer", "extend", "share_creation", "train"]


def train(run: Run, report: Report | None = None) -> Status:
    """Train `run` from its present state to its end, or to a request or signal; return its last status.

    Raises GanError. However the training ends, the run's status records it and the last snapshot remains.
    """
    if int(os.environ.get("RANK", "0")) > 0:  # only the first of torchrun's processes writes
        return Trainer(run, report).train()
    with run.lock():
        try:
            return Trainer(run, report).train()
        except GanError as error:
            run.fail(error)
            raise
        except Exception as error:
            # on a full disk the log is not written, but the error is still raised
            with suppress(OSError), run.log_path.open("a", encoding="utf-8") as log:
                log.write(traceback.format_exc())
            crash = RunError("training_crashed", reason=f"{type(error).__name__}: {error}", log=str(run.log_path))
            run.fail(crash)
            raise crash from error


def extend(run: Run, images: int | None = None, minutes: float | None = None, *, rewarm: bool = False) -> bool:
    """Give a run a new total of pictures, or more minutes; return whether anything is left to train.

    Without either, a run continues to its present total, and a finished run stays as it is. A finished run continues at the
    learning rates it ended with. `rewarm` spreads its schedules over the new total, which raises the rates again.
    """
    config, status = run.config, run.status()
    finished_at = config.get("schedule_images") or config.get("images_total")
    if images is not None:
        config |= {"images_total": images, "minutes": None}
    elif minutes is not None:
        config |= {"images_total": None, "plan_settled": False, "minutes": status.seconds / 60 + minutes}
    if rewarm:
        config |= {"schedule_images": None}
    elif status.state == "done":
        config |= {"schedule_images": finished_at}
    parsed = parse_run(config)
    if status.state == "done" and minutes is None and (images or 0) <= status.images_seen:
        return False
    run.write_config(parsed.model_dump(mode="json"))
    return True


def share_creation(create: Callable[[], Run], open_run: Callable[[], Run], device: str) -> Run:
    """Return the run. Where torchrun started several processes, the first one creates it and the others open it."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return create()
    state = PartialState(cpu=device == "cpu")
    run = create() if state.is_main_process else None
    state.wait_for_everyone()
    return run or open_run()
