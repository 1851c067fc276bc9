"""The environment of every test: one thread, its own home, and no access to the user's account."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.loopback_hub import LoopbackHub

# Set before torch, gradio and huggingface_hub are imported, and inherited by the processes that tests start.
os.environ |= {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",  # threads of trainings would otherwise wait by spinning, which slows the other tests
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
for secret in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
    os.environ.pop(secret, None)
os.environ["HF_TOKEN_PATH"] = os.devnull  # hides a stored token of the user, so that no test can publish by mistake


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home, which is the default home of everything that the test starts."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("GAN_HOME", str(folder))
    return folder


# Sandboxes need rights that containers often lack. The other options stop the browser's own network traffic.
BROWSER_OPTIONS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
EXPECTED_WITHIN_MS = 60_000  # long, for busy machines; an element that exists is found at once


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Yield Chromium, Chrome or Edge, started once for the tests of pages and of modules, which are the only ones that import
    playwright.
    """
    from playwright.sync_api import expect, sync_playwright

    from tests.install_browser import HOW_TO_GET_ONE, find_browser

    path = find_browser()
    assert path is not None, HOW_TO_GET_ONE
    expect.set_options(timeout=EXPECTED_WITHIN_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        yield launched
        launched.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> "Iterator[LoopbackHub]":
    """Yield a Hub on this machine, with ada logged in."""
    from tests.loopback_hub import LoopbackHub

    with LoopbackHub() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.endpoint)
        monkeypatch.setenv("HF_TOKEN", "hf_ada")
        yield running


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return the folder of a tiny model with two classes."""
    from tests.tiny_models import write_tiny_model

    write_tiny_model(tmp_path / "mine", classes=("cats", "dogs"))
    return tmp_path / "mine"
