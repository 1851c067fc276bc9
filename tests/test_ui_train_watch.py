"""The step Watch: views inside, copies, advice with buttons, the time-lapse, the list, comparisons."""

import base64
import json
from pathlib import Path
from typing import Any

import av
import gradio as gr
import numpy as np
import pytest
from PIL import Image

from gan.errors import AccessError, ModelError
from gan.images import write_png
from gan.losses.objectives import OBJECTIVES
from gan.losses.penalties import PENALTIES
from gan.models import keep_model, read_config
from gan.runs import Run, Status
from gan.runs.earlier import earlier_models
from gan.runs.health import Finding, Health
from gan.runs.looks import COPIES, VIEWS, Copies, View, looks, read_look
from gan.runs.remedies import REMEDIES
from gan.training import train
from gan.ui.pace import pause_between_looks
from gan.ui.train.advice import BUTTONS, advice_html, known_remedies
from gan.ui.train.compare import compare_html
from gan.ui.train.copies import copied_sentence, copies_html
from gan.ui.train.doing import apply_remedy
from gan.ui.train.eventlog import EventLog
from gan.ui.train.film import LAST_FRAMES, chosen, film_html, film_of
from gan.ui.train.history import SHOWN_AT_FIRST, list_html
from gan.ui.train.inside import FORMULAS, PENALTY_FORMULAS, formulas_html, inside_html
from gan.ui.train.keeping import beside_parent_html, best_images, parent_preview
from gan.ui.train.live import live_parts, moment_at
from gan.ui.train.manage import ManagingHandlers
from gan.ui.train.plots import BINS, Series, histogram_html
from gan.words import LANGUAGES, TEXTS
from tests.askers import asked_by_a
from tests.tiny_models import write_tiny_model
from tests.tiny_runs import tiny_run

TRAINING = Status(state="training", images_seen=9000, images_total=64_000)
DONE = Status(state="done", images_seen=64, images_total=64)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of small pictures that ended, in its own home."""
    run = tiny_run(tmp_path_factory.mktemp("trained"), "small")
    train(run)
    return run


def test_the_look_inside_shows_pictures_with_scores_heat_hills_stages_and_formulas(trained: Run) -> None:
    look = looks(trained, VIEWS)[-1]
    view = read_look(look, View)
    assert view is not None
    for language in LANGUAGES:
        shown = inside_html(look, view, trained.config, language)
        assert shown.count("<figure><img") == 16
        assert shown.count("<polygon") == 2 + bool(view.held_out_scores)
        assert "s(G(z)) − s(x)" in shown
    assert ("8 × 8" in shown) == bool(view.stage_sides)


def test_copies_are_shown_the_nearest_first_with_the_share_in_one_sentence(trained: Run) -> None:
    (look,) = looks(trained, COPIES)
    found = read_look(look, Copies)
    assert found is not None
    assert copies_html(look, found, "en").count('class="copy-pair') == 16
    sure = Copies(
        distances=[], closest=0.1, measured=200, near_share=0.5, copied_share=-0.2, copied_share_low=-1, copied_share_high=0.3
    )
    assert "About 0 % of its pictures count as copies" in copied_sentence(sure, "en")
    assert "0 to 30 %" in copied_sentence(sure, "en")
    assert "copies of training" not in copied_sentence(sure.model_copy(update={"copied_share": None}), "en")


def test_every_objective_and_penalty_has_its_formula() -> None:
    assert FORMULAS.keys() == OBJECTIVES.keys()
    assert PENALTY_FORMULAS.keys() == PENALTIES.keys()
    assert "λ E" in formulas_html({"objective": "wasserstein", "penalty": "wgan-gp"}, "en")
    assert formulas_html({}, "en") == ""


def test_a_histogram_shows_shares_of_each_set() -> None:
    sets = [Series("many", [(0.0, 0.0)] * 100 + [(1.0, 0.0)] * 100), Series("few", [(0.0, 0.0), (1.0, 0.0)])]
    shown = histogram_html("Scores", "How", sets, "en")
    many, few = (part.split('"')[0] for part in shown.split('points="')[1:])
    assert many == few, "as high, however many there are"
    assert len(many.split()) == 2 * BINS + 2


# Advice


def advice(code: Any, remedy: Any, status: Status = TRAINING, **values: float) -> str:
    return advice_html(Health(code, [Finding(code, values, 0, remedy)]), status, "", "en")


def test_a_finding_has_its_words_and_a_button_that_helps() -> None:
    shown = advice("collapse", "stronger_penalty", diversity=0.2)
    assert "Collapse" in shown
    assert 'data-remedy="again_stronger_penalty"' in shown
    assert "data-remedy" not in advice("balanced", "wait")
    assert 'data-remedy="longer"' not in advice("still_improving", "train_longer", gain=5.0), "it trains already"
    assert 'data-remedy="longer"' in advice("still_improving", "train_longer", DONE, gain=5.0)
    assert 'data-remedy="stop"' not in advice("no_longer_improving", "stop_and_keep", DONE, change=0.0)


def test_every_button_has_words_and_every_change_exists() -> None:
    for name, change in known_remedies().items():
        assert all(f"advice_{name}" in TEXTS[language] for language in LANGUAGES)
        assert change == "" or change in REMEDIES
    assert {remedy.removeprefix("remedy_") for remedy in TEXTS["en"] if remedy.startswith("remedy_")} == BUTTONS.keys()


def test_a_failure_offers_what_helps_and_shows_its_log() -> None:
    failed = Status(state="failed", error="No memory.", error_code="out_of_memory")
    shown = advice_html(None, failed, "<last words>", "en")
    assert 'data-remedy="again_smaller_batch"' in shown
    assert "&lt;last words&gt;" in shown
    assert "data-remedy" not in advice_html(None, Status(state="interrupted", error="Gone."), "", "en"), "Resume has its button"


def test_a_remedy_starts_a_new_run_and_a_visitor_may_not(home: Path) -> None:
    run = tiny_run(home, "hot", family="mlp")
    run.write_status(state="failed", error="Diverged.", error_code="diverged")
    for right in ("visitor", "trainer"):
        with pytest.raises(AccessError):
            apply_remedy(run, "again_lower_rate", asked_by_a(right))
        with pytest.raises(AccessError):
            apply_remedy(run, "longer", asked_by_a(right))
    with run.lock():  # a run started now waits in the queue
        run.write_status(state="training")
        begun = Run.open(home, apply_remedy(run, "again_lower_rate", asked_by_a("owner")))
        assert begun.status().state == "queued"
    assert begun.name != run.name
    assert begun.config["generator_lr"] == run.config["generator_lr"] / 2


# Time


def test_the_film_has_the_first_and_the_newest_sample(trained: Run) -> None:
    shown = film_html("small", trained.samples(), "en")
    assert 'download="small.mp4"' in shown
    start = shown.index("base64,") + len("base64,")
    assert b"ftyp" in base64.b64decode(shown[start : start + 64])[:16]
    many = [Path(str(number)) for number in range(1000)]
    assert (chosen(many, 100)[0], chosen(many, 100)[-1], len(chosen(many, 100))) == (many[0], many[-1], 100)


def test_the_film_leaves_out_samples_that_are_damaged_or_of_another_size(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(4)]
    for path, side in zip(paths, (32, 32, 32, 64), strict=True):
        Image.new("RGB", (side, side), "orange").save(path)
    paths[1].write_bytes(paths[1].read_bytes()[:60])
    film = tmp_path / "film.mp4"
    film.write_bytes(film_of(tuple(paths), 0))
    with av.open(film) as opened:
        frames = [frame.width for frame in opened.decode(video=0)]
    assert len(frames) == 2 + LAST_FRAMES, "the two good ones, and the last of them for a while"


def test_the_look_inside_follows_the_history(trained: Run) -> None:
    log = EventLog()
    newest, first = (live_parts(trained, DONE, log, position, "en") for position in (None, 1))
    assert 'data-images="64"' in newest["inside"].make()
    assert 'data-images="0"' in first["inside"].make()


# Saved models


def test_the_best_model_is_starred_and_kept(trained: Run) -> None:
    assert best_images(trained) == 64
    parts = live_parts(trained, DONE, EventLog(), None, "en")
    assert "★" in parts["sample"].make()
    assert "64" in parts["keep_best"].make()["value"]
    name = keep_model(trained, trained.best_folder)
    assert name == "small-64"
    kept = read_config(trained.home / "models" / name)
    assert kept.weights_sha256 == read_config(trained.best_folder).weights_sha256
    assert keep_model(trained, trained.best_folder) == name, "twice is once"


def test_an_earlier_model_is_kept_at_the_place_in_the_history(trained: Run) -> None:
    first, newest = (live_parts(trained, DONE, EventLog(), position, "en")["keep_earlier"].make() for position in (1, None))
    (stored, *_) = earlier_models(trained)
    assert first["visible"], "the first sample has an earlier model near it"
    assert f"{int(stored.name)} pictures" in first["value"]
    assert not newest["visible"], "the newest model has a button of its own"
    samples = trained.samples()
    assert [moment_at(samples, place) for place in (1, len(samples), None)] == [0, None, None]


def test_a_run_without_a_model_keeps_none(home: Path) -> None:
    run = tiny_run(home)
    assert best_images(run) is None
    with pytest.raises(ModelError, match="no model yet"):
        keep_model(run, run.model_folder)


def test_a_fine_tuned_model_stands_beside_its_parent(home: Path) -> None:
    write_tiny_model(home / "models" / "parent")
    run = tiny_run(home)
    assert parent_preview(run) is None
    run.write_config(run.config | {"parent": "parent", "parent_folder": str(home / "models" / "parent")})
    write_tiny_model(run.model_folder)
    with pytest.raises(ModelError):
        beside_parent_html(run, "en")
    for folder in (home / "models" / "parent", run.model_folder):
        write_png(folder / "preview.png", np.zeros((64, 64, 3), np.uint8))
    shown = beside_parent_html(run, "en")
    assert shown.count("<figure>") == 2
    assert ">parent<" in shown


# The list and comparisons


def test_a_long_list_is_shown_in_parts_with_the_chosen_run(home: Path) -> None:
    run = tiny_run(home)
    rows = [(Run(run.folder.with_name(f"run-{number}")), DONE) for number in range(100)]
    shown = list_html(rows, "run-99", "en")
    assert shown.count("data-run") == SHOWN_AT_FIRST + 1
    assert 'data-run="run-99"' in shown
    assert "Show more (87)" in shown
    assert "data-more" not in list_html(rows, None, "en", 100)


def test_a_run_in_the_list_has_a_small_picture(trained: Run) -> None:
    shown = list_html([(trained, DONE)], None, "en")
    assert "data:image/jpeg;base64," in shown
    assert len(shown) < 4000


def test_runs_are_compared_by_curves_and_the_same_seeds(home: Path) -> None:
    log, runs = EventLog(), [tiny_run(home, name) for name in ("one", "two")]
    for run in runs:
        run.write_sample(64, np.zeros((32, 32, 3), np.uint8))
        run.append_event({"kind": "metrics", "images_seen": 64, "sliced_wasserstein": 50.0, "diversity": 0.8})
    shown = compare_html(runs, log, "en")
    assert shown.count("<figure><img") == 2
    assert "Distance from real pictures" in shown
    assert shown.count("<polyline") == 4
    assert compare_html(runs[:1], log, "en") == ""


def test_events_are_saved_as_a_csv_file(home: Path) -> None:
    run = tiny_run(home, "one")
    run.append_event({"kind": "progress", "images_seen": 8})
    update = ManagingHandlers(home, EventLog()).csv("one", asked_by_a("visitor"))
    assert isinstance(update, gr.HTML)
    file = json.loads(update.props["file"])
    assert file["name"] == "one.csv"
    assert base64.b64decode(file["data"]).startswith(b"kind,images_seen")


def test_a_training_that_lasts_is_looked_at_less_often_until_it_ends() -> None:
    going = [Status(state="training", seconds=seconds) for seconds in (0, 60, 61, 300, 301, 9000)]
    assert [pause_between_looks(status) for status in going] == [2, 2, 8, 8, 20, 20]
    ended = going[-1].model_copy(update={"state": "done"})
    assert [pause_between_looks(status) for status in (None, ended)] == [2, 2]
