"""Where a run stands: its newest whole snapshot."""

from typing import NamedTuple

from gan.errors import CheckpointError, RunError
from gan.runs import Run
from gan.training.games import Game
from gan.training.snapshots import latest_snapshot, read_snapshot


class Standing(NamedTuple):
    """What a run has behind it, and the newer snapshots that were passed over because they are damaged."""

    images_seen: int
    seconds: float
    damaged: list[CheckpointError]


def resume(run: Run, game: Game, leads: bool) -> Standing | None:
    """Restore the newest whole snapshot and cut what came after it; None for a run that has no snapshot yet.

    Raises RunError where every snapshot is damaged: beginning again would lose what samples and model still show.
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
    return Standing(images_seen, float(meta["seconds"]), found.damaged)
