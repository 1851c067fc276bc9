"""The user's choices about a source: pictures left out, the level of the classes, their names; and loose pictures."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan.config import parse_run
from gan.data import Choices, inspect, open_dataset, prepare, reattach, survey
from gan.data.choices import apply_choices, possible_levels
from gan.data.sources import Loose, gather
from gan.errors import ConfigError, DataError
from gan.limits import UPLOADS_KEPT_SECONDS
from gan.order import Order
from tests.zips import encoded, noise, pictures, write_zip

NAMES = ["cats/0.png", "cats/1.png", "dogs/0.png", "owls/0.png"]
CLASSES = ["cats", "dogs", "owls"]
LABELS = np.array([0, 0, 1, 2], np.int64)


def chosen(**choices: Any) -> tuple[list[int], list[str], list[int]]:
    """Return the positions that remain, classes and labels."""
    found = apply_choices(NAMES, CLASSES, LABELS, Choices(**choices))
    return found.kept.tolist(), found.classes, found.labels.tolist()


def pets(path: Path) -> Path:
    return write_zip(path, pictures(20, "cats/") | pictures(20, "dogs/", 20) | pictures(20, "owls/", 40))


def test_pictures_and_classes_are_left_out_by_their_names() -> None:
    assert chosen(left_out=["cats/0.png"]) == ([1, 2, 3], CLASSES, [0, 1, 2])
    assert chosen(ignored=["dogs"]) == ([0, 1, 3], ["cats", "owls"], [0, 0, 1])
    assert chosen(left_out=["dogs/0.png"]) == ([0, 1, 3], ["cats", "owls"], [0, 0, 1]), "a class without pictures is none"


def test_classes_are_renamed_and_those_of_one_new_name_become_one() -> None:
    assert chosen(renamed={"cats": "zebras"}) == ([0, 1, 2, 3], ["dogs", "owls", "zebras"], [2, 2, 0, 1])
    assert chosen(renamed={"owls": "dogs"}) == ([0, 1, 2, 3], ["cats", "dogs"], [0, 0, 1, 1])
    assert chosen(renamed={"owls": "pets", "dogs": "pets", "cats": "pets"}) == ([0, 1, 2, 3], [], [0, 0, 0, 0])


def test_classes_that_go_by_number_keep_their_places() -> None:
    found = apply_choices(["a", "b", "c"], ["9", "10", "11"], np.arange(3), Choices(renamed={"9": "nine"}))
    assert found.classes == ["nine", "10", "11"]


def test_another_level_of_folders_becomes_the_classes() -> None:
    names = ["pets/cats/a.png", "pets/dogs/b.png", "wild/owls/c.png", "loose.png"]
    assert possible_levels(names) == {1: 2, 2: 3}
    found = apply_choices(names, ["pets", "wild"], np.array([0, 0, 1, 0]), Choices(level=2))
    assert (found.classes, found.labels.tolist()) == (["cats", "dogs", "other", "owls"], [0, 1, 3, 2])
    assert apply_choices(names, ["pets", "wild"], np.array([0, 0, 1, 0]), Choices(level=0)).classes == []


@pytest.mark.parametrize(
    ("choices", "code"), [({"left_out": ["cats/9.png"]}, "picture_unknown"), ({"renamed": {"cows": "b"}}, "class_not_there")]
)
def test_what_is_not_there_cannot_be_chosen(choices: dict[str, Any], code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        chosen(**choices)
    assert caught.value.code == code


def test_equal_choices_are_equal_however_they_were_made() -> None:
    assert Choices(left_out=("b", "a", "a"), renamed={"a": "a"}) == Choices(left_out=("a", "b"))
    assert not Choices(renamed={"a": "a"}).any


def test_the_chosen_pictures_are_the_set_that_a_zip_of_them_alone_would_be(home: Path, tmp_path: Path) -> None:
    whole = pets(tmp_path / "pets.zip")
    left = Choices(left_out=["cats/00000.png"], ignored=["dogs"], renamed={"owls": "birds"})
    few = write_zip(tmp_path / "few.zip", pictures(19, "cats/", 1) | pictures(20, "birds/", 40))
    ordered = prepare(few, home=tmp_path / "elsewhere", size=16)
    dataset = prepare(whole, home=home, size=16, choices=left)
    assert dataset.classes == ["birds", "cats"]
    assert (dataset.report.usable, dataset.report.left_out) == (39, 21)
    by_class = [
        {picture.tobytes() for picture, label in zip(each.pictures, each.labels, strict=True) if label == 0}
        for each in (dataset, ordered)
    ]
    assert by_class[0] == by_class[1]
    assert open_dataset(home, dataset.hash).classes == dataset.classes
    assert prepare(whole, home=home, size=16, choices=left).hash == dataset.hash
    assert prepare(whole, home=home, size=16).hash != dataset.hash
    assert inspect(whole, choices=left).classes == {"birds": 20, "cats": 19}


def test_a_set_that_an_earlier_version_prepared_without_names_is_surveyed_again(home: Path, tmp_path: Path) -> None:
    whole = pets(tmp_path / "pets.zip")
    dataset = prepare(whole, home=home, size=16)
    for known in (home / "data" / dataset.hash).glob("zip-*.json"):
        known.write_bytes((known.parent / "dataset.json").read_bytes())
    found = survey(whole, home=home, size=16)
    assert found.dataset.hash == dataset.hash
    assert found.findings.names[0] == "cats/00000.png"


def test_too_few_pictures_that_are_left_are_refused(home: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        prepare(write_zip(tmp_path / "a.zip", pictures(16)), home=home, size=16, choices=Choices(left_out=["00003.png"]))
    assert caught.value.code == "too_few_chosen"


def test_a_run_keeps_what_was_chosen_and_a_moved_one_gets_the_same_pictures(home: Path, tmp_path: Path) -> None:
    whole, left = pets(tmp_path / "pets.zip"), Choices(left_out=["owls/00041.png"], renamed={"owls": "cats"})
    order = Order.of(source=whole, name="pets", size=16, images=64, device="cpu", fit="pad", choices=left)
    config = parse_run(order.create(home).config)
    assert (config.choices, config.fit, config.source, config.classes) == (left, "pad", str(whole), ("cats", "dogs"))
    assert config.pictures == 59
    elsewhere = tmp_path / "elsewhere"
    again = reattach(whole, home=elsewhere, dataset_hash=config.dataset_hash, size=16, choices=config.choices)
    assert np.array_equal(again.pictures, open_dataset(home, config.dataset_hash).pictures)


def test_the_command_line_takes_the_same_choices(home: Path, tmp_path: Path) -> None:
    words = ["--leave-out", "cats/00000.png", "--ignore", "dogs", "--rename", "owls=birds", "--json"]
    command = [sys.executable, "-m", "gan", "inspect", str(pets(tmp_path / "pets.zip")), *words]
    told = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "GAN_HOME": str(home)}, check=True)
    assert '"classes": {"birds": 20, "cats": 19}' in told.stdout


def test_copies_are_named_with_the_picture_that_is_used(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "twins.zip", pictures(16) | {"again.png": encoded(noise(3))})
    assert inspect(path).copies == [("again.png", "00003.png")] or inspect(path).copies == [("00003.png", "again.png")]


# Loose pictures


def sent(folder: Path, count: int, prefix: str = "") -> list[Loose]:
    """Return files as an upload leaves them, each in its own folder."""
    files = []
    for number, (name, content) in enumerate(pictures(count).items()):
        path = folder / str(number) / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        files.append(Loose(prefix + name, path))
    return files


def test_loose_pictures_are_prepared_like_a_zip_of_them(home: Path, tmp_path: Path) -> None:
    folder = gather(sent(tmp_path / "sent", 17), home / "data" / "loose", "pictures")
    from_zip = prepare(write_zip(tmp_path / "same.zip", pictures(17)), home=home, size=16)
    assert prepare(folder, home=home, size=16).hash == from_zip.hash
    assert gather(sent(tmp_path / "again", 3), home / "data" / "loose", "pictures") != folder


def test_the_folders_of_a_folder_that_was_sent_become_classes(home: Path, tmp_path: Path) -> None:
    files = sent(tmp_path / "a", 20, "pets/cats/") + sent(tmp_path / "b", 9, "pets/dogs/")
    files = [*files[:20], *(Loose(name, path) for (name, _), path in zip(files[20:], new_pictures(tmp_path, 9), strict=True))]
    assert inspect(gather(files, home / "data" / "loose", "pets")).classes == {"cats": 20, "dogs": 9}


def new_pictures(folder: Path, count: int) -> list[Path]:
    written = []
    for name, content in pictures(count, "new-", 100).items():
        (folder / name).write_bytes(content)
        written.append(folder / name)
    return written


@pytest.mark.parametrize("name", ["../../out.png", "/etc/out.png", "C:\\out.png", "..", "a/../../out.png", "a\0b.png", "x" * 300])
def test_the_name_of_a_sent_file_leads_nowhere_else(name: str, tmp_path: Path) -> None:
    (path,) = new_pictures(tmp_path, 1)
    store = tmp_path / "home" / "loose"
    folder = gather([Loose(name, path)], store, "pictures")
    (file,) = [each for each in (tmp_path / "home").rglob("*") if each.is_file()]
    assert file.is_relative_to(folder)
    assert folder.is_relative_to(store)


def test_two_files_of_one_name_are_both_kept(tmp_path: Path) -> None:
    first, second = new_pictures(tmp_path, 2)
    folder = gather([Loose("IMG.png", first), Loose("img.PNG", second)], tmp_path / "loose", "pictures")
    assert sorted(path.name for path in folder.iterdir()) == ["IMG.png", "img (2).PNG"]


def test_folders_of_earlier_days_are_removed(tmp_path: Path) -> None:
    store = tmp_path / "loose"
    old = gather([Loose("a.png", new_pictures(tmp_path, 1)[0])], store, "pictures").parent
    past = old.stat().st_mtime - UPLOADS_KEPT_SECONDS - 1
    os.utime(old, (past, past))
    gather([Loose("b.png", new_pictures(tmp_path, 2)[1])], store, "pictures")
    assert not old.exists()
