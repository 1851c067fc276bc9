"""What is known of the machine: devices and memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gan.errors import ConfigError
from gan.machine import detect_device, peak_memory


def test_a_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ConfigError) as caught:
        detect_device("tpu")
    assert "cuda" in str(caught.value)
    assert detect_device("cpu") == "cpu"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell")
def test_peak_memory_is_that_of_the_process_and_not_of_the_larger_one_that_started_it() -> None:
    held = np.ones(2**30, np.uint8)
    own = peak_memory()
    assert own is not None
    assert own > held.nbytes
    command = [sys.executable, "-c", "from gan.machine import peak_memory; print(peak_memory())"]
    started = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    assert 2**20 < int(started.stdout) < held.nbytes
