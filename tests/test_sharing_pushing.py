"""Pushing: one commit, private and complete; pulled in another home, the model makes the same pictures."""

import json
from pathlib import Path

import numpy as np
import pytest

from gan.errors import CheckpointError, HubError
from gan.hub import Pushed
from gan.models import pull, read_config
from gan.sampler import Model
from gan.sharing import push
from tests.loopback_hub import LoopbackHub, Repo
from tests.offered_models import CLASSES, named, names, offered, pictures
from tests.tiny_models import write_tiny_model

# The Hub's client passes its uploads to its HTTP library by a deprecated parameter.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def test_a_model_pushed_from_one_home_makes_the_same_pictures_in_another(server: LoopbackHub, model: Path, home: Path) -> None:
    assert push(model, "ada/pets") == Pushed(f"{server.endpoint}/ada/pets", changed=True)
    kept = pull("ada/pets", home)
    assert kept == home / "models" / "ada--pets"
    assert np.array_equal(pictures(kept), pictures(model))
    pulled = Model.open(kept, "cpu")
    assert pulled.name == "ada/pets"
    assert pulled.revision == server.repos["ada/pets"].head
    assert pulled.recipe(1).as_json()["model"]["repo"] == "ada/pets"


def test_a_push_is_one_commit_private_and_complete(server: LoopbackHub, model: Path) -> None:
    (model / "notes.txt").write_text("mine alone")
    (model / "training.pkl").write_bytes(b"\x80\x04N.")
    push(model, "pets")
    repo = server.repos["ada/pets"]
    assert repo.private
    assert len(repo.commits) == 2, "the Hub's own first commit, and ours"
    known = {"config.json", "model.safetensors", "discriminator.safetensors", "preview.png", "README.md"}
    assert repo.files.keys() - {".gitattributes"} == known
    assert repo.files["model.safetensors"] == (model / "model.safetensors").read_bytes()
    assert repo.files["preview.png"].startswith(b"\x89PNG")


def test_a_second_push_takes_away_what_the_new_model_has_not(server: LoopbackHub, model: Path, tmp_path: Path) -> None:
    push(model, "ada/pets")
    write_tiny_model(tmp_path / "later", seed=1, discriminator=False)
    server.repos["ada/pets"].commit({**server.repos["ada/pets"].files, "paper.pdf": b"%PDF"})
    push(tmp_path / "later", "ada/pets")
    files = server.repos["ada/pets"].files
    assert "discriminator.safetensors" not in files
    assert files["paper.pdf"] == b"%PDF"
    assert json.loads(files["config.json"])["weights_sha256"] == read_config(tmp_path / "later").weights_sha256


def test_named_directions_travel_but_not_those_of_earlier_weights(server: LoopbackHub, model: Path, home: Path) -> None:
    named(model, "of earlier weights")
    push(model, "ada/pets")
    write_tiny_model(model, classes=CLASSES, seed=1)
    named(model, "smile")
    push(model, "ada/pets")
    assert names(pull("ada/pets", home)) == ["smile"]
    assert names(model) == ["of earlier weights", "smile"]


def test_a_pull_leaves_the_directions_that_somebody_named_in_the_kept_copy(server: LoopbackHub, model: Path, home: Path) -> None:
    repo = server.add("ada/pets", offered(model))
    named(pull("ada/pets", home), "mine")
    named(model, "theirs")
    repo.commit(offered(model))
    assert names(pull("ada/pets", home)) == ["theirs", "mine"]
    write_tiny_model(model, classes=CLASSES, seed=1)
    (model / "directions.safetensors").unlink()
    repo.commit(offered(model))
    assert names(pull("ada/pets", home)) == ["theirs", "mine"]


def test_pushing_the_same_again_makes_no_commit(server: LoopbackHub, model: Path) -> None:
    assert push(model, "ada/pets").changed
    assert not push(model, "ada/pets").changed
    assert len(server.repos["ada/pets"].commits) == 2


def test_bytes_are_counted_both_ways(server: LoopbackHub, model: Path, home: Path) -> None:
    sent: list[tuple[int, int]] = []
    came: list[tuple[int, int]] = []
    push(model, "ada/pets", progress=lambda done, total: sent.append((done, total)))
    pull("ada/pets", home, progress=lambda done, total: came.append((done, total)))
    size = sum(len(data) for name, data in server.repos["ada/pets"].files.items() if name != ".gitattributes")
    for told in (sent, came):
        assert told == sorted(told)
        assert told[-1] == (size, size)


def test_a_push_never_shows_what_was_meant_to_be_private(server: LoopbackHub, model: Path) -> None:
    push(model, "ada/open", private=False)
    assert not server.repos["ada/open"].private
    with pytest.raises(HubError, match="ada/open is public already"):
        push(model, "ada/open")
    push(model, "ada/closed")
    push(model, "ada/closed", private=False)
    assert not server.repos["ada/closed"].private


def test_somebody_elses_commit_in_the_same_moment_is_not_overwritten(server: LoopbackHub, model: Path) -> None:
    def somebody_else(repo: Repo) -> None:
        repo.commit({**repo.files, "README.md": b"corrected by hand"})

    push(model, "ada/pets")
    server.before_commit = somebody_else
    write_tiny_model(model, seed=3)
    with pytest.raises(HubError, match="ada/pets was changed during the push"):
        push(model, "ada/pets")
    assert server.repos["ada/pets"].files["README.md"] == b"corrected by hand"


def test_a_damaged_model_is_not_pushed(server: LoopbackHub, model: Path) -> None:
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match="mine/model.safetensors is truncated"):
        push(model, "ada/pets")
    assert server.repos == {}
