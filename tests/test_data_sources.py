"""Sources of pictures: a folder works like a zip, and a dataset on the Hub like a folder."""

import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from gan.cli import main
from gan.data import inspect, open_dataset, prepare, reattach
from gan.errors import DataError, HubError
from tests.loopback_hub import LoopbackHub
from tests.processes import CONTEXT, DEADLINE_SECONDS
from tests.zips import encoded, noise, pictures, write_zip

NOBODY = 65534


def write_folder(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def two_classes() -> dict[str, bytes]:
    return pictures(10, "cats/") | pictures(12, "dogs/", first=10)


# Folders


def test_a_folder_is_what_a_zip_of_it_would_be(tmp_path: Path, home: Path) -> None:
    files = two_classes() | {"notes.txt": b"words", ".hidden/a.png": encoded(noise(90)), "cats/empty.png": b""}
    folder = write_folder(tmp_path / "pets", files)
    zipped = write_zip(tmp_path / "pets.zip", files)
    assert inspect(folder).as_json() == inspect(zipped).as_json()
    ours, theirs = (prepare(source, home=home, size=16) for source in (folder, zipped))
    assert (ours.hash, ours.name, ours.classes) == (theirs.hash, "pets", ["cats", "dogs"])
    assert np.array_equal(ours.pictures, theirs.pictures)


def test_a_folder_that_has_changed_is_prepared_again(tmp_path: Path, home: Path) -> None:
    folder = write_folder(tmp_path / "pets", two_classes())
    calls: list[int] = []

    def prepared() -> str:
        return prepare(folder, home=home, size=16, progress=lambda done, total: calls.append(done)).hash

    first = prepared()
    count = len(calls)
    assert prepared() == first
    assert len(calls) == count
    write_folder(folder, pictures(1, "cats/", first=50))
    assert prepared() != first


def test_links_do_not_lead_out_of_a_folder(tmp_path: Path) -> None:
    secret = write_folder(tmp_path / "elsewhere", {"a.png": encoded(noise(80)), "sub/b.png": encoded(noise(81))})
    folder = write_folder(tmp_path / "pets", pictures(16))
    (folder / "out.png").symlink_to(secret / "a.png")
    (folder / "sub").symlink_to(secret / "sub")
    (folder / "loop").symlink_to(folder)
    (folder / "dead.png").symlink_to(folder / "none.png")
    (folder / "itself.png").symlink_to("itself.png")
    (folder / "inside.png").symlink_to(folder / "00003.png")
    os.mkfifo(folder / "pipe.png")
    report = inspect(folder)
    assert {each.name: each.reason_code for each in report.skipped} == dict.fromkeys(
        ("out.png", "sub", "loop", "dead.png", "itself.png", "pipe.png"), "skip_link"
    )
    assert (report.usable, report.duplicates) == (16, 1)


def test_the_cache_of_the_hub_is_a_folder_whose_links_are_followed(tmp_path: Path) -> None:
    cache = tmp_path / "datasets--ada--pets"
    for number, content in enumerate(pictures(16).values()):
        blob = write_folder(cache, {f"blobs/{number:040x}": content}) / f"blobs/{number:040x}"
        link = cache / "snapshots" / "abc" / "cats" / f"{number}.png"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    (cache / "snapshots" / "abc" / "other.png").symlink_to("/etc/passwd")
    report = inspect(cache / "snapshots" / "abc")
    assert report.usable == 16
    assert [(each.name, each.reason_code) for each in report.skipped] == [("other.png", "skip_link")]


def _inspect_as_nobody(folder: Path, results: Connection) -> None:
    inspect(folder.parent / "warm")  # imports all modules, whose files perhaps only the owner can read
    if os.geteuid() == 0:  # permissions do not restrict root
        os.seteuid(NOBODY)
    results.send(inspect(folder).as_json())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
def test_a_folder_inside_that_may_not_be_read_is_reported_and_the_rest_is_used() -> None:
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        write_folder(Path(place, "warm"), pictures(16))
        folder = write_folder(Path(place, "pets"), pictures(16) | pictures(2, "closed/", 20) | pictures(1, "listed/", 30))
        (folder / "listed").chmod(0o444)  # the folder's files can be listed, but not opened
        (folder / "closed").chmod(0o000)
        receiver, sender = CONTEXT.Pipe(duplex=False)
        process = CONTEXT.Process(target=_inspect_as_nobody, args=(folder, sender))
        process.start()
        assert receiver.poll(DEADLINE_SECONDS)
        report = receiver.recv()
        process.join(DEADLINE_SECONDS)
        (folder / "closed").chmod(0o700)
        (folder / "listed").chmod(0o700)
    assert report["usable"] == 16
    assert {each["name"]: each["reason"] for each in report["skipped"]} == dict.fromkeys(
        ("closed", "listed/00030.png"), "It cannot be read: Permission denied."
    )


def test_a_folder_without_pictures_says_so_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["inspect", str(write_folder(tmp_path / "flowers", pictures(3))), "--json"])
    assert ended.value.code == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["usable"] == 3
    assert "flowers holds 3 readable pictures" in err


def test_copies_of_one_frame_are_called_copies(tmp_path: Path) -> None:
    frame = encoded(noise(1))
    with pytest.raises(DataError) as caught:
        inspect(write_folder(tmp_path / "film", {f"{number}.png": frame for number in range(40)}))
    assert "too few different pictures: 1; the others (39) are copies" in str(caught.value)


# Runs that were moved


def test_a_moved_run_gets_its_pictures_back_however_they_were_fitted(tmp_path: Path, home: Path) -> None:
    source = write_zip(tmp_path / "pets.zip", two_classes())
    for fit in ("crop", "pad"):
        before = prepare(source, home=home, size=16, fit=fit)
        elsewhere = tmp_path / f"elsewhere-{fit}"
        after = reattach(source, home=elsewhere, dataset_hash=before.hash, size=16)
        assert np.array_equal(open_dataset(elsewhere, before.hash).pictures, after.pictures)
        assert np.array_equal(after.pictures, before.pictures)


def test_other_pictures_are_not_taken_for_those_of_a_run(tmp_path: Path, home: Path) -> None:
    before = prepare(write_zip(tmp_path / "pets.zip", two_classes()), home=home, size=16)
    other = write_zip(tmp_path / "other.zip", pictures(22, "cats/", first=300))
    with pytest.raises(DataError) as caught:
        reattach(other, home=tmp_path / "elsewhere", dataset_hash=before.hash, size=16)
    assert caught.value.code == "dataset_other"


# The Hub


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    with LoopbackHub() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.endpoint)
        monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
        yield running


def test_a_dataset_on_the_hub_is_fetched_once_and_pinned_to_a_commit(server: LoopbackHub, home: Path) -> None:
    rows = "".join(f"{name},{'a' if number % 2 else 'b'}\n" for number, name in enumerate(pictures(20)))
    files = {f"train/{name}": content for name, content in pictures(20).items()}
    files |= {"train/metadata.csv": b"file_name,label\n" + rows.encode(), "README.md": b"words", "model.bin": b"x" * 1000}
    repo = server.add("ada/pets", files)
    dataset = prepare("hf:ada/pets", home=home, size=16)
    assert (dataset.name, dataset.classes, dataset.report.labels_from) == ("pets", ["a", "b"], "metadata.csv")
    fetched = [request for request in server.requests if "/resolve/" in request]
    assert not [request for request in fetched if "README" in request or "model.bin" in request]
    assert all(repo.head in request for request in fetched)
    server.requests.clear()
    pinned = prepare(f"hf:ada/pets@{repo.head}", home=home, size=16)
    assert (pinned.hash, server.requests) == (dataset.hash, [])


def test_the_pictures_of_a_dataset_are_bounded_before_they_are_fetched(server: LoopbackHub, home: Path) -> None:
    server.add("ada/huge", pictures(20) | {"large.png": b"x", "../out.png": encoded(noise(1))})
    server.claimed_sizes["large.png"] = 80 << 20
    assert inspect("hf:ada/huge", home=home).usable == 20
    assert not [request for request in server.requests if "large" in request or ".." in request]


def test_files_of_a_dataset_that_cannot_be_used_are_reported_whenever_it_is_opened(server: LoopbackHub, home: Path) -> None:
    odd = {"large.png": b"x", "../out.png": encoded(noise(1)), "empty.jpg": b"", ".cache/thumb.png": b"x", "more.zip": b"PK"}
    repo = server.add("ada/odd", pictures(16) | odd | {"README.md": b"words", "Thumbs.db": b"x", ".gitattributes": b"x"})
    server.claimed_sizes["large.png"] = 80 << 20
    expected = {
        ("large.png", "skip_too_large"),
        ("../out.png", "skip_name"),
        ("empty.jpg", "skip_empty"),
        (".cache/thumb.png", "skip_hidden"),
        ("more.zip", "skip_archive"),
    }

    def reported(source: str) -> set[tuple[str, str]]:
        return {(each.name, each.reason_code) for each in inspect(source, home=home).skipped}

    pinned = f"hf:ada/odd@{repo.head}"
    assert reported("hf:ada/odd") == expected
    server.requests.clear()
    assert reported(pinned) == expected
    assert server.requests == [], "a commit that is here is read without the Hub"
    (complete,) = home.glob("data/hub/*/*/complete")
    complete.write_bytes(complete.read_bytes()[:-9])
    assert reported(pinned) == expected, "a damaged list is fetched again"
    complete.write_bytes(b"")
    assert reported(pinned) == set(), "versions before wrote no list"


def test_the_total_of_a_dataset_is_bounded_before_anything_is_fetched(server: LoopbackHub, home: Path) -> None:
    vast = {f"{number}.png": b"x" for number in range(1100)}
    server.add("ada/vast", vast)
    server.claimed_sizes |= dict.fromkeys(vast, 63 << 20)
    with pytest.raises(DataError) as caught:
        inspect("hf:ada/vast", home=home)
    assert caught.value.code == "zip_too_large"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("hf:ada/none", "hub_dataset_missing"),
        ("hf:ada/pets@nowhere", "hub_revision_missing"),
        ("hf:ada/../etc", "hub_name_invalid"),
        ("hf:", "hub_name_invalid"),
        ("hf:ada/pets@../x y", "hub_name_invalid"),
        ("hf:ada/tables", "hub_dataset_packed"),
        ("hf:ada/words", "hub_dataset_empty"),
        ("hf:ada/gated", "hub_dataset_gated"),
    ],
)
def test_a_dataset_that_cannot_be_used_says_why(server: LoopbackHub, home: Path, source: str, code: str) -> None:
    server.add("ada/pets", pictures(16))
    server.add("ada/tables", {"data/train-00000.parquet": b"PAR1"})
    server.add("ada/words", {"README.md": b"words"})
    server.add("ada/gated", pictures(16), gated=True)
    with pytest.raises((DataError, HubError)) as caught:
        inspect(source, home=home)
    assert caught.value.code == code


def test_a_fetch_that_breaks_off_goes_on_where_it_was(server: LoopbackHub, home: Path) -> None:
    server.add("ada/pets", pictures(16))
    server.fail(r"GET .*00007\.png", 500)
    with pytest.raises(HubError):
        inspect("hf:ada/pets", home=home)
    server.failures.clear()
    assert inspect("hf:ada/pets", home=home).usable == 16


def test_a_hub_that_is_not_there_is_a_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubError) as caught:
        inspect("hf:ada/pets", home=home)
    assert caught.value.code == "hub_unreachable"


def test_a_zip_named_like_a_dataset_is_still_a_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_zip(tmp_path / "pets.zip", pictures(16))
    shutil.copy("pets.zip", "hf-pets.zip")
    assert inspect("hf-pets.zip").usable == 16
    assert zipfile.is_zipfile("hf-pets.zip")
