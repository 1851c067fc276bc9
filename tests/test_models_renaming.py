"""Renaming: a kept model with its record, a run as a whole; starters, running trainings and taken names are refused."""

import shutil
from pathlib import Path

import pytest

from gan.errors import ModelError, RunError
from gan.models import find_entry, pull, rename_model
from gan.runs import Run
from gan.sampler import Model
from tests.loopback_hub import LoopbackHub
from tests.offered_models import offered


def test_a_pulled_model_keeps_where_it_came_from(server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("ada/pets", offered(model))
    pull("ada/pets", home)
    assert rename_model(find_entry("ada/pets", home), "zoo") == "kept:zoo"
    assert Model.open(find_entry("kept:zoo", home).folder, "cpu").reference.repo == "ada/pets"


def test_a_run_is_renamed_whole_unless_it_trains_or_waits(model: Path, home: Path) -> None:
    run = Run.create(home, "flowers", {})
    shutil.copytree(model, run.model_folder)
    run.write_status(state="paused")
    with run.lock(), pytest.raises(RunError, match="training already"):
        rename_model(find_entry("run:flowers", home), "meadow")
    assert rename_model(find_entry("run:flowers", home), "meadow") == "run:meadow"
    assert Run.open(home, "meadow").status().state == "paused"


@pytest.mark.parametrize("name", ["../out", "", "a--b", "con", "twins/two"])
def test_a_name_that_cannot_be_is_refused(model: Path, home: Path, name: str) -> None:
    shutil.copytree(model, home / "models" / "pets")
    with pytest.raises(RunError, match="cannot name|Windows reserves"):
        rename_model(find_entry("pets", home), name)


def test_a_taken_name_and_a_starter_are_refused(model: Path, home: Path) -> None:
    for name in ("pets", "zoo"):
        shutil.copytree(model, home / "models" / name)
    with pytest.raises(ModelError, match="already called zoo"):
        rename_model(find_entry("pets", home), "zoo")
    with pytest.raises(ModelError, match="keeps its name"):
        rename_model(find_entry("digits", home), "numbers")
