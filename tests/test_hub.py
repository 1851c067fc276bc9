"""Each refusal by the Hub becomes one sentence: the real client against a Hub on this machine."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import constants

from gan.errors import HubError
from gan.hub import client
from gan.models import find, pull
from gan.sharing import push
from tests.loopback_hub import LoopbackHub
from tests.offered_models import offered, pictures

# The Hub's client passes its uploads to its HTTP library by a deprecated parameter.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def test_a_push_without_a_token_says_where_to_get_one(server: LoopbackHub, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(HubError, match="needs a Hugging Face token.*hf auth login"):
        push(model, "ada/pets")
    assert server.requests == []


@pytest.mark.parametrize(
    ("token", "repo", "sentence"),
    [
        ("hf_wrong", "ada/pets", "refused the token"),
        ("hf_wrong", "pets", "refused the token"),
        ("hf_bob", "ada/pets", "does not allow this for ada/pets"),
    ],
)
def test_a_token_that_does_not_do_is_refused(
    token: str, repo: str, sentence: str, server: LoopbackHub, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(HubError, match=sentence) as caught:
        push(model, repo)
    assert token not in str(caught.value)


def test_a_token_that_only_reads_is_refused(server: LoopbackHub, model: Path) -> None:
    push(model, "ada/pets")
    server.read_only.add("ada")
    with pytest.raises(HubError, match="does not allow this for ada/pets"):
        push(model, "ada/pets")


def test_a_private_model_is_not_shown_to_others(
    server: LoopbackHub, model: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(model, "ada/pets")
    for token in ("hf_bob", None):
        monkeypatch.delenv("HF_TOKEN")
        if token:
            monkeypatch.setenv("HF_TOKEN", token)
        with pytest.raises(HubError, match="No model ada/pets was found"):
            pull("ada/pets", home)
        monkeypatch.setenv("HF_TOKEN", "hf_ada")


def test_a_token_can_be_handed_over_and_is_used_throughout(
    server: LoopbackHub, model: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    push(model, "bob/pets", token="hf_bob")
    assert np.array_equal(pictures(pull("bob/pets", home, token="hf_bob")), pictures(model))


def test_a_gated_model_says_where_to_ask(server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("bob/gated", offered(model), gated=True)
    with pytest.raises(HubError, match=f"bob/gated is gated.*{server.endpoint}/bob/gated"):
        pull("bob/gated", home)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(401, "refused the token"), (403, "does not allow this"), (404, "was found on the"), (418, "status 418")],
)
def test_a_refusal_is_one_sentence(status: int, sentence: str, server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("ada/pets", offered(model))
    server.fail("GET /api/models", status)
    with pytest.raises(HubError, match=sentence) as caught:
        pull("ada/pets", home)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("status", "sentence"), [(429, "too many requests"), (500, "server error .status 500"), (503, "503")])
def test_a_troubled_hub_is_told_from_a_refusal(status: int, sentence: str, server: LoopbackHub, model: Path, home: Path) -> None:
    server.fail("POST /api/repos/create", status)
    with pytest.raises(HubError, match=sentence):
        push(model, "ada/pets")
    server.fail("GET /api/models", status)
    with pytest.raises(HubError, match=sentence):
        pull("ada/pets", home)


def test_an_upload_that_fails_is_no_commit(server: LoopbackHub, model: Path) -> None:
    server.fail("PUT /lfs", 403)
    with pytest.raises(HubError, match="does not allow this"):
        push(model, "ada/pets")
    assert len(server.repos["ada/pets"].commits) == 1


def test_a_login_page_instead_of_the_hub_reads_as_no_network(server: LoopbackHub, home: Path) -> None:
    server.fail("GET /api/models", 200)
    with pytest.raises(HubError, match="cannot be reached"):
        pull("ada/pets", home)


def test_a_hub_that_is_not_there_is_said_at_once(model: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackHub() as gone:
        monkeypatch.setenv("HF_ENDPOINT", gone.endpoint)
    with pytest.raises(HubError, match="cannot be reached.*models already pulled work without it"):
        find("ada/pets", home)
    with pytest.raises(HubError, match="cannot be reached"):
        push(model, "ada/pets", token="hf_ada")


def test_a_hub_that_never_answers_is_not_waited_for(
    server: LoopbackHub, model: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 0.2)
    monkeypatch.setattr(client, "WRITE_TIMEOUT_SECONDS", 0.2)
    server.stall("/api/")
    with pytest.raises(HubError, match="did not answer in time"):
        pull("ada/pets", home)
    with pytest.raises(HubError, match="did not answer in time"):
        push(model, "ada/pets")


def test_offline_mode_is_obeyed_and_said(server: LoopbackHub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set"):
        find("ada/pets", home)
    assert server.requests == []


@pytest.mark.parametrize(
    "name", ["", "a/b/c", "../x", "ada/..", "ada/x--y", "-ada/x", "ada/x.git", "ada/x y", "ada/" + "x" * 97, "/"]
)
def test_a_name_that_cannot_be_is_not_asked_for(name: str, server: LoopbackHub, home: Path, model: Path) -> None:
    with pytest.raises(HubError, match="is not a valid name on the Hugging Face Hub"):
        pull(name, home)
    with pytest.raises(HubError, match="is not a valid name"):
        push(model, name)
    assert server.requests == []


NO_ADDRESSES = ["huggingface.co", "ftp://hub", "http://", "http://[::1", "http://hub:port", "http://hub:99999", "http://a b"]


@pytest.mark.parametrize("address", [*NO_ADDRESSES, "http://hub\udc80", "http://a\tb", "http://" + "x" * 70])
def test_an_address_that_is_none_is_said_before_anything_is_asked(
    address: str, model: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", address)
    for call in (lambda: pull("ada/pets", home), lambda: push(model, "ada/pets", token="hf_ada")):
        with pytest.raises(HubError, match="The variable HF_ENDPOINT holds") as caught:
            call()
        assert str(caught.value).isprintable()
    assert not client.is_reachable()


@pytest.mark.parametrize("address", ["https://huggingface.co", "http://127.0.0.1:8080/", "http://[::1]:80", "https://hub.例子"])
def test_an_address_of_another_hub_is_one(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", address)
    client.check_endpoint()


def test_an_empty_address_is_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "")
    monkeypatch.setattr(constants, "ENDPOINT", "")  # what the client then reads at import
    client.check_endpoint()
    assert client.endpoint() == "https://huggingface.co"


@pytest.mark.parametrize("arguments", [["-m", "gan", "pull", "ada/pets"], ["app.py"]])
def test_a_program_with_such_an_address_ends_with_one_sentence(arguments: list[str]) -> None:
    """The Hub's client, which Gradio imports, reads the address at import and fails there."""
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "HF_ENDPOINT": "http://[::1"},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("The variable HF_ENDPOINT holds")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("revision", ["\udc80", "main\x1b[2J"])
def test_a_revision_that_cannot_be_is_not_asked_for(revision: str, server: LoopbackHub, home: Path) -> None:
    for call in (pull, find):
        with pytest.raises(HubError, match="ada/pets has no revision") as caught:
            call(f"ada/pets@{revision}", home)
        assert str(caught.value).isprintable()
    assert server.requests == []
