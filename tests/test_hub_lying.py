"""A Hub that states wrong sizes, sends without end, breaks off or redirects; a full disk; malformed tokens."""

from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import constants

from gan.data.sources import HubSource
from gan.errors import GanError, HubError
from gan.hub.client import MOST_ANSWER_BYTES
from gan.models import pull, read_config
from gan.models.verifying import verify
from gan.sharing import push
from tests.full_disk import full_after
from tests.loopback_hub import LoopbackHub
from tests.offered_models import offered
from tests.tiny_models import write_tiny_model
from tests.zips import pictures

LARGEST_PIECE = 32 << 20  # the client writes data in pieces of 10 MB, and more may be in transit


def kept(home: Path) -> list[str]:
    """Return the names of everything that pulls have left in the home."""
    return sorted(path.name for path in (home / "models").glob("*"))


def refused(call: Callable[[], object]) -> HubError:
    """Return the error with which a call ends."""
    with pytest.raises(HubError) as caught:
        call()
    return caught.value


def pull_pets(home: Path) -> HubError:
    return refused(lambda: pull("eve/pets", home))


def fetch_pets(home: Path) -> HubError:
    """Return the error with which fetching the dataset ends."""
    return refused(HubSource("hf:eve/pets", home).pinned)


def test_a_body_without_end_is_ended_and_nothing_of_it_is_kept(server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("eve/pets", offered(model))
    server.pour("GET /eve/pets/resolve/.*safetensors")
    error = pull_pets(home)
    assert error.code == "hub_longer_than_listed"
    assert "eve/pets" in str(error)
    assert server.poured < LARGEST_PIECE
    assert kept(home) == []


@pytest.mark.parametrize("request_", ["GET /api/models/eve/pets", "GET /api/datasets/eve/pets"])
def test_a_listing_without_end_is_ended(request_: str, server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("eve/pets", offered(model))
    server.pour(request_)
    error = pull_pets(home) if "models" in request_ else fetch_pets(home)
    assert error.code == "hub_broken_off"
    assert "too long" in str(error)
    assert server.poured < 2 * MOST_ANSWER_BYTES


def test_a_dataset_without_end_is_ended_too(server: LoopbackHub, home: Path) -> None:
    server.add("eve/pets", pictures(16))
    server.pour("GET /datasets/eve/pets/resolve/.*00003.png")
    assert fetch_pets(home).code == "hub_longer_than_listed"
    assert server.poured < LARGEST_PIECE
    assert max(path.stat().st_size for path in (home / "data").rglob("*.png")) < 4096


def test_a_transfer_that_breaks_off_says_so(server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("eve/pets", offered(model))
    server.break_off("GET /eve/pets/resolve/.*safetensors")
    assert pull_pets(home).code == "hub_incomplete"
    assert kept(home) == []


def test_a_transfer_that_begins_again_and_again_is_given_up(server: LoopbackHub, home: Path) -> None:
    """The Hub's client itself retries for ever if a piece of 10 MB arrives each time."""
    server.add("eve/pets", pictures(16) | {"large.png": bytes(24 << 20)})
    server.break_off("GET /datasets/eve/pets/resolve/.*large.png")
    assert fetch_pets(home).code == "hub_incomplete"
    assert sum(request.startswith("GET /datasets") and "large" in request for request in server.requests) < 12


def test_a_hub_that_leads_elsewhere_hands_over_no_token(server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("ada/pets", offered(model), private=True)
    with LoopbackHub() as other:
        other.add("ada/pets", offered(model)).commits[0] = server.repos["ada/pets"].commits[0]
        other.tokens = {}  # this server refuses every token
        server.redirect("GET /ada/pets/resolve/", other.endpoint)
        folder = pull("ada/pets", home)
        assert any("resolve" in request for request in other.requests)
    assert read_config(folder).weights_sha256 == read_config(model).weights_sha256


def test_what_comes_from_elsewhere_is_verified_like_everything(
    server: LoopbackHub, model: Path, home: Path, tmp_path: Path
) -> None:
    write_tiny_model(tmp_path / "other", seed=1)
    server.add("ada/pets", offered(model))
    with LoopbackHub() as other:
        other.add("ada/pets", offered(tmp_path / "other")).commits[0] = (
            server.repos["ada/pets"].head,
            offered(tmp_path / "other"),
        )
        server.redirect("GET /ada/pets/resolve/.*/model.safetensors", other.endpoint)
        with pytest.raises(GanError):
            pull("ada/pets", home)
    assert kept(home) == []


def test_a_circle_of_redirects_is_a_sentence(server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("ada/pets", offered(model))
    server.redirect("GET /ada/pets/resolve/", server.endpoint)
    with pytest.raises(HubError) as caught:
        pull("ada/pets", home)
    assert caught.value.code == "hub_unreachable"


def test_files_are_transferred_by_http_alone(server: LoopbackHub, model: Path, home: Path) -> None:
    """The other protocol, Xet, cannot be bounded: it ignores what its progress bar raises."""
    server.add("ada/pets", offered(model))
    pull("ada/pets", home)
    assert constants.HF_HUB_DISABLE_XET


@pytest.mark.parametrize("token", ["hf_tökén", "hf_ada\nhf_bob", "“hf_ada”", "hf_\u202eada"])
def test_a_token_with_letters_that_no_token_has_is_called_that(token: str, server: LoopbackHub, model: Path, home: Path) -> None:
    for call in (lambda: pull("ada/pets", home, token=token), lambda: push(model, "ada/pets", token=token)):
        with pytest.raises(HubError) as caught:
            call()
        assert caught.value.code == "hub_token_letters"
        assert token not in str(caught.value)
    assert server.requests == []


def test_a_disk_that_fills_up_during_a_pull_is_one_sentence_and_keeps_what_was_there(
    server: LoopbackHub, model: Path, home: Path, tmp_path: Path
) -> None:
    repo = server.add("ada/pets", offered(model))
    folder = pull("ada/pets", home)
    before, there = read_config(folder), kept(home)
    write_tiny_model(tmp_path / "later", seed=1)
    repo.commit(offered(tmp_path / "later"))
    told = []
    for files in range(60):
        with full_after(files, home):
            try:
                pull("ada/pets", home)
            except GanError as error:
                told.append(str(error))
                verify(folder, "ada/pets")  # the old model or the new one, never parts of both
                assert kept(home) == there, "what was begun takes no room"
            else:
                break
    assert read_config(folder) != before
    assert len(told) > 3
    assert all("No space left on device" in sentence for sentence in told)
