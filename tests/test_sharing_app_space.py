"""This app with one model as a Space: complete, started as the Hub starts it, created, pushed again, refused with a reason."""

import json
import urllib.request
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from gan.errors import CheckpointError, HubError
from gan.hub import Pushed
from gan.playing.sharing import publish
from gan.sharing import Statement, restate, write_app_space
from tests.loopback_hub import LoopbackHub
from tests.served import served

# The Hub's client passes its uploads to its HTTP library by a deprecated parameter.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

# Replaces the package `spaces` of the Hub.
SPACES = """
import os
import sys

assert "torch" not in sys.modules, "torch is imported before spaces"

def GPU(duration):
    def mark(function):
        with open(os.environ["MARKED"], "a") as file:
            file.write(function.__name__)
        return function
    return mark
"""


def front_matter(folder: Path) -> dict[str, object]:
    _, text, _ = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    front: dict[str, object] = yaml.safe_load(text)
    return front


def test_the_front_matter_is_what_the_hub_builds_the_space_from(model: Path, tmp_path: Path) -> None:
    restate(model, Statement("photographs: mine", "CC0-1.0"))
    write_app_space(model, tmp_path / "own", "gradio")
    write_app_space(model, tmp_path / "lent", "zerogpu")
    own, lent = front_matter(tmp_path / "own"), front_matter(tmp_path / "lent")
    assert (own["sdk"], own["app_file"], own["license"], own["hf_oauth"]) == ("gradio", "app.py", "cc0-1.0", True)
    assert own["hf_oauth_scopes"] == ["contribute-repos"]
    assert str(own["sdk_version"]).startswith("6.")
    assert (own["suggested_hardware"], lent["suggested_hardware"]) == ("cpu-basic", "zero-a10g")
    assert "torch>=2.8,<2.12" in (tmp_path / "lent" / "requirements.txt").read_text(encoding="utf-8")
    assert "torch>=2.8,<3" in (tmp_path / "own" / "requirements.txt").read_text(encoding="utf-8")


def test_only_an_empty_folder_is_written_to(model: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="Choose an empty or new folder"):
        write_app_space(model, tmp_path, "gradio")


def test_a_written_space_starts_with_its_model_alone_and_says_what_zerogpu_cannot(model: Path, tmp_path: Path) -> None:
    space, home, package = tmp_path / "space", tmp_path / "disk", tmp_path / "package"
    write_app_space(model, space, "zerogpu")
    for folder in (home, package):
        folder.mkdir()
    (package / "spaces.py").write_text(SPACES, encoding="utf-8")
    told = {"SPACE_ID": "ada/mine", "SPACES_ZERO_GPU": "true", "PYTHONPATH": str(package), "MARKED": str(tmp_path / "marked")}
    with served(home, GAN_TEST_APP=str(space), **told) as url, urllib.request.urlopen(f"{url}/config") as answer:
        config = json.load(answer)
    (studio,) = [part for part in config["components"] if part["props"].get("elem_id") == "studio"]
    assert [model["key"] for model in studio["props"]["props"]["first"]["models"]] == ["starter:mine"]
    assert (tmp_path / "marked").read_text(encoding="utf-8") == "lent"


def test_a_space_on_zerogpu_is_created_and_the_same_again_changes_nothing(server: LoopbackHub, model: Path, home: Path) -> None:
    assert publish(model, "pets", home, "zerogpu") == Pushed(f"{server.endpoint}/spaces/ada/pets", changed=True)
    space = server.repos["spaces/ada/pets"]
    assert server.hardware["spaces/ada/pets"] == "zero-a10g"
    assert {"app.py", "requirements.txt", "gan/ui/__init__.py", "checkpoints/mine/model.safetensors"} <= space.files.keys()
    assert not [name for name in space.files if "__pycache__" in name or name.startswith("checkpoints/emoji")]
    assert not publish(model, "ada/pets", home, "zerogpu").changed
    assert len(space.commits) == 2, "the Hub's own first commit, and ours"


def test_a_space_on_a_cpu_is_for_paying_accounts_and_the_refusal_offers_the_free_kind(
    server: LoopbackHub, model: Path, home: Path
) -> None:
    with pytest.raises(HubError, match="paying accounts only.*--kind static") as refused:
        publish(model, "pets", home, "gradio")
    assert refused.value.code == "hub_payment"
    assert server.repos == {}
    server.paying.add("ada")
    assert publish(model, "pets", home, "gradio").changed


def test_a_wrong_token_and_a_connection_cut_half_way_have_their_sentences(server: LoopbackHub, model: Path, home: Path) -> None:
    with pytest.raises(HubError, match="refused the token"):
        publish(model, "ada/pets", home, "zerogpu", token="hf_wrong")
    server.cut("POST /api/spaces/ada/pets/commit")
    with pytest.raises(HubError, match="cannot be reached|was interrupted"):
        publish(model, "ada/pets", home, "zerogpu")
    assert len(server.repos["spaces/ada/pets"].commits) == 1, "nothing of ours arrived"
    server.cut_off = None
    assert publish(model, "ada/pets", home, "zerogpu").changed
