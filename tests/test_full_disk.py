"""A disk that fills up while a command or a tool of the page writes: one sentence, and no existing file is lost."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from pydantic import BaseModel

from gan.cli import main
from gan.files import REFUSALS, system_refusals
from gan.models.verifying import verify
from gan.playing import bulk
from gan.playing.bulk import BulkCall
from gan.playing.shelf import Shelf
from gan.playing.studio import Answering, Studio, answer
from gan.ui.spoken import spoken
from gan.words import Language
from tests.full_disk import full_after
from tests.processes import wait_until
from tests.tiny_models import write_tiny_model

MOST_FILES = 60  # more than any command of this test writes


def command_outcomes(arguments: list[str], place: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Run a command with room for 0, 1, 2, … files until it succeeds; return the errors that it printed."""
    printed: list[str] = []
    for files in range(MOST_FILES):
        with full_after(files, place) as disk:
            try:
                main(arguments)
            except SystemExit as ended:
                status = ended.code or 0
        error = capsys.readouterr().err.strip()
        if not status:
            assert not disk.refused, f"a refusal after {files} files was ignored: {error}"
            return printed
        assert status == 1, error
        printed.append(error)
    raise AssertionError(f"it wrote more than {MOST_FILES} files")


COMMANDS: dict[str, Callable[[Path, Path], list[str]]] = {
    "generate": lambda model, place: ["generate", "--model", str(model), "--seeds", "0-3", "--out", str(place / "made")],
    "generate a zip": lambda model, place: [
        "generate",
        "--model",
        str(model),
        "--seeds",
        "0-3",
        "--out",
        str(place / "made.zip"),
    ],
    "export": lambda model, place: ["models", "export", str(model), str(place / "model.zip")],
    "add": lambda model, place: ["models", "add", str(model), "--home", str(place)],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_in_one_line_that_the_disk_is_full(
    name: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    printed = command_outcomes(COMMANDS[name](model, place), place, capsys)
    assert printed
    assert all("No space left on device" in line and "\n" not in line for line in printed)
    verify(model, "mine")


@pytest.fixture
def studio(home: Path) -> Studio:
    write_tiny_model(home / "models" / "pets")
    return Studio(Shelf(home))


class Nothing(BaseModel):
    """A call without values."""


def test_a_call_of_the_page_answers_that_the_disk_is_full(studio: Studio, home: Path) -> None:
    def write(studio: Studio, call: Nothing, language: Language) -> dict[str, Any]:
        (home / "notes.txt").write_bytes(b"made")
        return {"written": True}

    calls, data = {"write": Answering("visitor", Nothing, write)}, {"call": "write", "with": {}}
    with full_after(0, home):
        refused = answer(studio, calls, data, "en")
    assert refused["error"] == (
        "The system refused notes.txt: No space left on device. Free some space or check the permissions, then try again."
    )
    assert answer(studio, calls, data, "en") == {"written": True}


def test_a_longer_task_of_the_page_ends_with_the_reason(studio: Studio) -> None:
    with full_after(0, Path(tempfile.gettempdir())):
        task = studio.tasks.get(bulk.start(studio, BulkCall(model="kept:pets", count="6"), "en")["id"])
        wait_until(lambda: task.ended)
    assert task.state == "failed"
    assert "No space left on device" in str(task.error)


@pytest.mark.parametrize("number", sorted(REFUSALS))
def test_a_handler_of_the_page_shows_what_the_system_refused_by_the_files_name_alone(number: int) -> None:
    @spoken
    def handler(request: gr.Request) -> None:
        raise OSError(number, "refused", "/srv/secret/pets.zip")

    with pytest.raises(gr.Error) as caught:
        handler(gr.Request(None, headers={}))
    assert "pets.zip: refused" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_other_errors_of_the_system_are_not_hidden() -> None:
    with pytest.raises(FileNotFoundError), system_refusals():
        Path("/none/at all").read_bytes()
