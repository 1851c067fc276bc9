"""A model as a zip: given away without the Hub, opened in place, added to a home; hostile zips are refused."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

import gan
from gan.errors import CheckpointError, ModelError, RunError
from gan.models import MODEL_FILES, add_beside, add_model, export_model, find, list_models
from gan.sampler import Model
from tests.tiny_models import write_tiny_model


def drawn(folder: Path) -> np.ndarray:
    return Model.open(folder, "cpu").generate([1, 2, 3])


@pytest.fixture
def packed(model: Path, tmp_path: Path) -> Path:
    (model / "notes.txt").write_text("mine alone")
    size = export_model(model, tmp_path / "pets.zip")
    assert size == (tmp_path / "pets.zip").stat().st_size
    return tmp_path / "pets.zip"


def test_an_exported_zip_holds_the_model_in_a_folder_of_its_name_and_nothing_else(packed: Path, model: Path) -> None:
    with zipfile.ZipFile(packed) as opened:
        assert set(opened.namelist()) == {f"pets/{name}" for name in MODEL_FILES if (model / name).exists()}
        assert opened.read("pets/model.safetensors") == (model / "model.safetensors").read_bytes()


def test_a_zip_is_opened_by_its_path_and_makes_the_same_pictures(packed: Path, model: Path, home: Path) -> None:
    opened = gan.load(packed, home, "cpu")
    assert opened.name == "pets"
    assert np.array_equal(opened.generate([1, 2, 3]), drawn(model))
    assert find(str(packed), home) == opened.folder
    assert list(home.iterdir()) == []


def test_a_zip_and_a_folder_are_added_to_the_home(packed: Path, model: Path, home: Path) -> None:
    kept = add_model(packed, home)
    assert kept == home / "models" / "pets"
    assert add_model(packed, home) == kept, "the same again changes nothing"
    assert add_model(model, home, "twins") == home / "models" / "twins"
    assert np.array_equal(drawn(kept), drawn(model))
    assert [entry.key for entry in list_models(home) if entry.kind == "kept"] == ["kept:pets", "kept:twins"]
    assert not (home / "models" / "twins" / "notes.txt").exists()


def test_a_model_is_added_beside_another_of_its_name_but_never_twice(packed: Path, home: Path, tmp_path: Path) -> None:
    write_tiny_model(home / "models" / "pets", seed=5)
    assert add_beside(packed, home) == add_beside(packed, home) == home / "models" / "pets-2"
    saved_twice = packed.rename(packed.with_name("pets (1).zip"))
    assert add_beside(saved_twice, home) == home / "models" / "pets-1"
    with pytest.raises(CheckpointError):
        add_beside(Path(__file__), home)


def test_another_model_of_the_same_name_is_not_replaced(packed: Path, home: Path, tmp_path: Path) -> None:
    add_model(packed, home)
    write_tiny_model(tmp_path / "other" / "pets", seed=5)
    with pytest.raises(ModelError, match="already called pets"):
        add_model(tmp_path / "other" / "pets", home)
    with pytest.raises(RunError, match="cannot name"):
        add_model(packed, home, "../pets")


def zip_of(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return path


def test_hostile_and_foreign_zips_are_refused_and_nothing_stays(model: Path, home: Path, tmp_path: Path) -> None:
    files = {name: (model / name).read_bytes() for name in MODEL_FILES if (model / name).exists()}
    bomb = files | {"model.safetensors": bytes(300 << 20)}
    hostile = [
        ({"readme.txt": b"hello"}, "holds no model"),
        ({f"../{name}": content for name, content in files.items()} | {"../../evil": b""}, "pets.zip"),
        ({f"a/{name}": content for name, content in files.items()} | {"b/config.json": b"{}"}, "holds no model"),
        (bomb, "is not a zip of a model"),
        (files | {"preview.png": b"<svg>"}, "is not a usable PNG"),
        (files | {"model.safetensors": b"\x80\x04\x95" + bytes(200)}, "truncated or not a safetensors"),
        ({"config.json": files["config.json"]}, "holds no model"),
    ]
    for members, words in hostile[:1] + hostile[2:]:
        with pytest.raises(CheckpointError, match=words):
            add_model(zip_of(tmp_path / "pets.zip", members), home)
    (tmp_path / "pets.zip").write_bytes(b"PK no zip")
    with pytest.raises(CheckpointError, match="is not a zip of a model"):
        add_model(tmp_path / "pets.zip", home)
    assert list((home / "models").iterdir()) == []


def test_names_that_lead_outside_are_not_followed(model: Path, home: Path, tmp_path: Path) -> None:
    files = {f"../{name}": (model / name).read_bytes() for name in MODEL_FILES if (model / name).exists()}
    kept = add_model(zip_of(tmp_path / "pets.zip", files), home)
    assert {path.name for path in kept.iterdir()} <= set(MODEL_FILES)
    assert {path.name for path in home.iterdir()} == {"models"}


def test_a_folder_with_links_is_not_added(model: Path, home: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes((model / "config.json").read_bytes())
    (model / "config.json").unlink()
    (model / "config.json").symlink_to(tmp_path / "secret")
    with pytest.raises(CheckpointError, match="is a link"):
        add_model(model, home)
