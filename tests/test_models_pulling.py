"""Pulled models: stored, pinned, usable offline; hostile repositories are refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import constants

from gan.errors import CheckpointError, HubError
from gan.models import find, pull, pulling, read_config
from gan.sampler import Model
from tests.loopback_hub import LoopbackHub
from tests.offered_models import named, offered, pictures
from tests.tiny_models import write_tiny_model

# The Hub's client passes its uploads to its HTTP library by a deprecated parameter.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


# Stored files


def test_a_kept_model_is_used_without_any_network(model: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackHub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        server.add("ada/pets", offered(model))
        kept = pull("ada/pets", home)
    assert find("ada/pets", home) == kept
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert find("ada/pets", home) == kept
    assert np.array_equal(pictures(kept), pictures(model))


def test_a_pull_takes_the_newest_commit_and_a_revision_stays_beside_it(
    server: LoopbackHub, model: Path, home: Path, tmp_path: Path
) -> None:
    repo = server.add("ada/pets", offered(model))
    first = repo.head
    pinned = pull("ada/pets", home, first)
    newest = pull("ada/pets", home)
    assert find(f"ada/pets@{first}", home) == pinned
    write_tiny_model(tmp_path / "later", seed=1, discriminator=False)
    repo.commit(offered(tmp_path / "later"))
    assert pull("ada/pets", home) == newest
    assert not (newest / "discriminator.safetensors").exists()
    assert Model.open(newest, "cpu").revision == repo.head
    assert Model.open(pinned, "cpu").revision == first
    assert np.array_equal(pictures(newest), pictures(tmp_path / "later"))
    assert np.array_equal(pictures(pinned), pictures(model))


def test_the_commit_that_is_kept_as_the_newest_is_found_by_its_name_too(server: LoopbackHub, model: Path, home: Path) -> None:
    repo = server.add("ada/pets", offered(model))
    kept = pull("ada/pets", home)
    asked = len(server.requests)
    assert find(f"ada/pets@{repo.head}", home) == kept
    assert len(server.requests) == asked


def test_a_branch_with_a_slash_stays_within_the_home(server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("ada/pets", offered(model))
    for revision in ("refs/pr/1", "../../elsewhere"):
        with pytest.raises(HubError, match="has no revision"):
            pull("ada/pets", home, revision)
        assert pulling.kept_folder(home, "ada/pets", revision).parent == home / "models"
    assert not (home / "models").exists()


# Untrusted repositories


def test_only_the_files_of_a_model_are_asked_for(server: LoopbackHub, model: Path, home: Path) -> None:
    strange = {"pytorch_model.bin": b"\x80\x04N.", "run.py": b"raise SystemExit", "../../evil.txt": b"", "config.json/evil": b""}
    server.add("eve/trap", {**offered(model), **strange, "model.safetensors.index.json": b"{}"})
    kept = pull("eve/trap", home)
    assert {path.name for path in kept.iterdir()} == {"config.json", "model.safetensors", "discriminator.safetensors"}
    assert {path.name for path in (home / "models").iterdir()} == {"eve--trap", "eve--trap.json"}
    asked = " ".join(server.requests)
    assert not any(word in asked for word in ("evil", "bin", "run.py", "index"))


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_a_repository_without_a_model_is_refused(missing: str, server: LoopbackHub, model: Path, home: Path) -> None:
    files = offered(model)
    del files[missing]
    server.add("eve/other", {**files, "pytorch_model.bin": b"\x80\x04N."})
    with pytest.raises(HubError, match=f"eve/other is not a Seedbed model: {missing} is missing"):
        pull("eve/other", home)


def other_shapes(model: Path) -> dict[str, bytes]:
    config = json.loads((model / "config.json").read_text())
    config["network"]["w_dim"] = 24
    return {**offered(model), "config.json": json.dumps(config).encode()}


def pickle_for_weights(model: Path) -> dict[str, bytes]:
    return {**offered(model), "model.safetensors": b"\x80\x04\x95" + bytes(200)}


def link_for_weights(model: Path) -> dict[str, bytes]:
    """Replace the weights by a symbolic link as git stores it: a file with the path of its target."""
    return {**offered(model), "model.safetensors": b"../../../../etc/passwd"}


def other_weights(model: Path) -> dict[str, bytes]:
    files = offered(model)
    return {**files, "model.safetensors": files["model.safetensors"][:-4] + bytes(4)}


def other_discriminator(model: Path) -> dict[str, bytes]:
    files = offered(model)
    return {**files, "discriminator.safetensors": files["model.safetensors"]}


def foreign_directions(model: Path) -> dict[str, bytes]:
    other = model.with_name("other directions")
    write_tiny_model(other, "dcgan")
    named(other, "of z")
    content = (other / "directions.safetensors").read_bytes()
    theirs, ours = (read_config(folder).weights_sha256.encode() for folder in (other, model))
    return {**offered(model), "directions.safetensors": content.replace(theirs, ours)}


def huge_network(model: Path) -> dict[str, bytes]:
    config = json.loads((model / "config.json").read_text())
    return {**offered(model), "config.json": json.dumps({**config, "z_dim": 10**9}).encode()}


@pytest.mark.parametrize(
    "make",
    [other_shapes, pickle_for_weights, link_for_weights, other_weights, other_discriminator, foreign_directions, huge_network],
)
def test_a_hostile_repository_is_not_kept(make: object, server: LoopbackHub, model: Path, home: Path) -> None:
    assert callable(make)
    server.add("eve/trap", make(model))
    with pytest.raises(CheckpointError, match="^eve/trap/"):
        pull("eve/trap", home)
    assert list((home / "models").iterdir()) == []
    with pytest.raises(CheckpointError):
        find("eve/trap", home)


def test_a_hostile_commit_leaves_the_kept_model_as_it_was(server: LoopbackHub, model: Path, home: Path) -> None:
    repo = server.add("eve/trap", offered(model))
    kept = pull("eve/trap", home)
    repo.commit(other_shapes(model))
    with pytest.raises(CheckpointError):
        pull("eve/trap", home)
    assert np.array_equal(pictures(kept), pictures(model))


def test_a_file_that_is_too_large_is_not_even_asked_for(server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("eve/huge", offered(model))
    server.claimed_sizes["model.safetensors"] = 5 * 10**12
    with pytest.raises(HubError, match="model.safetensors of eve/huge has"):
        pull("eve/huge", home)
    assert not any("resolve" in request for request in server.requests)


@pytest.mark.parametrize("preview", [b"<svg onload=alert(1)>", b"GIF89a" + bytes(50)])
def test_a_preview_that_is_no_png_is_refused(preview: bytes, server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("eve/trap", {**offered(model), "preview.png": preview})
    with pytest.raises(HubError, match="preview.png of eve/trap"):
        pull("eve/trap", home)
