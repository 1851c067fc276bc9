"""Visitors and owners are distinguished, and every handler declares the right it needs."""

import time
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from gan.errors import AccessError
from gan.playing.asking import Asker, Right
from gan.playing.calls import CALLS
from gan.runs import Waiting
from gan.ui.rights import (
    Rights,
    asker_of,
    check_declared,
    check_training,
    declared_rights,
    host_name,
    is_loopback,
    needs,
)
from tests.askers import asked_by_a
from tests.doorways import opened
from tests.loopback_hub import LoopbackHub
from tests.loops import run_apart, within_a_loop

HERE, ELSEWHERE = "127.0.0.1", "203.0.113.7"
SPACE = Rights(space="ada/flowers", space_author="ada")
LATER = time.time() + 3600


def right_of(rights: Rights, client: str = HERE, host: str = "localhost:7860", session: Any = None, **headers: str) -> Right:
    """Return the right of a request; `x_forwarded_for` is the header X-Forwarded-For."""
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in {"host": host, **headers}.items()]
    scope = {"type": "http", "client": (client, 1), "headers": named, "session": session or {}}
    return run_apart(rights.asker(scope)).right


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1:7860", "[::1]:7860", "LOCALHOST", "127.0.0.1"])
def test_whoever_sits_at_the_machine_is_the_owner_without_any_key(host: str) -> None:
    assert right_of(Rights(), host=host) == "owner"
    assert right_of(Rights(), client="::1", host=host) == "owner"
    assert right_of(Rights(), client="::ffff:127.0.0.1", host=host) == "owner"


@pytest.mark.parametrize(
    "other",
    [
        {"client": ELSEWHERE},
        {"host": "evil.example"},
        {"host": "localhost.evil.example:7860"},
        {"host": "192.168.1.5:7860"},
        {"host": ""},
        {"x_forwarded_for": "127.0.0.1"},
        {"x_forwarded_host": "localhost"},
        {"forwarded": "for=127.0.0.1"},
        {"via": "1.1 proxy"},
    ],
    ids=str,
)
def test_a_request_from_elsewhere_or_through_a_proxy_is_a_visitors(other: dict[str, str]) -> None:
    assert right_of(Rights(), **other) == "visitor"


def test_with_a_key_only_its_holder_is_the_owner_even_at_the_machine() -> None:
    rights = Rights(owner_key="open-sesame")
    name, value = rights.cookie
    assert right_of(rights) == "visitor"
    assert right_of(rights, authorization="Bearer wrong") == "visitor"
    assert right_of(rights, cookie=f"{name}={value[:-1]}0") == "visitor"
    assert right_of(rights, cookie=f"{name}=open-sesame") == "visitor"
    assert right_of(rights, client=ELSEWHERE, cookie=f"theme=dark; {name}={value}") == "owner"
    assert right_of(rights, client=ELSEWHERE, authorization="Bearer open-sesame") == "owner"
    assert "open-sesame" not in name + value


def login(name: str, *organisations: str, expires_at: float = LATER, token: str = "") -> dict[str, Any]:
    """Return Gradio's session data of a user who logged in with the Hub."""
    known = {"preferred_username": name, "orgs": [{"preferred_username": each} for each in organisations]}
    return {"oauth_info": {"userinfo": known, "access_token": token, "expires_at": expires_at}}


def test_on_a_space_the_machine_itself_is_a_visitor_too() -> None:
    assert right_of(SPACE) == "visitor"


def test_on_a_space_its_owner_who_logged_in_is_the_owner() -> None:
    assert right_of(SPACE, ELSEWHERE, session=login("ada")) == "owner"
    assert right_of(SPACE, ELSEWHERE, session=login("Ada")) == "owner"
    assert right_of(SPACE, ELSEWHERE, session=login("eve")) == "visitor"
    assert right_of(SPACE, ELSEWHERE, session=login("ada", expires_at=1)) == "visitor"
    assert right_of(SPACE, ELSEWHERE, session=login("eve", "other", "ada")) == "owner", "a member of the organisation"


def test_the_hub_is_asked_for_organisations_that_the_login_does_not_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackHub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        hub.organisations["ada"] = ["botany"]
        member = login("somebody", token="hf_ada")
        assert right_of(Rights(space="botany/flowers"), session=member) == "owner"
        assert right_of(Rights(space="zoology/flowers"), session=member) == "visitor"
        assert right_of(Rights(space="botany/flowers"), session=login("somebody", token="hf_wrong")) == "visitor"


def test_training_is_opened_by_the_environment_and_a_misspelling_is_told() -> None:
    assert right_of(Rights.of(None, {"SPACE_ID": "ada/flowers", "GAN_TRAINING": "anyone"}), ELSEWHERE) == "trainer"
    assert right_of(Rights.of(None, {"SPACE_ID": "ada/flowers"}), ELSEWHERE) == "visitor"
    with pytest.raises(AccessError, match="GAN_TRAINING is everyone"):
        Rights.of(None, {"GAN_TRAINING": "everyone"})


def test_behind_a_spaces_proxy_shares_are_counted_by_the_address_that_the_proxy_wrote_last() -> None:
    named = [(b"host", b"ada-flowers.hf.space"), (b"x-forwarded-for", b"1.1.1.1, 8.8.8.8, 10.0.0.4")]
    scope = {"type": "http", "client": ("10.0.0.4", 1), "headers": named}
    assert run_apart(SPACE.asker(scope)).address == "8.8.8.8"
    assert run_apart(Rights().asker(scope)).address == "10.0.0.4", "anybody may write this header to us"


@pytest.mark.parametrize("host", ["a:b:c", "[::1", "user@localhost", "localhost:80/x", "localhost:x", ""])
def test_a_malformed_host_is_no_host(host: str) -> None:
    assert not is_loopback(host_name(host))


# What handlers declare


def test_every_handler_of_the_page_declares_a_right_private_ones_and_components_functions_too(home: Path) -> None:
    with opened(home) as house:
        rights = declared_rights(house.page)
        known = {dependency["id"] for dependency in house.page.config["dependencies"] if dependency["backend_fn"]}
    assert len(rights) > len(known), "and the instrument's function"
    assert None not in rights.values()
    assert set(rights.values()) == {"visitor", "trainer", "owner"}


def test_a_page_with_a_handler_that_declares_nothing_is_not_built() -> None:
    def delete_everything() -> None:
        """A handler that was added without a right."""

    def reached(data: Any) -> None:
        """A handler without a right, as a component's function."""

    def page() -> gr.Blocks:
        with gr.Blocks() as made:
            gr.Button().click(delete_everything, api_visibility="private")
            gr.HTML(server_functions=[reached])
        return made

    with pytest.raises(AccessError, match="delete_everything.*reached"):
        check_declared(within_a_loop(page))


def test_what_writes_into_the_home_or_uses_a_login_is_the_owners_in_the_table_of_calls() -> None:
    owners = {name for name, line in CALLS.items() if line.right == "owner"}
    assert {"add_model", "get_model", "may_add_model", "save_directions", "take_over_direction"} <= owners


def test_a_handler_is_not_reached_without_its_right() -> None:
    reached: list[str] = []

    @needs("trainer")
    def train(name: str, request: gr.Request) -> None:
        reached.append(name)

    for right in ("trainer", "owner"):
        train(right, asked_by_a(right))
    for request in (asked_by_a("visitor"), gr.Request(None, headers={}), None):
        with pytest.raises(AccessError, match="Only the owner"):
            train("visitor", request)  # type: ignore[arg-type]
    assert reached == ["trainer", "owner"]


def test_who_asks_is_known_by_session_and_address() -> None:
    asker = asker_of(asked_by_a("visitor", session="one", address="10.0.0.7"))
    assert (asker.session, asker.address) == ("one", "10.0.0.7")
    assert asker_of(None) == Asker("visitor")


def test_a_visitor_who_may_train_may_not_train_for_long_nor_fill_the_queue(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = asked_by_a("trainer")
    check_training(guest, home, 15)
    for minutes in (16, 300_000, None):
        with pytest.raises(AccessError, match="at most 15 minutes"):
            check_training(guest, home, minutes)
    waiting = ",".join(Waiting(name=f"run-{number}").model_dump_json(exclude_none=True) for number in range(4))
    (home / "queue.json").write_text(f'{{"waiting": [{waiting}]}}', encoding="utf-8")
    with pytest.raises(AccessError, match="4 trainings are waiting"):
        check_training(guest, home, 1)
    check_training(asked_by_a("owner"), home, 100_000)
