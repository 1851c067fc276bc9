"""Every file of a run, damaged, cut short or removed in turn: the page still opens, and the run goes on or says why not."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gan import training
from gan.errors import GanError
from gan.playing.shelf import Shelf
from gan.runs import Run, list_runs
from gan.ui.models.cards import cards_html
from gan.ui.train.eventlog import EventLog
from gan.ui.train.history import list_html
from gan.ui.train.live import live_parts
from gan.words import LANGUAGES
from tests.tiny_runs import tiny_run

IMAGES = 16
HARMS: dict[str, Callable[[Path], object]] = {
    "removed": Path.unlink,
    "emptied": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "overwritten": lambda path: path.write_bytes(b"\xff\xfe{[not what it was" * 40),
    "another type": lambda path: path.write_bytes(b"[1, 2, 3]"),
}


TRAINED_ON = ("cut",)  # the others only begin: each training takes a second


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one trained run."""
    home = tmp_path_factory.mktemp("trained")
    run = tiny_run(home, "pets", images=IMAGES)
    assert training.train(run).state == "done"
    return home


def files_of(home: Path) -> list[str]:
    folder = home / "runs" / "pets"
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def open_the_page(home: Path) -> None:
    """All that is read and drawn of runs when a visitor opens the page."""
    shelf = Shelf(home)
    runs = [(run, run.status()) for run in list_runs(home)]
    for language in LANGUAGES:
        assert list_html(runs, "pets", language) or not runs
        for run, status in runs:
            for part in live_parts(run, status, EventLog(), None, language).values():
                part.make()
        shelf.choices(language)
        cards_html(shelf.entries(), language)
    for entry in shelf.entries():
        if entry.kind == "run":
            open_or_say(shelf, entry.key)


def open_or_say(shelf: Shelf, key: str) -> None:
    """Open a model, or get a sentence in both languages; any other error goes on."""
    try:
        shelf.open(key)
    except GanError as error:
        said(error)


def said(error: GanError) -> None:
    """Say an error in both languages, which fails where one lacks a word or a value."""
    sentences = [error.translated(language) for language in LANGUAGES]
    if not all(sentences):
        raise AssertionError(sentences)


def go_on(home: Path, train: bool) -> None:
    run = Run.open(home, "pets")
    if training.extend(run, 2 * IMAGES) and train:
        status = training.train(run)
        assert status.error_code != "training_crashed", status.error


@pytest.mark.parametrize("harm", HARMS)
def test_a_run_with_a_harmed_file_opens_and_goes_on_or_says_why_not(trained: Path, tmp_path: Path, harm: str) -> None:
    for number, name in enumerate(files_of(trained)):
        home = tmp_path / str(number)
        shutil.copytree(trained, home)
        try:
            HARMS[harm](home / "runs" / "pets" / name)
            open_the_page(home)
            go_on(home, train=harm in TRAINED_ON)
        except GanError as error:
            said(error)
            open_the_page(home)
        except Exception as error:
            error.add_note(f"{name} was {harm}")
            raise
        shutil.rmtree(home)
