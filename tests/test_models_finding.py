"""A name leads to one model: a folder, a zip, a run, a kept model, a starter, the Hub."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import gan
from gan.errors import CheckpointError, ModelError
from gan.models import find, finding, list_models, pull, read_directions
from gan.runs import Run
from gan.sampler import Model
from tests.loopback_hub import LoopbackHub
from tests.offered_models import offered

# The Hub's client passes its uploads to its HTTP library by a deprecated parameter.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def test_a_name_is_a_folder_then_a_run_then_kept_then_a_starter(
    model: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starters = tmp_path / "starters"
    monkeypatch.setattr(finding, "starters_folder", lambda: starters)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(model, starters / "pets")
    assert find("pets", home) == starters / "pets"
    shutil.copytree(model, home / "models" / "pets")
    assert find("pets", home) == home / "models" / "pets"
    run = Run.create(home, "pets", {})
    with pytest.raises(ModelError, match="The run pets has no model yet"):
        find("pets", home)
    shutil.copytree(model, run.model_folder)
    assert find("pets", home) == run.model_folder
    shutil.copytree(model, tmp_path / "pets")
    assert find("pets", home) == Path("pets")
    assert [(entry.name, entry.kind) for entry in list_models(home)] == [
        ("pets", "run"),
        ("pets", "kept"),
        ("pets", "starter"),
    ]


def test_a_pulled_model_is_listed_under_its_repository(server: LoopbackHub, model: Path, home: Path) -> None:
    repo = server.add("ada/pets", offered(model))
    folders = {pull("ada/pets", home, revision): revision for revision in (None, repo.head)}
    listed = {entry.name: entry.folder for entry in list_models(home) if entry.kind == "kept"}
    assert listed.keys() == {"ada/pets", f"ada/pets@{repo.head}"}
    assert set(listed.values()) == set(folders)
    for name, folder in listed.items():
        assert find(name, home) == folder


@pytest.mark.parametrize("name", ["nothing", "../mine", "a/b/c", "", "models/../mine", "C:\\x"])
def test_a_name_of_nothing_says_what_there_is(name: str, model: Path, home: Path, server: LoopbackHub) -> None:
    shutil.copytree(model, home / "models" / "pets")
    with pytest.raises(ModelError, match=r"There is no model .*Available: .*pets"):
        find(name, home)
    assert server.requests == []


def test_finding_can_stay_on_this_machine(server: LoopbackHub, home: Path) -> None:
    with pytest.raises(ModelError, match="There is no model ada/pets"):
        find("ada/pets", home, download=False)
    assert server.requests == []


def as_the_hubs_cache_keeps_it(model: Path, cache: Path) -> Path:
    """Arrange files as the Hub's cache does: snapshots/COMMIT with links into blobs/."""
    snapshot, blobs = cache / "models--ada--pets" / "snapshots" / "abc", cache / "models--ada--pets" / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    for number, path in enumerate(sorted(model.iterdir())):
        shutil.copyfile(path, blobs / str(number))
        (snapshot / path.name).symlink_to(Path("../../blobs") / str(number))
    return snapshot


def test_a_folder_of_links_opens_when_the_user_names_it(model: Path, home: Path, tmp_path: Path) -> None:
    snapshot = as_the_hubs_cache_keeps_it(model, tmp_path / "cache")
    assert np.array_equal(gan.load(snapshot, home, "cpu").generate([1]), Model.open(model, "cpu").generate([1]))
    opened = gan.load(snapshot, home, "cpu")
    assert (opened.name, opened.revision, read_directions(opened)) == ("ada/pets", "abc", [])


def test_a_kept_model_of_links_is_not_read(model: Path, home: Path, tmp_path: Path) -> None:
    snapshot = as_the_hubs_cache_keeps_it(model, tmp_path / "cache")
    (home / "models").mkdir()
    snapshot.rename(home / "models" / "pets")
    for name in ("config.json", "model.safetensors"):
        (home / "models" / "pets" / name).unlink()
        (home / "models" / "pets" / name).symlink_to(model / name)
    with pytest.raises(CheckpointError, match="is a link"):
        gan.load("pets", home, "cpu")


def test_other_links_are_followed_only_in_a_folder_that_the_user_names(model: Path, home: Path, tmp_path: Path) -> None:
    (tmp_path / "linked").mkdir()
    for path in model.iterdir():
        (tmp_path / "linked" / path.name).symlink_to(path)
    with pytest.raises(CheckpointError, match="is a link"):
        Model.open(tmp_path / "linked", "cpu")
    assert np.array_equal(gan.load(tmp_path / "linked", home, "cpu").generate([1]), Model.open(model, "cpu").generate([1]))
