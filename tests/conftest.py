"""What every test has: one thread, a home of its own, and nothing of the user's account."""

import os
from pathlib import Path

import pytest

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
