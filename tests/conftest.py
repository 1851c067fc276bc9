"""What every test has: one thread, a home of its own, and nothing of the user's account."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.loopback_hub import LoopbackHub

# Set before torch, gradio and huggingface_hub are imported, and inherited by the processes that tests start.
os.environ |= {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
for secret in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
    os.environ.pop(secret, None)
os.environ["HF_TOKEN_PATH"] = os.devnull  # a token that the user has stored is out of reach: no test can publish by mistake


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, which is also the default of everything that the test starts."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("GAN_HOME", str(folder))
    return folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> "Iterator[LoopbackHub]":
    """A Hub on this machine, logged in as ada."""
    from tests.loopback_hub import LoopbackHub

    with LoopbackHub() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.endpoint)
        monkeypatch.setenv("HF_TOKEN", "hf_ada")
        yield running


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The folder of a tiny model with two classes."""
    from tests.tiny_models import write_tiny_model

    write_tiny_model(tmp_path / "mine", classes=("cats", "dogs"))
    return tmp_path / "mine"
