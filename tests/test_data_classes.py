"""The class of a picture: label files first, then the level of folders that most pictures share."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from gan.cli import main
from gan.data import prepare
from gan.data.classes import sort_into_classes
from gan.data.prepared import inspect
from tests.zips import encoded, noise, pictures, write_zip


def named(*groups: tuple[str, int]) -> list[str]:
    return [f"{folder}/{number:04d}.png".lstrip("/") for folder, count in groups for number in range(count)]


@pytest.mark.parametrize(
    ("groups", "classes", "level"),
    [
        ([("birds/val/owl", 10), ("birds/val/crow", 10), ("birds/train/owl", 30), ("birds/train/crow", 30)], ["crow", "owl"], 3),
        ([("train2017/a", 20), ("test2017/b", 20)], ["a", "b"], 2),
        ([("train", 20), ("test", 20)], [], None),
        ([("set/a", 20), ("set/b", 20), ("", 3)], ["a", "b", "other"], 2),
        ([("set/a", 30), ("set/b", 30), ("extras", 2)], ["a", "b", "other"], 2),
        ([("many", 400), ("rare", 2)], ["many", "rare"], 1),
        ([("train", 20), ("bus", 20)], ["bus", "train"], 1),  # vehicles
        ([("a/small", 20), ("a/large", 20), ("b", 20)], ["a", "b"], 1),
        ([("", 100), ("extras/a", 3), ("extras/b", 3)], [], None),
    ],
)
def test_the_level_that_most_pictures_agree_on_is_the_class(
    groups: list[tuple[str, int]], classes: list[str], level: int | None
) -> None:
    found = sort_into_classes(named(*groups))
    assert found.classes == classes
    assert found.level == level


def test_folders_in_which_a_tool_stores_a_thousand_pictures_each_are_no_classes() -> None:
    stylegan = [f"{number // 1000:05d}/img{number:08d}.png" for number in range(0, 4000, 50)]
    ffhq = [f"faces/{number // 1000 * 1000:05d}/{number:05d}.png" for number in range(0, 4000, 50)]
    signs = [f"{number % 4:05d}/{number // 4:05d}_00001.png" for number in range(80)]
    assert [len(sort_into_classes(names).classes) for names in (stylegan, ffhq, signs)] == [0, 0, 4]


def labelled_zip(path: Path, label_file: str, content: str, prefix: str = "") -> Path:
    files = {f"{prefix}{name}": data for name, data in pictures(20).items()}
    return write_zip(path, files | {f"{prefix}{label_file}": content.encode()})


def test_stylegans_labels_become_classes_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    labels = [[name, 10 if number % 2 else 9] for number, name in enumerate(pictures(20))]
    report = inspect(labelled_zip(tmp_path / "a.zip", "dataset.json", json.dumps({"labels": labels}), "top/"))
    assert list(report.classes.items()) == [("9", 10), ("10", 10)]
    assert (report.labels_from, report.skipped) == ("dataset.json", [])


def test_one_hot_labels_are_positions_and_labels_of_several_numbers_are_reported(tmp_path: Path) -> None:
    hot = [[name, [0, 1, 0] if number % 2 else [0, 0, 1]] for number, name in enumerate(pictures(20))]
    assert list(inspect(labelled_zip(tmp_path / "a.zip", "dataset.json", json.dumps({"labels": hot}))).classes) == ["1", "2"]
    soft = [[name, [0.5, 0.5]] for name in pictures(20)]
    report = inspect(labelled_zip(tmp_path / "b.zip", "dataset.json", json.dumps({"labels": soft})))
    assert [(each.name, each.reason_code) for each in report.skipped] == [("dataset.json", "skip_labels")]
    assert inspect(labelled_zip(tmp_path / "c.zip", "dataset.json", '{"labels": null}')).skipped == []


def test_an_imagefolders_table_tells_classes_and_captions_do_not(tmp_path: Path) -> None:
    rows = [f"{name},{'moth' if number % 2 else 'bee'},a picture of {number}" for number, name in enumerate(pictures(20))]
    table = "\ufefffile_name,label,text\n" + "\n".join(rows)
    report = inspect(labelled_zip(tmp_path / "a.zip", "metadata.csv", table, "data/"))
    assert report.classes == {"bee": 10, "moth": 10}
    assert report.as_json()["labels_from"] == "metadata.csv"
    captions = "\n".join(json.dumps({"file_name": name, "text": f"picture {number}"}) for number, name in enumerate(pictures(20)))
    report = inspect(labelled_zip(tmp_path / "b.zip", "metadata.jsonl", captions))
    assert (report.classes, report.skipped) == ({}, [])


@pytest.mark.parametrize(("encoding", "separator"), [("gbk", ","), ("utf-16", "\t"), ("cp866", ";"), ("cp1252", ";")])
def test_a_table_from_a_spreadsheet_of_another_country_is_read(tmp_path: Path, encoding: str, separator: str) -> None:
    names = {"gbk": ("牡丹", "菊花"), "cp866": ("лес", "море")}.get(encoding, ("Bäume", "Flüsse"))
    rows = [f"{name}{separator}{names[number % 2]}" for number, name in enumerate(pictures(20))]
    table = f"file_name{separator}label\r\n" + "\r\n".join(rows)
    path = write_zip(tmp_path / "a.zip", pictures(20) | {"metadata.csv": table.encode(encoding)})
    assert inspect(path).classes == dict.fromkeys(sorted(names), 10)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_separators_of_unicode_inside_a_caption_do_not_end_its_line(tmp_path: Path, encoding: str, line_end: str) -> None:
    rows = [
        json.dumps({"file_name": name, "text": f"a\u2028picture\x85of {number}", "label": "ab"[number % 2]}, ensure_ascii=False)
        for number, name in enumerate(pictures(20))
    ]
    path = write_zip(tmp_path / "a.zip", pictures(20) | {"metadata.jsonl": line_end.join(rows).encode(encoding)})
    report = inspect(path)
    assert (report.classes, report.skipped) == ({"a": 10, "b": 10}, [])


@pytest.mark.parametrize("label", ["Infinity", "-Infinity", "NaN", "2.5", "1e999"])
def test_a_label_that_is_no_whole_number_makes_the_file_useless_and_nothing_else(tmp_path: Path, label: str) -> None:
    labels = ", ".join(f'["{name}", {label}]' for name in pictures(20))
    report = inspect(labelled_zip(tmp_path / "a.zip", "dataset.json", f'{{"labels": [{labels}]}}'))
    assert [(each.name, each.reason_code) for each in report.skipped] == [("dataset.json", "skip_labels")]


def test_a_broken_label_file_is_reported_and_folders_hold(tmp_path: Path) -> None:
    files = pictures(10, "a/") | pictures(10, "b/", first=10) | {"dataset.json": b'{"labels": [', "metadata.csv": b"x,y\n1,2\n"}
    report = inspect(write_zip(tmp_path / "a.zip", files))
    assert [each.reason_code for each in report.skipped] == ["skip_labels", "skip_labels"]
    assert (report.classes, report.labels_from) == ({"a": 10, "b": 10}, "folders")


def test_hidden_folders_are_listed_with_the_reason(tmp_path: Path) -> None:
    hidden = {".cache/a.png": encoded(noise(90)), "@eaDir/b.png/SYNOPHOTO_THUMB_M.png": encoded(noise(91)), ".c.png": b"x"}
    report = inspect(write_zip(tmp_path / "a.zip", pictures(16) | hidden))
    assert {each.name: each.reason_code for each in report.skipped} == dict.fromkeys(hidden, "skip_hidden")


def test_each_class_keeps_a_picture_in_training_and_small_ones_are_warned_of(tmp_path: Path, home: Path) -> None:
    files = pictures(230, "common/", side=4)
    with zipfile.ZipFile(write_zip(tmp_path / "a.zip", files), "a") as target:
        for number in range(40):
            target.writestr(f"rare{number:02d}/a.png", encoded(noise(1000 + number, 4, 4)))
    dataset = prepare(tmp_path / "a.zip", home=home, size=8)
    assert np.bincount(dataset.labels[dataset.train_indices], minlength=41).min() == 1
    assert len(dataset.held_out_indices) == 13
    (sentence,) = dataset.report.as_json()["warnings"]
    assert "few pictures (40): rare00 (1)" in sentence


def test_the_report_says_in_words_which_level_was_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_zip(tmp_path / "a.zip", pictures(10, "set/train/a/") | pictures(10, "set/test/b/", first=10))
    with pytest.raises(SystemExit) as ended:
        main(["inspect", str(path)])
    assert ended.value.code == 0
    assert "classes from the folders of level 3, as in set/test/b" in capsys.readouterr().out
