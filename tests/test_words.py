"""Every text on the page exists in English and Chinese, and both have the same values."""

import re
import shutil
import string
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from gan.config import PRESETS
from gan.data import Report, Skipped
from gan.errors import DataError, RunError
from gan.runs import Request, Status
from gan.ui.language import language_of, translations
from gan.words import ERRORS, TEXTS, counted, duration, error_text, number, speed
from tests.test_layers import PACKAGE

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAME_IN_BOTH = {
    "create_layers_change",
    "header_job",
    "header_job_share",
    "comma",
    "create_comma",
    "create_morph_between",
    "create_done_of",
}  # except for punctuation


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_error_has_a_chinese_sentence() -> None:
    assert set(ERRORS["en"]) - set(ERRORS["zh"]) == set(), "add these to gan/words/zh.json"


def test_no_chinese_sentence_belongs_to_an_error_that_is_gone() -> None:
    assert set(ERRORS["zh"]) - set(ERRORS["en"]) == set()


@pytest.mark.parametrize("code", ERRORS["en"])
def test_a_chinese_sentence_names_the_same_values(code: str) -> None:
    assert placeholders(ERRORS["zh"][code]) == placeholders(ERRORS["en"][code])
    assert CHINESE.search(ERRORS["zh"][code])


@pytest.mark.parametrize("key", TEXTS["en"])
def test_a_text_is_there_in_both_languages_with_the_same_values(key: str) -> None:
    english, chinese = TEXTS["en"][key], TEXTS["zh"][key]
    assert english
    assert not CHINESE.search(english)
    assert placeholders(english) == placeholders(chinese)
    assert CHINESE.search(chinese) or key in SAME_IN_BOTH


def test_a_page_sentence_for_an_error_needs_no_value_that_the_error_lacks() -> None:
    overridden = {key.removeprefix("error_"): english for key, english in TEXTS["en"].items() if key.startswith("error_")}
    assert set(overridden) <= set(ERRORS["en"])
    for code, english in overridden.items():
        assert placeholders(english) <= placeholders(ERRORS["en"][code])


def test_every_state_of_a_run_can_be_said() -> None:
    for state in Status.model_fields["state"].annotation.__args__:  # type: ignore[union-attr]
        assert {f"state_{state}", f"state_{state}_long"} <= set(TEXTS["en"])


def test_every_preset_has_a_name_on_the_page() -> None:
    assert {f"preset_{preset.replace('-', '_')}" for preset in PRESETS} <= set(TEXTS["en"])


def test_every_text_is_used() -> None:
    folder = PACKAGE
    files = [path for path in folder.rglob("*") if path.suffix in (".py", ".js")]
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    # keys that the code builds from a prefix
    made = (
        *("state_", "request_", "kind_", "preset_", "discriminator_", "plot_", "error_", "note_", "health_", "remedy_"),
        *("share_where_", "share_app_", "share_file_"),
        *("live_", "advice_", "lesson_part_", "step_", "gallery_", "card_", "plan_", "augment_"),
        *("create_class_name_", "create_from_", "create_key_", "create_morph_way_"),
    )
    named = {name for pair in re.findall(r"""["'](\w+)["']|\]\.(\w+)""", source) for name in pair}
    unused = [key for key in TEXTS["en"] if key not in named and not key.startswith(made)]
    assert [key for key in unused if not key.endswith("_one")] == []


def test_fixed_texts_go_to_the_browser_and_texts_with_values_stay() -> None:
    sent = translations().translations_dict
    assert sent["en"]["tab_train"] == "Train"
    assert sent["zh"]["tab_train"] == "训练"
    assert set(sent["en"]) == set(sent["zh"])
    assert not any("{" in text for table in sent.values() for text in table.values())


class Asked:
    """The part of a request from which the language is read."""

    def __init__(self, wish: str) -> None:
        self.headers = {"accept-language": wish}


@pytest.mark.parametrize("wish", ["zh-CN,zh;q=0.9,en;q=0.8", "zh-TW", "zh-cn"])
def test_a_chinese_browser_reads_chinese(wish: str) -> None:
    assert language_of(Asked(wish)) == "zh"  # type: ignore[arg-type]


@pytest.mark.parametrize("wish", ["en-US,en;q=0.9,zh;q=0.8", "fr", "", "de-DE", "zh-HK"])
def test_any_other_browser_reads_english(wish: str) -> None:
    assert language_of(Asked(wish)) == "en"  # type: ignore[arg-type]


def test_an_error_is_said_in_the_visitors_language() -> None:
    error = DataError("too_few_pictures", path="cats.zip", found=3, needed=16)
    assert error.translated("en") == str(error)
    assert error.translated("zh").startswith("cats.zip 中有 3 张可读的图片")


def test_a_state_and_a_request_are_said_in_words_for_every_code_of_a_run() -> None:
    for state in Status.model_fields["state"].annotation.__args__:  # type: ignore[union-attr]
        for asked in get_args(Request):
            words = RunError("run_not_running", name="cats", state=state, request=asked).translated("zh")
            assert not re.search(r"[a-z]", words.removeprefix("cats")), words
    error = RunError("run_not_running", name="done", state="done", request="stop")
    assert error.translated("zh") == "done 不在训练（状态：已完成），无法停止。"
    assert "its state is done), so it cannot stop." in error.translated("en")


def test_a_sentence_names_a_file_but_not_where_the_server_keeps_it(tmp_path: Path) -> None:
    words = error_text("en", "too_few_pictures", {"path": str(tmp_path / "cats.zip"), "found": 3, "needed": 16})
    assert words.startswith("cats.zip holds 3 readable pictures")


def test_numbers_and_times_carry_their_units() -> None:
    assert number(12800) == "12,800"
    assert number(-0.834) == "−0.83"
    assert [duration("en", seconds) for seconds in (0.2, 45, 361, 4800)] == ["1 s", "45 s", "6 min", "1 h 20 min"]
    assert duration("zh", 361) == "6 分钟"
    assert [speed("en", rate) for rate in (58.3, 4.25, 0.5)] == ["58 pictures/s", "4.2 pictures/s", "2.0 s per picture"]
    assert counted("en", "report_duplicates", 1) == "1 copy left out"
    assert counted("en", "report_duplicates", 1200) == "1,200 copies left out"
    assert counted("zh", "report_duplicates", 1) == "略去 1 张重复图片"


def named_commands() -> list[str]:
    """Return the commands in sentences that tell people to run them, in both languages."""
    found = set()
    for language in ("en", "zh"):
        for text in [*ERRORS[language].values(), *TEXTS[language].values()]:
            found |= {command.strip() for command in re.findall(r"(?:python -m gan|\bhf)(?: [A-Za-z0-9./{}:=_-]+)+", text)}
    return sorted(found)


@pytest.mark.parametrize("command", named_commands())
def test_a_command_that_a_sentence_names_exists_with_its_options(command: str) -> None:
    words = command.split()
    if words[0] == "hf":
        program = [shutil.which("hf", path=str(Path(sys.executable).parent)) or "hf"]
        path = [word for word in words[1:] if re.fullmatch("[a-z]+", word)]
    else:
        program, path = [sys.executable, "-m", "gan"], words[3:4]
    asked = subprocess.run([*program, *path, "--help"], capture_output=True, text=True, cwd=PACKAGE.parent, check=False)
    assert asked.returncode == 0, asked.stderr
    for option in (word for word in words if word.startswith("--")):
        assert option in asked.stdout


def test_one_picture_is_not_said_to_be_several() -> None:
    one = DataError("too_few_pictures", path="cats.zip", found=1, needed=16)
    assert str(one).startswith("cats.zip holds 1 readable picture; ")
    assert one.translated("en") == str(one)
    assert one.translated("zh").startswith("cats.zip 中有 1 张")
    report = Report(
        usable=20,
        skipped=[Skipped("a.png", "skip_out_of_time", {"limit": 1})],
        classes={},
        duplicates=0,
        median_side=16,
        grey=False,
    )
    assert "1 file was not read" in " ".join(report.as_json()["warnings"])
    assert counted("en", "chosen_classes", 1) == "1 class"
