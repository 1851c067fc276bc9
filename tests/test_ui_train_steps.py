"""The steps Pictures, Check and Plan without a browser: the source of an upload, the user's changes, and what is shown."""

import json
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest

from gan import data
from gan.config import RunConfig
from gan.data import Choices, Survey
from gan.errors import DataError, HubError, RunError
from gan.losses.objectives import OBJECTIVES
from gan.losses.penalties import PENALTIES
from gan.playing.shelf import Shelf
from gan.runs import Run
from gan.runs import queue as jobs
from gan.runs.estimates import Estimate
from gan.ui.train import check
from gan.ui.train.formulas import formulas_html
from gan.ui.train.frame import opened, steps_html
from gan.ui.train.gallery import Marks, Selection, gallery_html, marks_of, members
from gan.ui.train.handlers import TrainHandlers, Visit
from gan.ui.train.history import list_html
from gan.ui.train.pictures import Dropped, hub_source, sent
from gan.ui.train.plan import Planned, augmented_html, cards_html, expectation_html
from tests.test_ui import form, resolved
from tests.tiny_runs import FIXTURE, tiny_run
from tests.zips import encoded, noise, pictures, write_zip


def written(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Return files as an upload leaves them, each in its own folder."""
    paths = []
    for number, (name, content) in enumerate(files.items()):
        path = folder / str(number) / Path(name).name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        paths.append(str(path))
    return paths


@pytest.fixture
def emoji(home: Path) -> Survey:
    return data.survey(FIXTURE, home=home, size=16)


# Pictures


def test_a_single_zip_is_a_source_and_loose_pictures_join_those_before(home: Path, tmp_path: Path) -> None:
    store = home / "data" / "loose"
    assert sent([str(FIXTURE)], (), store, "en")[:2] == (str(FIXTURE), "emoji32")
    first = sent(written(tmp_path / "a", pictures(2)), (), store, "en")
    both = sent(written(tmp_path / "b", pictures(15, "", 2)), first.loose, store, "en")
    assert len(both.loose) == 17
    assert data.inspect(both.source).usable == 17
    assert both.name == "pictures"
    assert sent(written(tmp_path / "c", pictures(1)), (), store, "zh").name == "图片集"


def test_a_folder_keeps_its_name_and_its_classes(home: Path, tmp_path: Path) -> None:
    files = {f"pets/{name}": content for name, content in (pictures(20, "cats/") | pictures(20, "dogs/", 20)).items()}
    found = sent(written(tmp_path, files), (), home / "data" / "loose", "en", json.dumps(list(files)))
    assert found.name == "pets"
    assert data.inspect(found.source).classes == {"cats": 20, "dogs": 20}


@pytest.mark.parametrize("paths", ["[]", "not json", '["../../a.png"]', "[3]", '{"a": 1}'])
def test_places_that_the_browser_invents_lead_nowhere(home: Path, tmp_path: Path, paths: str) -> None:
    store = home / "data" / "loose"
    found = sent(written(tmp_path, pictures(1)), (), store, "en", paths)
    assert Path(found.source).resolve().is_relative_to(store.resolve())


def read(home: Path, files: list[str], language: Any = "en") -> tuple[TrainHandlers, tuple[Any, ...]]:
    handlers = TrainHandlers(Shelf(home))
    return handlers, handlers.read(lambda: sent(files, (), home / "data" / "loose", language), "x", language, gr.Progress())


def test_few_loose_pictures_are_a_start_and_a_bad_zip_is_refused_in_the_visitors_language(home: Path, tmp_path: Path) -> None:
    _, values = read(home, written(tmp_path / "a", pictures(1)))
    dropped, _, _, loose, said = values[:5]
    assert (dropped, len(loose), said) == (None, 1, {})
    assert "1 usable picture so far. Training needs 15 more" in values[7]
    _, values = read(home, written(tmp_path / "b", {"cats.zip": b"no zip"}), "zh")
    assert "cats.zip 不是 zip" in values[7]
    _, values = read(home, written(tmp_path / "c", {"notes.txt": b"words"}), "zh")
    assert "不是图片" in values[7]


def test_what_can_be_used_opens_the_next_step_with_a_name(home: Path, tmp_path: Path) -> None:
    _, values = read(home, [str(FIXTURE)])
    dropped, _, _, _, said = values[:5]
    assert dropped == Dropped(str(FIXTURE), "emoji32", 32)
    assert said == {"pictures": "emoji32 · 225 pictures"}
    assert values[11] == "emoji32"
    assert values[14:] == opened("check")


@pytest.mark.parametrize("name", ["../etc", "a b", "", "user/set@../x"])
def test_what_is_no_dataset_of_the_hub_is_refused(home: Path, name: str) -> None:
    with pytest.raises((HubError, DataError)):
        hub_source(name, home)


# The frame


def test_steps_that_need_pictures_are_closed_without_them() -> None:
    assert steps_html({}, "en").count(" disabled") == 2
    shown = steps_html({"pictures": "cats · 312 pictures"}, "zh")
    assert " disabled" not in shown
    assert "cats · 312 pictures" in shown
    assert "观察" in shown


# Check


def test_a_picture_is_left_out_and_taken_back_in(emoji: Survey) -> None:
    left = check.leave(emoji, Choices(), 3, out=True)
    assert left.left_out == (emoji.findings.names[3],)
    assert check.kept_of(emoji, left)[0] == 224
    assert check.leave(emoji, left, 3, out=False) == Choices()
    assert check.leave(emoji, Choices(), 10**6, out=True) == check.leave(emoji, Choices(), "x", out=True) == Choices()


def test_classes_are_renamed_merged_and_ignored(emoji: Survey) -> None:
    merged = check.rename(emoji, Choices(), "food", " animals ")
    assert check.kept_of(emoji, merged)[1] == {"animals": 150, "smileys": 75}
    assert check.rename(emoji, merged, "food", "") == Choices()
    assert check.kept_of(emoji, check.ignore(emoji, Choices(), "food", out=True))[1] == {"animals": 75, "smileys": 75}
    assert check.rename(emoji, Choices(), "<script>", "x") == Choices()
    shown = check.classes_html(check.classes_of(emoji, merged), merged, "en")
    assert 'data-class="food"' in shown
    assert shown.count('value="animals"') == 2


def test_the_level_can_be_chosen_where_folders_lie_in_folders(home: Path, tmp_path: Path) -> None:
    files = pictures(17, "pets/cats/") | pictures(17, "pets/dogs/", 20) | pictures(17, "wild/owls/", 40)
    survey = data.survey(write_zip(tmp_path / "deep.zip", files), home=home, size=16)
    assert [level for _, level in check.level_choices(survey, "en")] == [check.AUTOMATIC, 1, 2, 0]
    assert check.classes_of(survey, check.at_level(Choices(), 2)).names == ["cats", "dogs", "owls"]
    assert check.classes_of(survey, check.at_level(Choices(), 0)).names == []


def test_near_duplicates_and_small_pictures_are_found_and_all_but_one_left_out(home: Path, tmp_path: Path) -> None:
    smooth = noise(1, 4, 4).resize((40, 40))
    again = smooth.resize((44, 44))
    files = pictures(17, side=32) | {"x.png": encoded(smooth), "y.png": encoded(again), "z.png": encoded(noise(99, 12, 12))}
    survey = data.survey(write_zip(tmp_path / "near.zip", files), home=home, size=32)
    marks = marks_of(survey)
    names = survey.findings.names
    assert [[names[index] for index in group] for group in marks.near] == [["x.png", "y.png"]]
    assert [names[index] for index in marks.small] == ["z.png"]
    left = check.leave_near_duplicates(survey, marks, Choices())
    assert left.left_out == ("y.png",)
    assert members(survey, marks, left, "out") == [names.index("y.png")]
    shown = gallery_html(survey, marks, left, Selection("near"), "en")
    assert "Nearly alike 2" in shown
    assert shown.count('data-picture="') == 2
    assert 'aria-pressed="true" aria-label="Leave out y.png"' in shown


def test_names_of_files_cannot_act_on_the_page(home: Path, tmp_path: Path) -> None:
    evil = '"><img src=x onerror=alert(1)>'
    files = pictures(20, f"{evil}/") | pictures(20, "b/", 20)
    survey = data.survey(write_zip(tmp_path / "evil.zip", files), home=home, size=16)
    shown = gallery_html(survey, Marks(), Choices(), Selection(), "en")
    shown += check.classes_html(check.classes_of(survey, Choices()), Choices(), "en") + check.chosen_html(survey, Choices(), "en")
    assert "<img src=x" not in shown


# Plan


@pytest.fixture
def plan(home: Path) -> RunConfig:
    return resolved(form(side=16, minutes=10.0), Shelf(home))


def test_cards_and_expectation_tell_what_was_measured_in_both_languages(plan: RunConfig) -> None:
    measured = Planned(plan, Estimate(rates={16: 100.0, **{side: 300.0 for side, _ in plan.growth}}, memory_bytes=3 * 2**29))
    cards = cards_html({"quick": measured, "good": Planned(plan, None)}, "quick", "en", measuring=True)
    assert "about 57,000 pictures" in cards
    assert "1.5 GB of memory" in cards
    assert "measuring" in cards
    told = expectation_html(measured, 10.0, "en")
    assert "100 pictures/s at 16 × 16 pixels" in told
    assert "colours after 2 min, shapes after 10 min and details after 1 h 0 min" in told
    assert "本机实测" in expectation_html(measured, 10.0, "zh")
    assert "Measure again" in told
    assert "first minute" in expectation_html(Planned(plan, None), 10.0, "en")


def test_a_plan_that_could_not_be_measured_says_so_on_its_card_and_why(plan: RunConfig) -> None:
    failed = Planned(plan, None, RunError("pace_not_measured", reason="out of memory"))
    assert "speed not measured yet" in cards_html({"best": failed}, "best", "en")
    told = expectation_html(failed, 10.0, "en")
    assert "could not be measured: out of memory" in told
    assert "Measure again" in told


def test_augmentation_is_shown_on_the_pictures_or_said_to_be_none(plan: RunConfig, emoji: Survey) -> None:
    shown = augmented_html(plan, emoji.dataset, "en")
    assert shown.count("<img") == 12
    none = plan.model_copy(update={"augmentations": ()})
    assert "does not change the pictures" in augmented_html(none, emoji.dataset, "en")


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("penalty", PENALTIES)
def test_every_objective_and_penalty_has_its_formula(objective: str, penalty: str) -> None:
    shown = formulas_html(objective, penalty)
    assert shown.count("<dd>") == 2
    assert ("∇" in shown) == (penalty != "none")


def test_what_was_left_to_the_preset_is_no_setting() -> None:
    assert form().settings == {}
    chosen = form(generator_lr=0.002, ema_half_life=5_000, strength=0.4).settings
    assert chosen["ema_half_life_images"] == 5_000
    assert chosen["augment_strength"] == chosen["augment_strength_end"] == 0.4


def test_a_start_keeps_the_choices_in_the_run(home: Path) -> None:
    handlers = TrainHandlers(Shelf(home))
    choices = Choices(renamed={"food": "meals"})
    visit = Visit(Dropped(str(FIXTURE), "emoji32", 32), choices, form(name="kept", preset="good"), "en")
    with Run.create(home, "holder", resolved(form(name="holder"), Shelf(home)).model_dump(mode="json")).lock():
        name = handlers.start(visit, gr.Progress())  # the new run waits, since another one trains
    config = Run.open(home, name).config
    assert config["classes"] == ["animals", "meals", "smileys"]
    assert config["choices"]["renamed"] == {"food": "meals"}
    assert np.isclose(config["minutes"], 2.0)


def test_runs_that_wait_show_their_places(home: Path) -> None:
    names = ("first", "second")
    with tiny_run(home, "holder").lock():
        for name in names:
            jobs.submit(tiny_run(home, name))
    waiting = [(run, run.status()) for run in (Run.open(home, name) for name in names)]
    shown = list_html(waiting, None, "en", 10)
    assert shown.index("waiting · no. 1") < shown.index("waiting · no. 2")
    assert "第 2 位" in list_html(waiting, None, "zh", 10)
