"""The app as a process on a free port, for tests and benchmarks that send requests as a browser or a program does."""

import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_SECONDS = 240


@contextmanager
def served(home: Path, *options: str, **environment: str) -> Iterator[str]:
    """Yield the address of an app over a home. The app contacts no Hub, unless `environment` sets another address.

    GAN_TEST_APP is the folder of the app, for example a Space that was written; the default is this checkout.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    usual = {"GRADIO_TEMP_DIR": str(home / "uploads"), "PYTHONUNBUFFERED": "1", "HF_HUB_OFFLINE": "1"}
    variables = {**os.environ, **usual, **environment}
    command = [
        sys.executable,
        str(Path(environment.get("GAN_TEST_APP", ROOT)) / "app.py"),
        "--port",
        str(port),
        "--home",
        str(home),
        *options,
    ]
    # The app is not started in its own folder, because it must not depend on the working folder.
    with subprocess.Popen(
        command, cwd=home, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            wait_for_line(process, "Running on local URL")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for_line(process: subprocess.Popen[str], words: str) -> None:
    """Wait until a process has printed `words`; afterwards its output is read and dropped, so that it never blocks."""
    said: list[str] = []
    heard: queue.Queue[bool] = queue.Queue()
    output = process.stdout
    assert output is not None

    def listen() -> None:
        for line in output:
            said.append(line)
            if words in line:
                heard.put(True)
        heard.put(False)

    threading.Thread(target=listen, daemon=True).start()
    assert heard.get(timeout=START_SECONDS), "the app ended:\n" + "".join(said)
