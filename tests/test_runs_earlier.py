"""Earlier models of a run: they are spread over the training, follow a resume, and can be kept."""

import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from gan.cli import main
from gan.errors import CheckpointError
from gan.models import read_config
from gan.runs import Run
from gan.runs.earlier import MOST_EARLIER, earlier_models, nearest_model, store_earlier, superfluous
from gan.training import train
from tests.tiny_models import write_tiny_model
from tests.tiny_runs import tiny_run


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run that ended, with a model for each of its snapshots, in its own home."""
    run = tiny_run(tmp_path_factory.mktemp("trained"), images=32, snapshot_seconds=0)
    train(run)
    return run


def seen_in(run: Run) -> list[int]:
    return [int(path.name) for path in earlier_models(run)]


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        ([10, 20, 30], [10, 20, 30]),
        ([10, 20, 30, 40, 50], [10, 30, 50]),  # even
        ([10, 11, 12, 13, 1000], [10, 13, 1000]),  # crowded at first
        ([10, 900, 990, 999, 1000], [10, 900, 1000]),  # crowded at last
    ],
)
def test_earlier_models_are_spread_over_the_training(seen: list[int], left: list[int]) -> None:
    paths = [Path(f"{number:09}") for number in seen]
    removed = superfluous(paths, 3)
    assert [int(path.name) for path in paths if path not in removed] == left


def test_a_run_stores_a_few_and_the_nearest_is_found(home: Path) -> None:
    run = tiny_run(home)
    assert nearest_model(run, 5) is None
    write_tiny_model(run.model_folder)
    for images_seen in range(100, 3000, 100):
        store_earlier(run, images_seen)
    seen = seen_in(run)
    assert len(seen) == MOST_EARLIER
    assert (seen[0], seen[-1]) == (100, 2900)
    assert max(later - before for before, later in pairwise(seen)) <= 800, "no long time without a model"
    found = nearest_model(run, 2 * seen[3])
    assert found is not None
    assert found.name in {path.name for path in earlier_models(run)}
    assert read_config(found) == read_config(run.model_folder)


def test_a_training_stores_a_model_with_each_snapshot_and_a_resume_drops_the_later_ones(trained: Run) -> None:
    seen = seen_in(trained)
    assert (seen[0], seen[-1]) == (8, 32)
    stored = [read_config(path).training.images_seen for path in earlier_models(trained)]
    assert stored == seen
    shutil.copytree(earlier_models(trained)[0], trained.earlier_folder / "000009999")
    trained.write_status(state="interrupted")
    train(trained)
    assert seen_in(trained) == seen, "what lay after the restored snapshot is gone"


def test_a_disk_that_cannot_store_a_copy_says_so(home: Path) -> None:
    run = tiny_run(home)
    write_tiny_model(run.model_folder)
    run.earlier_folder.write_text("in the way")
    with pytest.raises(CheckpointError, match="earlier"):
        store_earlier(run, 16)


@pytest.mark.parametrize(("choice", "images"), [([], 32), (["--best"], 32), (["--images", "1"], 8)])
def test_a_command_keeps_the_newest_the_best_or_an_earlier_model(
    capsys: pytest.CaptureFixture[str], trained: Run, choice: list[str], images: int
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["models", "keep", trained.name, *choice, "--home", str(trained.home), "--json"])
    assert ended.value.code == 0
    kept = json.loads(capsys.readouterr().out)
    assert kept["model"] == f"{trained.name}-{images}"
    assert read_config(Path(kept["folder"])).training.images_seen == images


def test_two_choices_at_once_are_refused(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["models", "keep", "tiny", "--best", "--images", "3", "--home", str(home)])
    assert ended.value.code == 2
    assert "not both" in capsys.readouterr().err
