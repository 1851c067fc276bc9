"""Pulls from hostile repositories by a process of its own: each ends with its sentence, in bounded memory, and keeps nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gan.models.folder import MODEL_FILES
from tests.hostile_repos import MEGABYTE, REFUSED, TAKEN, Files
from tests.loopback_hub import LoopbackHub
from tests.offered_models import offered
from tests.tiny_models import write_tiny_model

MOST_BYTES = 96 * MEGABYTE  # above what the process held before the pull
LINUX = Path("/proc/self/clear_refs")
# Pulls a good model, so that everything is loaded, then each repository, with the peak of the process's memory during its pull.
PULLS = """
import json, sys
from pathlib import Path
from gan.errors import GanError
from gan.models import pull

def status(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) * 1024

measures = Path("/proc/self/clear_refs").exists()
home = Path(sys.argv[1])
for name in sys.argv[2:]:
    before = 0
    if measures:
        Path("/proc/self/clear_refs").write_text("5")
        before = status("VmRSS:")
    code, sentence = None, ""
    try:
        pull(f"eve/{name}", home / name)
    except GanError as error:
        code, sentence = error.code, str(error)
    grown = status("VmHWM:") - before if measures else 0
    print(json.dumps({"name": name, "code": code, "sentence": sentence, "grown_bytes": grown}))
"""


@dataclass(frozen=True)
class Pulled:
    """How a pull ended: a GanError's code and sentence, the memory it took, and what it left."""

    code: str | None
    sentence: str
    grown_bytes: int
    files: list[str]


@pytest.fixture(scope="module")
def pulls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pulled]:
    """Return how the pull of each repository ended."""
    place = tmp_path_factory.mktemp("hostile")
    write_tiny_model(place / "mine", classes=("cats", "dogs"))
    repos: dict[str, Callable[[Path], Files]] = {"good": offered} | {make.__name__: make for make in (*REFUSED, *TAKEN)}
    with LoopbackHub() as hub:
        for name, make in repos.items():
            hub.add(f"eve/{name}", make(place / "mine"))
        environment = {**os.environ, "HF_ENDPOINT": hub.endpoint, "HF_HOME": str(place / "hf")}
        command = [sys.executable, "-c", PULLS, str(place / "homes"), *repos]
        done = subprocess.run(command, env=environment, cwd=Path(__file__).parents[1], check=True, capture_output=True, text=True)
    answers = {answer.pop("name"): answer for answer in map(json.loads, done.stdout.splitlines())}
    assert answers.keys() == repos.keys()
    homes = {name: place / "homes" / name for name in repos}
    left = {name: [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()] for name, home in homes.items()}
    assert {path.name for path in (place / "homes").iterdir()} <= set(repos), "nothing lies beside the homes"
    return {name: Pulled(files=left[name], **answer) for name, answer in answers.items()}


@pytest.mark.parametrize(("make", "code"), REFUSED.items(), ids=[make.__name__ for make in REFUSED])
def test_a_hostile_repository_is_refused_with_its_sentence(
    pulls: dict[str, Pulled], make: Callable[[Path], Files], code: str
) -> None:
    found = pulls[make.__name__]
    assert found.code == code, found.sentence
    assert f"eve/{make.__name__}" in found.sentence
    assert "\n" not in found.sentence
    assert found.files == []


@pytest.mark.parametrize("make", TAKEN)
def test_of_a_repository_with_more_than_a_model_only_the_model_is_taken(
    pulls: dict[str, Pulled], make: Callable[[Path], Files]
) -> None:
    found = pulls[make.__name__]
    assert found.code is None, found.sentence
    folder = f"models/eve--{make.__name__}"
    assert set(found.files) <= {f"{folder}/{name}" for name in MODEL_FILES} | {f"{folder}.json"}  # and where they are from
    assert not Path("/tmp/escaped").exists()


@pytest.mark.skipif(not LINUX.exists(), reason="the peak of a process's memory can be reset on Linux only")
def test_no_hostile_repository_takes_much_memory(pulls: dict[str, Pulled]) -> None:
    assert {name: found.grown_bytes for name, found in pulls.items() if name != "good" and found.grown_bytes > MOST_BYTES} == {}
