"""A disk that fills up during a training: one sentence, no complete file is lost, and the run continues once the disk has
room.
"""

from pathlib import Path

import pytest

from gan.errors import GanError
from gan.runs import Run
from gan.training import train
from gan.training.snapshots import good_snapshots
from tests.full_disk import full_after
from tests.test_training import equal, weights
from tests.tiny_runs import tiny_run

IMAGES = 16
FILES = 90  # more than the training makes, so that the last rounds reach its end


def test_a_disk_that_fills_up_at_any_file_of_a_training_loses_nothing(tmp_path: Path) -> None:
    """The disk is full after 0, 1, 9, 15, 26, … files, which are status, snapshots, model, samples, views and events."""
    whole = tiny_run(tmp_path / "whole", "pets", "mlp", images=IMAGES, snapshot_seconds=0)
    train(whole)
    told: list[str] = []
    for files in [0, 1, 15, *range(9, FILES, 17)]:  # 15: the disk is full at the samples' folder
        home = tmp_path / str(files)
        run = tiny_run(home, "pets", "mlp", images=IMAGES, snapshot_seconds=0)
        with full_after(files, home) as disk:
            try:
                train(run)
            except GanError as error:
                told.append(str(error))
        assert not list(run.snapshots_folder.glob(".*.tmp")), "what was begun takes no room"
        if disk.refused and (run.model_folder / "config.json").exists():
            assert weights(run), "the last model opens"
            assert good_snapshots(run.snapshots_folder), "so does the snapshot that it was written after"
        assert train(Run.open(home, "pets")).state == "done", f"it goes on once there is room, after {files} files"
        assert equal(weights(run), weights(whole)), files
    assert len(told) > 4
    assert all("No space left on device" in sentence and "\n" not in sentence for sentence in told)


def test_a_lock_that_cannot_be_made_is_one_sentence(home: Path) -> None:
    run = tiny_run(home, "pets", "mlp")
    with full_after(0, home), pytest.raises(GanError, match="lock could not be written: No space left on device"):
        train(run)
