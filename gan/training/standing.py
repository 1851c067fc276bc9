"""The state from which a run resumes: its newest complete snapshot."""

from typing import NamedTuple

from gan.errors import CheckpointError, RunError
from gan.runs import Run
from gan.runs.earlier import drop_earlier_after
from gan.training.games import Game
from gan.training.snapshots import latest_snapshot, read_snapshot


class Standing(NamedTuple):
    """The progress of a run, and the newer snapshots that were skipped because they are damaged."""

    images_seen: int
    seconds: float
    damaged: list[CheckpointError]


def resume(run: Run, game: Game, leads: bool) -> Standing | None:
    """Restore the newest complete snapshot. The process that `leads` then removes later samples and events. Return None for a run
    that has no snapshot yet.

    Raises RunError where every snapshot is damaged: a new beginning would overwrite the remaining samples and model.
    """
    found = latest_snapshot(run.snapshots_folder)
    if found.path is None:
        if found.damaged:
            raise RunError("snapshots_damaged", name=run.name, count=len(found.damaged), reason=str(found.damaged[0]))
        return None
    tensors, meta = read_snapshot(found.path)
    game.restore(tensors, meta["numbers"])
    images_seen = int(meta["images_seen"])
    if leads:
        run.cut_events(images_seen)
        for sample in run.samples():
            if int(sample.stem) > images_seen:
                sample.unlink()
        drop_earlier_after(run, images_seen)
    return Standing(images_seen, float(meta["seconds"]), found.damaged)
