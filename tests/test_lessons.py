"""The lessons: their texts are complete, they begin as planned, and each shows the effect that it teaches.

Effects are shown by the plans of the table, with fewer pictures: seconds on one core.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from gan.errors import ConfigError
from gan.lessons import LESSONS, begin_lesson, lesson_of, read_texts
from gan.lessons.digits import draw_digit, write_digits
from gan.ui.train.lessons import lesson_html, lessons_html, siblings
from gan.words import LANGUAGES, TEXTS

CHINESE = re.compile(r"[\u4e00-\u9fff]")
QUICK = {"device": "cpu"}


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


def test_parts_of_a_lesson_differ_in_one_thing(home: Path) -> None:
    one, two = (run.config for run in begin_lesson("collapse", home))
    assert {name for name in one if one[name] != two[name]} <= {"penalty", "penalty_weight", "penalty_weight_end"}
    few = [run.config for run in begin_lesson("few", home)]
    assert {name for name in few[0] if few[0][name] != few[1][name]} <= {
        "dataset", "dataset_hash", "pictures", "augment_target", "augment_strength", "augment_strength_end"
    }  # fmt: skip


def test_a_run_shows_its_lesson_and_the_other_training_of_it(home: Path) -> None:
    runs = begin_lesson("collapse", home)
    names = [run.name for run in runs]
    assert names == ["lesson-collapse-without", "lesson-collapse-penalty"]
    for language in LANGUAGES:
        shown = lesson_html(runs[0], names, language)
        assert read_texts(language)["collapse"].title in shown
        assert shown.count("data-run") == 2
        assert lessons_html(language).count("data-lesson") == len(LESSONS)
    assert [run.name for run in siblings(runs[1], names)] == names
    assert siblings(runs[1], names[:1]) == [runs[0]] or siblings(runs[1], names[:1])[0].name == names[0]
    (runs[0].folder / "lesson.json").write_text("{}", encoding="utf-8")
    assert lesson_of(runs[0]) is None
    assert lesson_html(runs[0], names, "en") == ""


# Effects
