"""The lessons: their texts are complete, they begin as planned, and each shows the effect that it teaches.

The plans of the table are run with fewer pictures, which takes seconds on one core.
"""

import math
import re
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan.data import open_dataset
from gan.errors import ConfigError
from gan.lessons import LESSONS, begin_lesson, lesson_of, read_texts
from gan.lessons.digits import draw_digit, write_digits
from gan.metrics import sliced_wasserstein
from gan.runs import Run
from gan.runs.health import MIXED
from gan.runs.looks import VIEWS, View, looks, read_look
from gan.sampler import Model, Points
from gan.training import train
from gan.ui.train.lessons import lesson_html, lessons_html, siblings
from gan.words import LANGUAGES, TEXTS

CHINESE = re.compile(r"[\u4e00-\u9fff]")
Trained = Callable[[str, int], list[Run]]
"""Takes (lesson, pictures), and returns its trained runs."""


def test_every_lesson_has_a_text_in_both_languages() -> None:
    english, chinese = (read_texts(language) for language in LANGUAGES)
    assert list(english) == list(chinese) == list(LESSONS)
    for name, text in english.items():
        other = chinese[name]
        assert len(text.explanation) == len(other.explanation)
        assert len(text.watch) == len(other.watch)
        assert not CHINESE.search(text.model_dump_json())
        for said in (other.title, other.question, other.answer, *other.explanation, *other.watch):
            assert CHINESE.search(said)


def test_every_part_of_a_lesson_with_several_has_a_name() -> None:
    names = {part.name for lesson in LESSONS.values() if len(lesson.parts) > 1 for part in lesson.parts}
    assert {f"lesson_part_{name.replace('-', '_')}" for name in names} <= set(TEXTS["en"])


def test_digits_are_drawn_alike_each_time_and_differ(tmp_path: Path) -> None:
    first, again = (write_digits(tmp_path / name, 20).read_bytes() for name in ("a.zip", "b.zip"))
    assert first == again
    drawn = [np.asarray(draw_digit(digit, np.random.RandomState(1))) for digit in (1, 8)]
    assert drawn[0].shape == (28, 28)
    assert drawn[1].mean() > 1.3 * drawn[0].mean(), "an eight has more ink than a one"


def test_an_unknown_lesson_is_refused(home: Path) -> None:
    with pytest.raises(ConfigError, match="one of minimax"):
        begin_lesson("alchemy", home)


def test_parts_of_a_lesson_differ_in_what_it_teaches(home: Path) -> None:
    def differences(lesson: str) -> set[str]:
        first, *others = (run.config for run in begin_lesson(lesson, home))
        return {name for other in others for name in first if first[name] != other[name]}

    assert differences("collapse") == {"penalty_weight", "penalty_weight_end"}
    assert differences("distances") == {"objective"}
    assert {"dataset", "dataset_hash", "pictures"} <= differences("few")


def test_a_run_shows_its_lesson_and_the_other_trainings_of_it(home: Path) -> None:
    runs = begin_lesson("distances", home)
    names = [run.name for run in runs]
    assert names == ["lesson-distances-least-squares", "lesson-distances-wasserstein"]
    for language in LANGUAGES:
        shown = lesson_html(runs[0], names, language)
        assert read_texts(language)["distances"].title in shown
        assert shown.count("data-run") == 2
        assert lessons_html(language).count("data-lesson") == len(LESSONS)
    assert [run.name for run in siblings(runs[1], names)] == names
    assert [run.name for run in siblings(runs[1], names[:1])] == names[:1], "the other one was removed"
    (runs[0].folder / "lesson.json").write_text("{}", encoding="utf-8")
    assert lesson_of(runs[0]) is None
    assert lesson_html(runs[0], names, "en") == ""


# Effects


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Return the runs of a lesson, trained on fewer pictures than planned."""
    home = tmp_path_factory.mktemp("lessons")

    def train_lesson(name: str, images: int) -> list[Run]:
        runs = begin_lesson(name, home, images=images, snapshot_seconds=3600)
        for run in runs:
            train(run)
        return runs

    return train_lesson


def last(run: Run, kind: str) -> dict[str, Any]:
    """Return the newest event of a kind."""
    return [event for event in run.events() if event["kind"] == kind][-1]


def scores(run: Run, place: int) -> tuple[float, float]:
    """Return mean scores of real and of generated pictures in the first (0) or the last (-1) view."""
    view = read_look(looks(run, VIEWS)[place], View)
    assert view is not None
    return fmean(view.real_scores), fmean(view.generated_scores)


def samples(run: Run, place: int) -> np.ndarray:
    """Return the sixteen samples of the first or the last grid, (16, H, W, C)."""
    with Image.open(run.samples()[place]) as image:
        grid = np.asarray(image.convert("L"))
    side = len(grid) // 4
    return grid.reshape(4, side, 4, side).swapaxes(1, 2).reshape(16, side, side, 1)


def test_in_the_minimax_game_scores_part_and_digits_come_nearer_without_being_compared(trained: Trained) -> None:
    (run,) = trained("minimax", 6400)
    dataset = open_dataset(run.home, run.config["dataset_hash"])
    real = dataset.pictures[:64]
    before, after = (sliced_wasserstein(samples(run, place), real) for place in (0, -1))
    assert after < 0.8 * before
    at_first, at_last = (scores(run, place) for place in (0, -1))
    assert at_last[0] - at_last[1] > at_first[0] - at_first[1] + 0.5, "it tells them apart now"
    assert last(run, "progress")["discriminator_loss"] < 2 * math.log(2)


def test_a_critic_without_penalty_loses_variety_and_its_scores_grow(trained: Trained) -> None:
    """After the planned number of pictures the effects are larger: diversity 0.42 and 1.02, scores of 9,000 and 5."""
    without, penalty = trained("collapse", 8000)
    assert last(without, "metrics")["diversity"] < 0.8 * last(penalty, "metrics")["diversity"]
    assert last(without, "metrics")["sliced_wasserstein"] > 1.2 * last(penalty, "metrics")["sliced_wasserstein"]
    largest = [max(map(abs, scores(run, -1))) for run in (without, penalty)]
    assert largest[0] > 5 * largest[1]


def test_few_pictures_are_copied_and_many_are_not(trained: Trained) -> None:
    many, few = (last(run, "copies") for run in trained("few", 30_000))
    assert few["near_share"] > many["near_share"] + 0.2
    assert few["mixture_ratio"] < MIXED
    assert "mixture_ratio" not in many, "only sets of few pictures are measured"


def test_least_squares_scores_stay_at_their_targets_and_those_of_a_critic_drift(trained: Trained) -> None:
    squares, critic = trained("distances", 8000)
    real, generated = scores(squares, -1)
    assert abs(real - 1) < 0.5
    assert abs(generated) < 0.5
    assert max(map(abs, scores(critic, -1))) > 1.5
    assert last(critic, "progress")["discriminator_loss"] < 0, "minus the estimated distance"


def test_coarse_style_layers_change_shapes_and_fine_ones_leave_them(trained: Trained) -> None:
    (run,) = trained("layers", 32)
    model = Model.open(run.model_folder, "cpu")
    points = model.points([model.recipe(seed) for seed in range(12)])
    third = model.latent.layers // 3

    def shapes(layers: slice) -> np.ndarray:
        """Return where pictures differ from the white ground, with some layers taken from the next picture."""
        values = points.values.clone()
        values[:, layers] = points.values.roll(1, 0)[:, layers]
        return model.paint(Points(values, points.class_index)).min(axis=3) < 200

    own = shapes(slice(0, 0))
    coarse, fine = ((shapes(layers) != own).mean() for layers in (slice(0, third), slice(2 * third, None)))
    assert coarse > 2 * fine
