"""The Share tab without a browser: what it shows, what it requires before anything is sent, and drafts that stay in their
folders.
"""

import zipfile
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gan.errors import ConfigError, HubError
from gan.hub import is_reachable
from gan.models import read_config
from gan.playing.sharing import Drafts
from gan.playing.shelf import Shelf
from gan.sharing import Statement
from gan.sharing.statement import restate
from gan.ui.share import drafts_route
from gan.ui.share.form import Wish
from gan.ui.share.tab import ShareHandlers
from tests.loopback_hub import LoopbackHub
from tests.tiny_models import write_tiny_model

# The Hub's client passes its uploads to its HTTP library by a deprecated parameter.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

PROGRESS = gr.Progress()


@pytest.fixture
def handlers(home: Path) -> ShareHandlers:
    """Return the tab's handlers for a home with one kept model."""
    write_tiny_model(home / "models" / "scrawl", family="mlp", discriminator=False)
    return ShareHandlers(Shelf(home), Drafts())


def wish(**chosen: Any) -> Wish:
    usual: dict[str, Any] = {
        "model": "kept:scrawl",
        "where": "hub",
        "app_kind": "zerogpu",
        "file_kind": "zip",
        "name": "scrawl",
        "private": False,
        "dataset": "drawings by Ada",
        "licence": "CC BY 4.0",
        "may_use": True,
    }
    return Wish(**(usual | chosen))


def share(handlers: ShareHandlers, **chosen: Any) -> tuple[str, str | None]:
    return handlers.share(wish(**chosen), None, "en", PROGRESS)


@pytest.mark.parametrize(
    ("where", "next_step", "shown"),
    [
        ("static", "Look at the page first", "nothing leaves the machine"),
        ("app", "Create the Space", "free for accounts older than thirty days"),
        ("hub", "Push to the Hub", "Licence of the data: CC BY 4.0."),
        ("file", "Make the file", "The model folder as one zip"),
    ],
)
def test_each_target_shows_how_it_will_look_and_names_the_next_step(
    handlers: ShareHandlers, where: str, next_step: str, shown: str
) -> None:
    app, file, push, button, head, look, card = handlers.look(wish(where=where), "en")
    assert button["value"] == next_step
    assert "scrawl" in head
    assert shown in look + card["value"]
    assert (app["visible"], file["visible"], push["visible"]) == (where == "app", where == "file", where != "file")


def test_the_fields_begin_with_what_the_model_states_and_the_promise_is_made_each_time(handlers: ShareHandlers) -> None:
    assert handlers.begin("kept:scrawl")[:4] == ("scrawl", "", "", False)
    assert handlers.begin("starter:emoji")[2].startswith("Apache-2.0")


@pytest.mark.parametrize(("dataset", "shown"), [("pictures", ""), ("图片集", ""), ("Ada's garden", "Ada's garden")])
def test_the_name_that_the_page_gives_to_loose_pictures_answers_nothing(
    handlers: ShareHandlers, home: Path, dataset: str, shown: str
) -> None:
    restate(home / "models" / "scrawl", Statement(dataset, ""), "scrawl")
    assert handlers.begin("kept:scrawl")[1] == shown


def test_nothing_is_sent_before_the_promise(handlers: ShareHandlers, server: LoopbackHub) -> None:
    with pytest.raises(ConfigError, match="to confirm that you may use these pictures"):
        share(handlers, may_use=False)
    assert server.requests == []


def test_a_push_states_what_was_written_and_the_model_keeps_it(handlers: ShareHandlers, server: LoopbackHub, home: Path) -> None:
    said, _ = share(handlers)
    assert f"{server.endpoint}/ada/scrawl" in said
    assert not server.repos["ada/scrawl"].private
    assert Statement.of(read_config(home / "models" / "scrawl")) == Statement("drawings by Ada", "CC BY 4.0")
    said, _ = share(handlers)
    assert "Nothing changed" in said


def test_a_page_is_looked_at_then_published_as_it_is(handlers: ShareHandlers, server: LoopbackHub) -> None:
    said, _ = share(handlers, where="static")
    assert "Look at it, then publish it" in said
    assert server.requests == []
    (_, _, _, button, _, look, _) = handlers.look(wish(where="static"), "en")
    assert button["value"] == "Publish this page"
    word = look.partition("./drafts/")[2].partition("/")[0]
    said, _ = share(handlers, where="static")
    assert f"{server.endpoint}/spaces/ada/scrawl" in said
    space = server.repos["spaces/ada/scrawl"].files
    with TestClient(Starlette(routes=[drafts_route(handlers.drafts)])) as browser:
        page = browser.get(f"/drafts/{word}/index.html")
        assert page.content == space["index.html"]
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert browser.get(f"/drafts/{word}/web/static/main.js").headers["content-type"].startswith("text/javascript")
        for path in (f"/drafts/{word}/%2e%2e/%2e%2e/etc/passwd", f"/drafts/{word}/", "/drafts/other/index.html"):
            assert browser.get(path).status_code == 404
    said, _ = share(handlers, where="static")
    assert "Nothing changed" in said
    (_, _, _, button, *_) = handlers.look(wish(where="static", licence="CC0-1.0"), "en")
    assert button["value"] == "Look at the page first", "another licence is another page"


def test_a_space_that_must_be_paid_for_is_refused_with_the_free_page_offered(
    handlers: ShareHandlers, server: LoopbackHub
) -> None:
    with pytest.raises(HubError) as refused:
        share(handlers, where="app", app_kind="gradio")
    assert refused.value.code == "hub_payment"
    assert "The free page is chosen now instead" in refused.value.translated("en")


def test_files_are_made_where_the_hub_cannot_be_reached(
    handlers: ShareHandlers, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(home / "uploads"))
    assert not is_reachable()
    _, file = share(handlers, where="file", may_use=False)
    assert file is not None
    with zipfile.ZipFile(file) as packed:
        assert b"drawings by Ada" in packed.read("scrawl/config.json")
    assert read_config(home / "models" / "scrawl").training.dataset == "", "a file leaves the model as it is"


def test_a_hub_that_answers_is_reachable(server: LoopbackHub) -> None:
    assert is_reachable()
