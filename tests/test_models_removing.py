"""Removed models are in the home's trash, and their size is reported; starters and running trainings are not removed."""

import shutil
from pathlib import Path

import pytest

from gan.errors import ModelError, RunError
from gan.models import find_entry, list_models, pull, remove_model, restore_model
from gan.runs import Run
from tests.loopback_hub import LoopbackHub
from tests.offered_models import offered


def test_a_pulled_model_goes_to_the_trash_with_its_record(server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("ada/pets", offered(model))
    kept = pull("ada/pets", home)
    weights = (kept / "model.safetensors").read_bytes()
    removed = remove_model(find_entry("ada/pets", home), home)
    assert removed.bytes > len(weights)
    assert {path.name for path in removed.folder.iterdir()} == {"ada--pets", "ada--pets.json"}
    assert (removed.folder / "ada--pets" / "model.safetensors").read_bytes() == weights
    assert not [entry for entry in list_models(home) if entry.kind == "kept"]
    assert restore_model(removed.folder.name, home) == "ada/pets"
    assert find_entry("ada/pets", home).folder == kept
    assert not removed.folder.exists()


def test_the_model_of_a_run_goes_with_its_run_unless_it_is_training(model: Path, home: Path) -> None:
    run = Run.create(home, "flowers", {})
    shutil.copytree(model, run.model_folder)
    run.write_status(state="paused")
    with run.lock(), pytest.raises(RunError, match="training already"):
        remove_model(find_entry("run:flowers", home), home)
    removed = remove_model(find_entry("flowers", home), home)
    assert (removed.folder / "flowers" / "model" / "config.json").is_file()
    assert not run.folder.exists()
    assert restore_model(removed.folder.name, home) == "flowers"
    assert Run.open(home, "flowers").status().state == "paused"


def test_nothing_is_restored_over_a_model_of_the_same_name_nor_from_elsewhere(model: Path, home: Path) -> None:
    shutil.copytree(model, home / "models" / "pets")
    removed = remove_model(find_entry("pets", home), home)
    shutil.copytree(model, home / "models" / "pets")
    with pytest.raises(ModelError, match="already called pets"):
        restore_model(removed.folder.name, home)
    assert (removed.folder / "pets" / "config.json").is_file()
    for name in ("..", "../models", "", "2020-01-01"):
        with pytest.raises(ModelError, match="is not in the trash"):
            restore_model(name, home)


def test_a_starter_cannot_be_removed(home: Path) -> None:
    with pytest.raises(ModelError, match="came with Seedbed and cannot be removed"):
        remove_model(find_entry("digits", home), home)
    assert find_entry("digits", home).folder.is_dir()
