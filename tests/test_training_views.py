"""The trainer's views of networks and of copies: they exist, are bounded, and do not change the training."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from gan.images import to_tensor
from gan.runs import Run
from gan.runs.looks import COPIES, VIEWS, VIEWS_KEPT, Copies, View, look_at, looks, read_look, thin_out
from gan.training import train
from gan.training.games.inside import heat_over
from gan.training.observers import views
from gan.training.snapshots import read_snapshot
from tests.tiny_runs import TINY_HEADS, tiny_run

GROWING: dict[str, Any] = {"size": 32, "growth": ((8, 0.3), (16, 0.6))}
GAMES: dict[str, dict[str, Any]] = {
    "style": {"family": "style", **GROWING},
    "dcgan": {"family": "dcgan"},
    "mlp": {"family": "mlp"},
    "features": {"family": "style", "discriminator": "features", "features": TINY_HEADS},
}


@pytest.mark.parametrize("game", GAMES)
def test_looking_inside_after_every_step_changes_nothing_in_the_training(
    home: Path, monkeypatch: pytest.MonkeyPatch, game: str
) -> None:
    unseen = tiny_run(home, "unseen", images=32, **GAMES[game])
    monkeypatch.setattr(views, "SAMPLE_SECONDS", 1e9)  # on a busy machine a view could be due in between
    train(unseen)
    monkeypatch.setattr(views, "SAMPLE_SECONDS", 0.0)
    monkeypatch.setattr(views, "SAMPLE_GROWTH", 0.0)
    monkeypatch.setattr(views, "VIEW_SHARE", 1e9)
    seen = tiny_run(home, "seen", images=32, **GAMES[game])
    train(seen)
    assert [look.images_seen for look in looks(unseen, VIEWS)] == [0, 32]
    assert [look.images_seen for look in looks(seen, VIEWS)] == [0, 8, 16, 24, 32]
    first, second = (read_snapshot(run.snapshots_folder / "000000032")[0] for run in (unseen, seen))
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    pairs = [read_look(looks(run, VIEWS)[-1], View) for run in (unseen, seen)]
    assert pairs[0] == pairs[1], "the same pictures each time"


def test_a_view_holds_scored_pictures_heat_and_what_each_resolution_adds(home: Path) -> None:
    run = tiny_run(home, **GAMES["style"])
    train(run)
    look = looks(run, VIEWS)[-1]
    view = read_look(look, View)
    assert view is not None
    assert (view.side, view.shown, view.stage_sides) == (32, 8, [8, 16, 32])
    assert len(view.real_scores) == len(view.generated_scores) == 32
    for name in ("real", "real-heat", "generated", "generated-heat"):
        assert pixels(look.picture(name)).shape[1::-1] == (8 * 32, 32)
    assert pixels(look.picture("stages")).shape[1::-1] == (3 * 32, 6 * 32)


def test_the_first_stage_adds_nothing_to_a_picture_that_is_not_there(home: Path) -> None:
    run = tiny_run(home, **GAMES["style"])
    train(run)
    stages = pixels(looks(run, VIEWS)[-1].picture("stages"))
    assert (stages[32:64, :32] == 128).all(), "grey: nothing was there before"
    assert stages[32:64, 32:].std() > 0


def test_families_that_draw_at_one_size_show_no_stages(home: Path) -> None:
    run = tiny_run(home, family="mlp")
    train(run)
    look = looks(run, VIEWS)[-1]
    view = read_look(look, View)
    assert view is not None
    assert view.stage_sides == []
    assert not look.picture("stages").exists()


def test_heat_lies_where_the_score_depends_on_the_picture() -> None:
    pictures = to_tensor(np.full((1, 16, 16, 3), 200, np.uint8))
    slopes = torch.zeros(1, 1, 16, 16)
    slopes[:, :, 4:8, 4:8] = 1
    heat = heat_over(pictures, slopes)[0].astype(int)
    warmth = heat[:, :, 0] - heat[:, :, 2]
    assert warmth[5, 5] > 150
    assert warmth[12, 12] == 0


def test_samples_lie_beside_their_nearest_training_pictures(home: Path) -> None:
    run = tiny_run(home, family="mlp")
    train(run)
    (look,) = looks(run, COPIES)
    found = read_look(look, Copies)
    assert found is not None
    assert len(found.distances) == 16
    assert 0 < found.closest < min(found.distances), "noise is no copy"
    assert found.near_share == 0
    assert found.copied_share is None, "a few pictures are nearest to all noise, so that nothing can be said of copies"
    assert pixels(look.picture("nearest")).shape[1::-1] == (16 * 28, 28)
    (event,) = (event for event in run.events() if event["kind"] == "copies")
    assert (event["near_share"], event["measured"]) == (0, found.measured)


def test_the_best_model_is_kept_and_marked(home: Path) -> None:
    run = tiny_run(home, family="mlp")
    train(run)
    (event,) = (event for event in run.events() if event["kind"] == "metrics")
    assert event["best"] is True
    assert (run.best_folder / "config.json").is_file()


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def fake_looks(run: Run, *images: int) -> None:
    for each in images:
        (run.folder / VIEWS / f"{each:09d}").mkdir(parents=True)


def test_few_views_are_kept_and_they_cover_the_whole_training(home: Path) -> None:
    run = tiny_run(home)
    fake_looks(run, *range(0, 100_000, 1000))
    thin_out(run, VIEWS, VIEWS_KEPT)
    kept = [look.images_seen for look in looks(run, VIEWS)]
    assert len(kept) == VIEWS_KEPT
    assert (kept[0], kept[-1]) == (0, 99_000)
    assert max(after - before for before, after in pairwise(kept)) <= 10_000


def test_a_look_of_a_moment_is_the_newest_before_it(home: Path) -> None:
    run = tiny_run(home)
    fake_looks(run, 100, 200, 300)
    found = looks(run, VIEWS)
    moments = [look_at(found, moment) for moment in (50, 100, 250, None)]
    assert [look.images_seen for look in moments if look is not None] == [100, 100, 200, 300]
    assert look_at([], None) is None
    assert read_look(found[0], View) is None, "without its values it shows nothing"
