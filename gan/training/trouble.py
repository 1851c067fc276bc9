"""Handles trouble: rolls back after steps that are not finite, and divides steps that do not fit into memory."""

from typing import NamedTuple

from gan.errors import RunError
from gan.runs import Run
from gan.runs.earlier import drop_earlier_after
from gan.training.games import Game
from gan.training.snapshots import discard_snapshots_after, good_snapshots, read_snapshot

SKIPPED_BEFORE_ROLLBACK = 10
ROLLBACKS_BEFORE_FAILURE = 5
ROLLBACK_LR_FACTOR = 0.5


class RolledBack(NamedTuple):
    """The pictures seen and the factor on the learning rates after a rollback."""

    images_seen: int
    lr_factor: float


class Rollbacks:
    """Counts the rollbacks since a training was started."""

    def __init__(self, run: Run, game: Game) -> None:
        self.run = run
        self.game = game
        self.count = 0
        self.returned_to = ""  # the snapshot of the last rollback

    def needed(self) -> bool:
        """Return whether too many steps in a row were skipped. Waits for the device."""
        return bool(self.game.skipped_in_a_row.max().item() >= SKIPPED_BEFORE_ROLLBACK)

    def roll_back(self, leads: bool) -> RolledBack:
        """Return to the newest valid snapshot with lower learning rates, or to the one before it if the last rollback used the
        newest one.

        Raises RunError after too many rollbacks, or if no valid snapshot exists.
        """
        self.count += 1
        good = good_snapshots(self.run.snapshots_folder)
        if self.count > ROLLBACKS_BEFORE_FAILURE or not good:
            raise RunError("diverged", name=self.run.name, times=self.count - 1)
        factor = self.game.lr_factor * ROLLBACK_LR_FACTOR
        older = [path for path in good if path.name < self.returned_to]
        path = older[0] if older and good[0].name == self.returned_to else good[0]
        tensors, meta = read_snapshot(path)
        self.game.restore(tensors, meta["numbers"])
        self.game.lr_factor = factor
        self.returned_to = path.name
        images_seen = int(meta["images_seen"])
        if leads:
            discard_snapshots_after(self.run.snapshots_folder, images_seen)
            drop_earlier_after(self.run, images_seen)
        return RolledBack(images_seen, factor)


def halve_pieces(game: Game, error: Exception) -> int:
    """Halve the pictures in each pass, accumulating gradients, and return their number.

    Raises RunError if a pass cannot hold fewer pictures, or if several processes train.
    """
    config, processes = game.config, game.accelerator.num_processes
    own = config.batch // processes
    if processes > 1 or own // (game.micro_batches * 2) < game.batch_multiple:
        raise RunError("out_of_memory", batch=config.batch, resolution=config.resolution) from error
    game.micro_batches *= 2
    return own // game.micro_batches
