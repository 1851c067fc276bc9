"""Pictures in bulk: the right ones, each once, after any interruption; copies are distinguished from new pictures."""

import errno
import json
import os
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan import data
from gan.bulk import BulkOrder, CopyGuard, Made, make_bulk
from gan.bulk.order import folder_names
from gan.errors import ConfigError, ModelError, RunError
from gan.files import hold
from gan.images import encode_png, read_recipe
from gan.sampler import Model
from tests.tiny_models import write_tiny_model
from tests.tiny_runs import FIXTURE

CLASSES = ("cats", "dogs", "con")
PLACES = {"folder": False, "zip": True}


class KilledError(BaseException):
    """Ends the work before its end, as a signal would."""


@pytest.fixture
def model(tmp_path: Path) -> Model:
    write_tiny_model(tmp_path / "tiny", classes=CLASSES)
    return Model.open(tmp_path / "tiny", "cpu")


@pytest.fixture(params=PLACES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / ("out.zip" if PLACES[request.param] else "out")


def make(model: Model, order: BulkOrder, target: Path, **options: Any) -> Made:
    return make_bulk(model, order, target, as_zip=target.suffix == ".zip", **{"batch": 4} | options)


def contents(target: Path) -> dict[str, bytes]:
    """Return every file by its name."""
    if target.suffix == ".zip":
        with zipfile.ZipFile(target) as opened:
            assert opened.testzip() is None
            assert len(set(opened.namelist())) == len(opened.namelist())
            return {name: opened.read(name) for name in opened.namelist()}
    return {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()}


def manifest(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files["manifest.jsonl"].decode().splitlines()]


def pixels(content: bytes, folder: Path) -> np.ndarray:
    path = folder / "look.png"
    path.write_bytes(content)
    return np.asarray(Image.open(path))


def kill_after(blocks: int) -> Callable[[int, int], None]:
    calls = iter(range(blocks))

    def progress(done: int, total: int) -> None:
        if next(calls, None) is None:
            raise KilledError

    return progress


def test_each_seed_is_a_picture_with_its_recipe_and_a_line_of_the_manifest(model: Model, target: Path, tmp_path: Path) -> None:
    order = BulkOrder.of(model, 10, first_seed=5)
    assert make(model, order, target) == Made(10, 10, 0)
    files = contents(target)
    rows = manifest(files)
    assert [row["seed"] for row in rows] == list(range(5, 15))
    assert set(files) == {row["file"] for row in rows} | {"manifest.jsonl", "order.json"}
    expected = model.generate(range(5, 15), psi=1.0).astype(int)
    for row, picture in zip(rows, expected, strict=True):
        assert row["file"] == f"{'class 2' if row['class'] == 'con' else row['class']}/{row['seed']:010d}.png"
        assert np.abs(pixels(files[row["file"]], tmp_path) - picture).max() <= 1
        (tmp_path / "one.png").write_bytes(files[row["file"]])
        recipe = read_recipe(tmp_path / "one.png")
        assert recipe is not None
        assert (recipe["seed"], recipe["class"], recipe["psi"]) == (row["seed"], row["class"], 1.0)


def test_so_many_of_each_class_take_a_seed_each(model: Model, target: Path) -> None:
    assert make(model, BulkOrder.of(model, 5, per_class=True), target).pictures == 15
    rows = manifest(contents(target))
    assert Counter(row["class"] for row in rows) == dict.fromkeys(CLASSES, 5)
    assert sorted(row["seed"] for row in rows) == list(range(15))


def test_what_was_made_can_be_trained_on_with_its_classes(model: Model, tmp_path: Path) -> None:
    make(model, BulkOrder.of(model, 8, per_class=True), tmp_path / "out.zip")
    report = data.inspect(tmp_path / "out.zip")
    assert report.classes == {"cats": 8, "class 2": 8, "dogs": 8}
    assert sorted(skipped.name for skipped in report.skipped) == ["manifest.jsonl", "order.json"]


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_work_that_was_cut_off_goes_on_and_makes_nothing_twice(blocks: int, model: Model, target: Path, tmp_path: Path) -> None:
    order = BulkOrder.of(model, 11)
    whole = tmp_path / "whole" / target.name
    make(model, order, whole)
    with pytest.raises(KilledError):
        make(model, order, target, progress=kill_after(blocks))
    assert target.suffix != ".zip" or not target.exists()
    assert make(model, order, target) == Made(11, max(0, 7 - 4 * blocks), 0)
    assert contents(target) == contents(whole)
    assert make(model, order, target).new == 0
    beside = {path.name for path in tmp_path.iterdir()} - {"home", "tiny", "whole", target.name}
    assert beside == set()


@pytest.mark.parametrize("kept", [0.0, 0.02, 0.3, 0.6, 0.95])
def test_a_zip_torn_at_any_byte_goes_on_from_its_last_whole_picture(kept: float, model: Model, tmp_path: Path) -> None:
    order, target = BulkOrder.of(model, 9), tmp_path / "out.zip"
    make(model, order, target)
    whole = target.read_bytes()
    target.unlink()
    (tmp_path / ".out.zip.unfinished").write_bytes(whole[: int(kept * len(whole))])
    made = make(model, order, target)
    assert made.new < 9 or kept < 0.1
    assert target.read_bytes() == whole


def test_pictures_whose_lines_were_lost_are_not_made_again_but_torn_ones_are(model: Model, tmp_path: Path) -> None:
    order, target = BulkOrder.of(model, 8), tmp_path / "out"
    make(model, order, target)
    before = contents(target)
    rows = manifest(before)
    journal = target / "manifest.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:5])[:-7])
    (target / rows[6]["file"]).write_bytes(before[rows[6]["file"]][:100])
    (target / rows[1]["file"]).unlink()
    (target / rows[7]["file"]).write_bytes(encode_png(np.zeros((16, 16, 3), np.uint8)))  # another picture
    assert make(model, order, target) == Made(8, 3, 0)
    assert contents(target) == before


def test_a_folder_takes_more_of_the_same_and_nothing_else(model: Model, tmp_path: Path) -> None:
    target = tmp_path / "out"
    make(model, BulkOrder.of(model, 4), target)
    assert make(model, BulkOrder.of(model, 6), target) == Made(6, 2, 0)
    with pytest.raises(RunError, match="made with other settings"):
        make(model, BulkOrder.of(model, 6, psi=0.5), target)
    assert len(manifest(contents(target))) == 6


def test_a_finished_zip_is_not_touched_by_another_order(model: Model, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    make(model, BulkOrder.of(model, 4), target)
    before = target.read_bytes()
    for order in (BulkOrder.of(model, 6), BulkOrder.of(model, 4, psi=0.5)):
        with pytest.raises(RunError, match="already exists"):
            make(model, order, target)
    assert target.read_bytes() == before
    target.write_bytes(b"mine")
    with pytest.raises(RunError, match="already exists"):
        make(model, BulkOrder.of(model, 4), target)


def test_two_do_not_fill_one_place(model: Model, tmp_path: Path) -> None:
    with hold(tmp_path / ".out.zip.lock", 0), pytest.raises(RunError, match="Another process"):
        make(model, BulkOrder.of(model, 4), tmp_path / "out.zip")


def test_a_refusal_leaves_no_lock_behind(model: Model, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = BulkOrder.of(model, 4)
    make(model, order, target)
    with pytest.raises(RunError):
        make(model, BulkOrder.of(model, 4, psi=0.5), target)
    assert list(target.parent.rglob(".*lock")) == []

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)  # a drive without locks
    with pytest.raises(RunError, match="has no locks"):
        make(model, order, target.with_name(f"other{target.suffix}"))
    assert list(target.parent.rglob(".*lock")) == []
    mine = target.parent / ("." + target.name + ".lock" if target.suffix else "out/.lock")
    mine.write_text("mine")
    with pytest.raises(RunError, match="has no locks"):
        make(model, order, target)
    assert mine.read_text() == "mine"


def test_stopping_leaves_what_is_there_and_goes_on_later(model: Model, target: Path) -> None:
    order = BulkOrder.of(model, 9)
    assert make(model, order, target, stop=lambda: True) == Made(4, 4, 0)
    assert make(model, order, target) == Made(9, 5, 0)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"count": 0}, ConfigError, "count is 0"),
        ({"count": 33_334, "per_class": True}, ConfigError, "1 … 33,333"),
        ({"count": 2, "first_seed": 2**32 - 1}, ModelError, "4294967296 is not a seed"),
        ({"count": 2, "first_seed": -1}, ModelError, "-1 is not a seed"),
        ({"count": 2, "psi": float("nan")}, ModelError, "psi is nan"),
        ({"count": 2, "class_name": "birds"}, ModelError, "no class birds"),
        ({"count": 2, "class_name": "cats", "per_class": True}, ConfigError, "per class"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(
    options: dict[str, Any], error: type[Exception], words: str, model: Model
) -> None:
    with pytest.raises(error, match=words):
        BulkOrder.of(model, **options)


def test_classes_have_folders_that_every_system_allows() -> None:
    names = folder_names(["cats", "Cats", "öl", "../x", "con", "a:b", "dot.", " space", ""])
    assert list(names.values()) == ["cats", "class 1", "öl", "class 3", "class 4", "class 5", "class 6", "class 7", "class 8"]


# Copies


class Parrot(Model):
    """A model whose every third picture is a training picture."""

    heard: np.ndarray

    def render(self, recipes: Any, batch: int = 32) -> np.ndarray:
        seeds = [recipe.seed for recipe in recipes]
        return np.stack([self.heard[seed % len(self.heard)] if seed % 3 == 0 else noise(seed) for seed in seeds])


def noise(seed: int) -> np.ndarray:
    return np.random.RandomState(seed).randint(0, 256, (16, 16, 3), np.uint8)


@pytest.fixture
def dataset() -> Any:
    """Return sixty pictures of noise, the last fifteen of them held out."""
    pictures = np.stack([noise(1_000_000 + number) for number in range(60)])
    rows = np.arange(60)
    return SimpleNamespace(hash="ab" * 16, pictures=pictures, train_indices=rows[:45], held_out_indices=rows[45:])


@pytest.fixture
def parrot(tmp_path: Path, dataset: Any) -> Parrot:
    write_tiny_model(tmp_path / "parrot")
    model = Parrot.open(tmp_path / "parrot", "cpu")
    model.heard = dataset.pictures[:45]
    return model


def test_the_threshold_is_how_near_new_pictures_come(dataset: Any) -> None:
    guard = CopyGuard(dataset)
    held_out = guard.distances(dataset.pictures[45:])
    assert held_out.min() <= guard.closest < np.median(held_out)
    assert guard.distances(dataset.pictures[:3]).max() < 1e-6
    assert guard.distances(dataset.pictures[:3, :, ::-1]).max() < 1e-6  # mirrored copies are copies
    dataset.held_out_indices = dataset.held_out_indices[:0]
    assert CopyGuard(dataset).closest == pytest.approx(guard.closest, rel=0.1)


def test_near_duplicates_do_not_lower_the_distance_of_copies_where_nothing_is_held_out(dataset: Any) -> None:
    dataset.held_out_indices = dataset.held_out_indices[:0]
    closest = CopyGuard(dataset).closest
    dataset.pictures = np.concatenate([dataset.pictures, dataset.pictures.clip(1, 255) - 1])
    dataset.train_indices = np.arange(len(dataset.pictures))
    assert CopyGuard(dataset).closest == pytest.approx(closest, rel=0.2)


def test_copies_are_dropped_and_later_seeds_take_their_places(parrot: Parrot, dataset: Any, target: Path) -> None:
    guard = CopyGuard(dataset)
    order = BulkOrder.of(parrot, 12, guard=guard, drop_copies=True)
    made = make(parrot, order, target, guard=guard)
    rows = manifest(contents(target))
    assert (made.pictures, len(rows)) == (12, 12)
    assert all(row["seed"] % 3 for row in rows)
    assert all(row["nearest_training"] > guard.closest for row in rows)
    assert made.dropped >= 6


def test_work_with_dropped_copies_goes_on_to_the_same_end(parrot: Parrot, dataset: Any, target: Path, tmp_path: Path) -> None:
    guard = CopyGuard(dataset)
    order = BulkOrder.of(parrot, 40, guard=guard, drop_copies=True)
    whole = tmp_path / "whole" / target.name
    made = make(parrot, order, whole, guard=guard)
    with pytest.raises(KilledError):
        make(parrot, order, target, guard=guard, progress=kill_after(0))
    again = make(parrot, order, target, guard=guard)
    assert (again.pictures, again.dropped) == (made.pictures, made.dropped)
    assert 0 < again.new < made.new
    assert contents(target) == contents(whole)


def test_distances_are_told_where_nothing_is_to_be_dropped(parrot: Parrot, dataset: Any, tmp_path: Path) -> None:
    guard = CopyGuard(dataset)
    make(parrot, BulkOrder.of(parrot, 6, guard=guard), tmp_path / "out", guard=guard)
    rows = manifest(contents(tmp_path / "out"))
    assert [row["nearest_training"] < 1e-6 for row in rows] == [True, False, False] * 2


def test_a_model_that_only_copies_is_given_up(parrot: Parrot, dataset: Any, tmp_path: Path) -> None:
    guard = CopyGuard(dataset)
    guard.closest = 1.0
    with pytest.raises(ModelError, match="as close to training pictures as copies are, and only 0 were not"):
        make(parrot, BulkOrder.of(parrot, 2, guard=guard, drop_copies=True), tmp_path / "out", guard=guard)


def test_the_command_makes_them_and_tells_how_many(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from gan.cli import main

    write_tiny_model(home / "models" / "pets", classes=("cats", "dogs"))
    target = tmp_path / "pets.zip"
    options = ["--count", "4", "--per-class", "--zip", str(target), "--like", str(FIXTURE), "--json"]
    for new in (8, 0):
        with pytest.raises(SystemExit) as ended:
            main(["generate", "--model", "pets", *options])
        assert ended.value.code in (0, None)
        told = json.loads(capsys.readouterr().out)
        assert told == {"path": str(target), "pictures": 8, "new": new, "dropped": 0, "closest": None}
    assert all(row["psi"] == 1.0 and 0 < row["nearest_training"] < 1 for row in manifest(contents(target)))


@pytest.mark.parametrize(
    "options",
    [
        ("--count", "4"),
        ("--count", "4", "--seeds", "1", "--out", "o"),
        ("--latents", "z.npz", "--seeds", "1", "--out", "o"),
        ("--latents", "z.npz", "--out", "o", "--per-class"),
        ("--latents", "z.npz", "--zip", "o.zip"),
        ("--out", "o"),
        ("--count", "4", "--out", "o", "--zip", "o.zip"),
        ("--seeds", "4", "--zip", "o.zip"),
        ("--seeds", "4", "--out", "o", "--per-class"),
        ("--count", "4", "--out", "o", "--drop-copies"),
    ],
)
def test_options_that_do_not_go_together_end_with_2(options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    from gan.cli import main

    with pytest.raises(SystemExit) as ended:
        main(["generate", "--model", "pets", *options])
    assert ended.value.code == 2
    assert "--" in capsys.readouterr().err
