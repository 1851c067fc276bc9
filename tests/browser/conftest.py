"""The app as a process on a free port with its own home, a Hub on this machine, and Chromium."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from gan.files import hold
from gan.runs import list_runs
from gan.runs.queue import request
from tests.loopback_hub import LoopbackHub
from tests.served import served
from tests.tiny_models import write_tiny_model

STOP_SECONDS = 60


@dataclass(frozen=True)
class App:
    """The running app."""

    url: str
    home: Path
    hub: LoopbackHub


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Yield the app, started as a user starts it, with a model of two classes in its home in addition to the starters."""
    home = tmp_path_factory.mktemp("browser-home")
    write_tiny_model(home / "models" / "twins", classes=("cats", "dogs"))
    with LoopbackHub() as hub, serve(home, hub) as url:
        yield App(url, home, hub)


def serve(home: Path, hub: LoopbackHub) -> AbstractContextManager[str]:
    """Return a context that serves an app for a home with this Hub, and whose value is the app's address."""
    own = {"HF_HOME": str(home / "hf"), "GAN_HOME": str(home / "not-this-one")}
    return served(home, HF_ENDPOINT=hub.endpoint, HF_HUB_OFFLINE="0", HF_HUB_DISABLE_XET="1", **own)


@pytest.fixture
def no_trainer_left(app: App) -> Iterator[None]:
    """End trainers after each test. Trainers outlive the app by design, but the next test needs the whole machine."""
    yield
    for run in list_runs(app.home):
        if run.alive() or run.status().state in ("queued", "preparing"):
            request(run, "stop")
            with hold(run.folder / "lock", STOP_SECONDS) as ended:
                assert ended, run.log_tail()


Open = Callable[..., Page]


@pytest.fixture
def visit(app: App, browser: Browser) -> Iterator[Open]:
    """Yield `visit(locale="zh-CN", …)`, which opens the page as a new visitor.

    After the test, the page must have logged no error and requested no other host. `url` is another app's address. `beside` is an
    open page: the new page uses the same browser and storage.
    """
    trouble: list[str] = []
    pages: list[Page] = []

    def on_request(asked: Request) -> None:
        if asked.url.startswith("http") and urlsplit(asked.url).hostname != "127.0.0.1":
            trouble.append(f"asked another host: {asked.url}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and "Method not implemented" not in message.text:  # a message of Gradio's own
            trouble.append(f"console: {message.text}")

    def open_page(path: str = "/", url: str = app.url, beside: Page | None = None, **options: object) -> Page:
        settings = {"locale": "en-US", "viewport": {"width": 1400, "height": 900}, **options}
        context = beside.context if beside else browser.new_context(**settings)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("request", on_request)
        page.on("console", on_console)
        page.on("pageerror", lambda error: trouble.append(f"page: {error}"))
        pages.append(page)
        page.goto(url + path)
        return page

    yield open_page
    for page in pages:
        page.context.close()
    assert trouble == []
