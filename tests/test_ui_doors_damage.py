"""Every file of a run is damaged, cut short or removed in turn: the page still opens, and the run continues or its error says why
not.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gan import training
from gan.errors import GanError
from gan.playing.shelf import Shelf
from gan.runs import Run, list_runs
from gan.runs.earlier import earlier_models
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


TRAINED_ON = ("cut",)  # other damaged runs are not trained further, because each training takes a second


def is_read_by_training(name: str) -> bool:
    """Tell whether a training may read a file of its run: it reads no picture and no text, and earlier models like the best."""
    return Path(name).suffix not in (".png", ".md") and not name.startswith("earlier/")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with one trained run."""
    home = tmp_path_factory.mktemp("trained")
    run = tiny_run(home, "pets", images=IMAGES)
    assert training.train(run).state == "done"
    return home


def files_of(home: Path) -> list[str]:
    """Return the files of the run; of its earlier models, only those of the first."""
    folder = home / "runs" / "pets"
    others = earlier_models(Run.open(home, "pets"))[1:]
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent not in others]
    return sorted(path.relative_to(folder).as_posix() for path in files)


def open_the_page(home: Path) -> None:
    """Read and draw everything about runs that a visitor's page shows."""
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
            reason = reason_not_to_open(shelf, entry.key)
            assert reason is None or all(said(reason))


def reason_not_to_open(shelf: Shelf, key: str) -> GanError | None:
    """Open a model; return the GanError that refuses it, None if it opens."""
    try:
        shelf.open(key)
    except GanError as error:
        return error
    return None


def said(error: GanError) -> list[str]:
    """Return an error's sentence in both languages; this fails where one lacks a word or a value."""
    return [error.translated(language) for language in LANGUAGES]


def go_on(home: Path, train: bool) -> GanError | None:
    """Open the page and continue the run; return the error that says why it cannot continue, None if it continues."""
    try:
        open_the_page(home)
        run = Run.open(home, "pets")
        if training.extend(run, 2 * IMAGES) and train:
            status = training.train(run)
            assert (status.state, status.images_seen) == ("done", 2 * IMAGES)
    except GanError as error:
        open_the_page(home)
        return error
    return None


@pytest.mark.parametrize("harm", HARMS)
def test_a_run_with_a_harmed_file_opens_and_goes_on_or_says_why_not(trained: Path, tmp_path: Path, harm: str) -> None:
    refused: dict[str, GanError] = {}
    for number, name in enumerate(files_of(trained)):
        home = tmp_path / str(number)
        shutil.copytree(trained, home)
        HARMS[harm](home / "runs" / "pets" / name)
        try:
            error = go_on(home, train=harm in TRAINED_ON and is_read_by_training(name))
        except Exception as error:
            error.add_note(f"{name} was {harm}")
            raise
        if error is not None:
            refused[name] = error
        shutil.rmtree(home)
    assert list(refused) == ["config.json"]
    assert all(said(refused["config.json"]))
