"""Pulled models: stored, pinned, usable offline; hostile repositories are refused."""

from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import constants

from gan.errors import CheckpointError, HubError
from gan.models import find, pull, pulling
from gan.sampler import Model
from tests.hostile_repos import other_shapes
from tests.loopback_hub import LoopbackHub
from tests.offered_models import offered, pictures
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
