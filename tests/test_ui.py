"""The page without a browser: what it shows of runs, models and zips, and which requests a browser may send."""

import re
import struct
import zlib
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest

from gan import data
from gan.config import RunConfig
from gan.errors import ConfigError, ModelError, RunError
from gan.images import encode_png
from gan.playing.shelf import Shelf
from gan.runs import Status
from gan.ui import build, private_paths
from gan.ui.header import brand_html, header_html, job_text
from gan.ui.models.cards import cards_html, thumbnail
from gan.ui.parts import Part, news
from gan.ui.spoken import spoken
from gan.ui.train.check import report_html
from gan.ui.train.eventlog import EventLog
from gan.ui.train.form import Form, make_order
from gan.ui.train.gallery import Selection, gallery_html, marks_of
from gan.ui.train.history import list_html
from gan.ui.train.live import live_parts, plots_html
from gan.ui.train.pictures import Dropped, refusal_html
from gan.ui.train.plots import HEIGHT, WIDTH, Series, plot_html, thin, value_range
from gan.ui.train.runview import head_html, progress_sentence, share_of
from tests.loops import within_a_loop
from tests.tiny_models import write_tiny_model
from tests.tiny_runs import FIXTURE, tiny_run
from tests.zips import pictures, write_zip

ENDED = Status(state="done", images_seen=80_000, images_total=100_000, seconds=300)
TRAINING = Status(state="training", images_seen=12_800, images_total=64_000, images_per_second=58.3, eta_seconds=361, seconds=220)


# Models by key


def test_a_key_opens_the_model_it_names_once_and_again_when_its_weights_change(home: Path) -> None:
    write_tiny_model(home / "models" / "mine")
    shelf = Shelf(home)
    first = shelf.open("kept:mine")
    assert shelf.open("kept:mine") is first
    write_tiny_model(home / "models" / "mine", seed=1)
    assert shelf.open("kept:mine").config.weights_sha256 != first.config.weights_sha256


@pytest.mark.parametrize("key", ["kept:../secret", "kept:/etc", "run:mine", "secret", "../secret", "", None])
def test_a_browser_gets_no_model_that_is_not_on_the_list(home: Path, key: str | None) -> None:
    write_tiny_model(home / "models" / "mine")
    write_tiny_model(home / "secret")
    with pytest.raises(ModelError, match="mine"):
        Shelf(home).open(key)
    assert Shelf(home).open("mine").folder == Shelf(home).open("kept:mine").folder


def test_few_models_are_kept_open(home: Path) -> None:
    for number in range(6):
        write_tiny_model(home / "models" / f"m{number}", seed=number)
    shelf = Shelf(home)
    opened = [shelf.open(f"kept:m{number}") for number in range(6)]
    assert shelf.open("kept:m5") is opened[5]
    assert shelf.open("kept:m0") is not opened[0]


def test_a_damaged_model_has_a_card_that_says_so_and_hides_no_other(home: Path) -> None:
    write_tiny_model(home / "models" / "fine")
    write_tiny_model(home / "models" / "torn")
    (home / "models" / "torn" / "config.json").write_text("{", encoding="utf-8")
    shown = cards_html([entry for entry in Shelf(home).entries() if entry.kind == "kept"], "en")
    assert "16 × 16 pixels" in shown
    assert "config.json is damaged" in shown
    assert str(home) not in shown


def test_the_card_of_the_starter_names_its_earlier_self_in_both_languages(home: Path) -> None:
    starters = [entry for entry in Shelf(home).entries() if entry.kind == "starter"]
    assert "Fine-tuned from an earlier emoji" in cards_html(starters, "en")
    assert "源自早期的 emoji 模型" in cards_html(starters, "zh")


# A zip and its recipe


def test_the_report_tells_classes_duplicates_and_reasons(tmp_path: Path, home: Path) -> None:
    files = pictures(20, "cats/") | pictures(17, "dogs/", 20) | {"dogs/again.png": pictures(1)["00000.png"], "cats/a.txt": b"x"}
    report = data.inspect(write_zip(tmp_path / "pets.zip", files))
    shown = report_html(report, "pets", "en")
    for words in (
        "37 pictures can be used",
        "1 copy left out",
        "dogs/again.png",
        "the same picture as cats/00000.png",
        "cats/a.txt",
    ):
        assert words in shown
    assert "37 张图片可用" in report_html(report, "pets", "zh")


def test_a_refusal_names_the_commonest_reason_in_the_visitors_language(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "few.zip", pictures(2) | {"a.txt": b"a", "b.txt": b"b"})
    with pytest.raises(data.TooFewPicturesError) as refused:
        data.inspect(path)
    assert "few.zip 中有 2 张可读的图片" in refusal_html(refused.value, "few", "zh")
    assert "不是图片" in refusal_html(refused.value, "few", "zh")
    assert "few.zip holds 2 readable pictures" in refusal_html(refused.value, "few", "en")
    assert str(tmp_path) not in refusal_html(refused.value, "few", "en")


def form(**chosen: Any) -> Form:
    """Return a form as the page first shows it, except for the given choices."""
    usual: dict[str, Any] = {
        "name": "a",
        "parent": "",
        "preset": "quick",
        "minutes": 2.0,
        "side": 16,
        "network": "",
        "discriminator": "",
        "objective": "",
    }
    return Form(**{**usual, "penalty": "", "batch": 0, "seed": 0, "fit": "crop", **chosen})


def resolved(chosen: Form, shelf: Shelf) -> RunConfig:
    """Return the plan of a form."""
    order = make_order(chosen, Dropped(str(FIXTURE), "emoji32", 32), shelf)
    return order.resolve(order.prepare(shelf.home, suited=32))


def test_the_form_becomes_a_plan(home: Path) -> None:
    shelf = Shelf(home)
    chosen = form(discriminator="both", objective="hinge", penalty="r1", batch=16, seed=7)
    config = resolved(chosen, shelf)
    assert config.discriminator == "both"
    assert (config.resolution, config.objective, config.penalty, config.batch, config.seed) == (16, "hinge", "r1", 16, 7)
    assert config.minutes == 2.0
    assert config.classes == ("animals", "food", "smileys")


def test_a_fine_tuning_takes_its_parents_size_and_network(home: Path) -> None:
    write_tiny_model(home / "models" / "parent")
    shelf = Shelf(home)
    chosen = form(parent="kept:parent", side=0)
    config = resolved(chosen, shelf)
    assert (config.resolution, config.parent) == (16, "parent")
    assert config.parent_folder == str(home / "models" / "parent")


@pytest.mark.parametrize(
    "wrong", [{"minutes": 0.0}, {"minutes": -3.0}, {"seed": -1}, {"seed": 2**32}, {"objective": "wasserstein", "penalty": "none"}]
)
def test_a_senseless_plan_is_refused_in_words(home: Path, wrong: dict[str, Any]) -> None:
    shelf = Shelf(home)
    chosen = form(**wrong)
    with pytest.raises(ConfigError):
        resolved(chosen, shelf)


def test_the_gallery_shows_every_picture_a_page_at_a_time(home: Path) -> None:
    survey = data.survey(FIXTURE, home=home, size=16)
    pages = [gallery_html(survey, marks_of(survey), data.Choices(), Selection("all", page), "en") for page in range(5)]
    positions = [int(each) for page in pages for each in re.findall(r'data-picture="(\d+)"', page)]
    assert positions == list(range(225))
    assert "16 × 16 pixels" in pages[0]
    assert "Page 5 of 5" in pages[4]


# Runs


def test_progress_is_said_with_units() -> None:
    assert progress_sentence(TRAINING, "en") == "12,800 of 64,000 pictures, 58 pictures/s, 6 min left"
    assert progress_sentence(TRAINING, "zh") == "12,800 / 64,000 张图片，每秒 58 张，还需 6 分钟"


def test_progress_tells_the_memory_that_it_takes() -> None:
    large = TRAINING.model_copy(update={"memory_bytes": 3 * 2**29})
    assert progress_sentence(large, "en").endswith("6 min left, 1.5 GB of memory")
    assert progress_sentence(large, "zh").endswith("还需 6 分钟，占用内存 1.5 GB")


def test_a_training_that_its_time_ended_is_done_and_not_at_four_fifths() -> None:
    assert progress_sentence(ENDED, "en") == "80,000 pictures, took 5 min"
    assert share_of(ENDED) == 1.0
    assert share_of(TRAINING) == 0.2


def test_a_failure_is_said_with_its_remedy_in_the_visitors_language(home: Path) -> None:
    run = tiny_run(home, "big")
    run.fail(RunError("out_of_memory", batch=64, resolution=256))
    assert "设备内存不足" in head_html(run, run.status(), [], "zh")
    assert "not have enough memory for pictures of 256 pixels" in head_html(run, run.status(), [], "en")
    run.write_status(state="failed", error="Something of a later version.", error_code="of_a_later_version")
    assert "Something of a later version." in head_html(run, run.status(), [], "zh")


def test_what_the_trainer_noted_is_said(home: Path) -> None:
    run = tiny_run(home, "tuned")
    noted: list[dict[str, Any]] = [
        {"kind": "note", "code": "transferred", "values": {"parent": "emoji", "fresh": "a, b"}},
        {"kind": "progress", "images_seen": 8},
        {"kind": "warning", "code": "snapshot_damaged", "text": "The snapshot is damaged."},
    ]
    shown = head_html(run, run.status(), noted, "en")
    assert "Started from emoji. New parts, trained from scratch: a, b." in shown
    assert "The snapshot is damaged." in shown


def test_the_list_marks_the_run_on_the_stage(home: Path) -> None:
    runs = [(tiny_run(home, name), TRAINING) for name in ("one", "two")]
    shown = list_html(runs, "two", "en")
    assert shown.count('aria-pressed="true"') == 1
    assert 'data-run="two" data-state="training" aria-pressed="true"' in shown
    assert "training · 20 %" in shown
    assert list_html([], None, "en") == ""


def test_the_line_above_tells_how_far_the_training_is(home: Path) -> None:
    run = tiny_run(home, "pets")
    assert job_text(home, "en") is None
    assert re.sub("<[^>]+>", "", brand_html()) == "Seedbed"  # sent with the page, before the visitor's language is known
    line = header_html("emoji", home, "en")
    assert "nothing is training" in line
    assert 'data-language="zh" lang="zh-CN">中文<' in line
    assert 'data-language="en" lang="en">English<' in header_html("emoji", home, "zh")
    with run.lock():
        run.write_status(**TRAINING.model_dump())
        assert job_text(home, "en") == "pets: 20 %, 6 min left"
        assert job_text(home, "zh") == "pets：20%，还需 6 分钟"


def test_only_what_changed_is_sent() -> None:
    made: list[str] = []

    def part(name: str, fingerprint: int) -> Part:
        def make() -> str:
            made.append(name)
            return name

        return Part(fingerprint, make)

    first = news({"a": part("a", 1), "b": part("b", 1)}, {})
    assert first[:2] == ["a", "b"]
    second = news({"a": part("a", 1), "b": part("b", 2)}, first[-1])
    assert second[:2] == [gr.skip(), "b"]
    assert news({"a": part("a", 1), "b": part("b", 2)}, second[-1]) == [gr.skip()] * 3
    assert made == ["a", "b", "b"]


def test_the_live_view_offers_what_the_state_allows(home: Path) -> None:
    run = tiny_run(home, "pets")
    run.write_sample(0, np.zeros((32, 32, 3), np.uint8))
    log = EventLog()

    def offered(state: str) -> set[str]:
        parts = live_parts(run, Status(state=state, images_total=64), log, None, "en")
        return {name for name in ("use", "resume", "pause", "stop", "save") if parts[name].make()["visible"]}

    assert offered("training") == {"pause", "stop", "save"}
    assert offered("queued") == {"pause"}
    assert offered("stopping") == set()
    assert offered("paused") == offered("interrupted") == offered("failed") == {"resume"}
    write_tiny_model(run.model_folder)
    assert offered("done") == {"use"}
    assert live_parts(run, Status(state="done"), log, None, "en")["longer"].make()["visible"]
    assert offered("paused") == {"use", "resume"}


def test_the_history_follows_the_newest_sample_unless_somebody_went_back(home: Path) -> None:
    run = tiny_run(home, "pets")
    log = EventLog()
    for seen in (0, 800, 1600):
        run.write_sample(seen, np.full((16, 16, 3), seen % 251, np.uint8))
    newest = live_parts(run, TRAINING, log, None, "en")
    assert "After 1,600 pictures" in newest["sample"].make()
    assert newest["history"].make()["value"] == 3
    assert "After 0 pictures" in live_parts(run, TRAINING, log, 1, "en")["sample"].make()


def test_events_are_read_on_and_read_again_after_a_cut(home: Path) -> None:
    run, log = tiny_run(home, "pets"), EventLog()
    for seen in (8, 16, 24):
        run.append_event({"kind": "progress", "images_seen": seen})
        assert len(log.events(run)) == seen // 8
    run.cut_events(8)
    assert [event["images_seen"] for event in log.events(run)] == [8]


# Plots


def test_a_plot_of_a_long_training_stays_small_and_keeps_its_end() -> None:
    points = [(float(x), np.sin(x / 500)) for x in range(20_000)]
    thinned = thin(points)
    assert len(thinned) <= 240
    assert thinned[-1][0] == 19_999
    shown = plot_html("Scores", "How to read it", [Series("real", points), Series("generated", [])], "en")
    assert len(shown) < 10_000
    assert "nan" not in shown


def test_a_spike_does_not_flatten_the_rest() -> None:
    points = [(float(x), 1.0 + x % 2) for x in range(500)] + [(500.0, 1e9)]
    assert value_range([points])[1] < 3
    assert value_range([[]]) == (0.0, 1.0)
    low, high = value_range([[(0.0, 2.0)]])
    assert low < 2 < high
    assert value_range([[(0.0, 0.8), (1.0, 0.81)]], within=(0.0, 1.0)) == (0, 1), "what it means is seen, not how it jitters"
    assert value_range([[(0.0, 0.8), (1.0, 1.5)]], within=(0.0, 1.0)) == pytest.approx((0.0, 1.59))


def lines_of(shown: str) -> list[list[tuple[float, float]]]:
    """Return the lines of all plots as drawn: x from 0 to WIDTH, y from 0 to HEIGHT."""
    drawn = re.findall(r'<polyline [^>]*points="([^"]*)"', shown)
    return [[(float(x), float(y)) for x, y in (point.split(",") for point in line.split())] for line in drawn]


STEPS: list[dict[str, Any]] = [
    {
        "kind": "progress",
        "images_seen": seen,
        "real_score": 1.0,
        "fake_score": -1.0,
        "generator_loss": 0.5,
        "discriminator_loss": 0.7,
    }
    for seen in (8, 16)
]


def test_plots_come_with_what_there_is_to_draw() -> None:
    assert plots_html([{"kind": "plan", "images_seen": 0}], "en") == ""
    shown = plots_html(STEPS, "en")
    assert len(lines_of(shown)) == 4
    assert "Distance from real pictures" not in shown
    assert "never trained on" not in shown


def test_measured_distance_and_variety_are_drawn_and_explained() -> None:
    measured = [
        {"kind": "metrics", "images_seen": seen, "sliced_wasserstein": distance, "diversity": variety}
        for seen, distance, variety in ((8, 400.0, 0.2), (12, 300.0, 0.4), (16, 132.0, 0.87))
    ]
    shown = plots_html([STEPS[0], *measured, STEPS[1]], "en")
    distance, variety = lines_of(shown)[4:]
    assert [y for _, y in distance] == sorted(y for _, y in distance), "a distance that falls is drawn falling"
    assert [y for _, y in variety] == sorted((y for _, y in variety), reverse=True)
    assert variety[-1] == pytest.approx((WIDTH, HEIGHT * (1 - 0.87)), abs=0.1), "below 1, which is in sight"
    assert "now <b>132</b>" in shown
    assert "now <b>0.87</b>" in shown
    assert "It falls as they become alike" in shown
    assert "mode collapse" in shown
    chinese = plots_html([STEPS[0], *measured], "zh")
    assert "与真实图片的距离" in chinese
    assert "模式坍塌" in chinese


def test_a_single_measurement_can_be_seen() -> None:
    shown = plots_html([{"kind": "metrics", "images_seen": 16, "sliced_wasserstein": 132.0, "diversity": 0.87}], "en")
    distance, variety = lines_of(shown)
    assert distance[0] == distance[1] == (WIDTH, HEIGHT / 2)
    assert shown.count("plot-dot") == 2
    assert len(variety) == 2


def test_scores_of_pictures_never_trained_on_are_a_line_of_their_own_with_its_meaning() -> None:
    shown = plots_html([STEPS[0], STEPS[1] | {"held_out_score": 0.25}], "en")
    real, fake, held_out = lines_of(shown)[:3]
    assert real[-1][1] < held_out[-1][1] < fake[-1][1]
    assert "never trained on <b>0.25</b>" in shown
    assert "memorising" in shown


# Rights of callers


def test_errors_for_users_become_notes_and_our_own_bugs_do_not() -> None:
    @spoken
    def refuse(request: gr.Request) -> None:
        raise RunError("run_held", name="pets")

    @spoken
    def stumble(request: gr.Request) -> None:
        raise ZeroDivisionError

    chinese = gr.Request(None, headers={"accept-language": "zh-CN"})
    with pytest.raises(gr.Error, match="pets 已经在训练"):
        refuse(chinese)
    with pytest.raises(gr.Error, match="The run pets is training already"):
        refuse(gr.Request(None, headers={}))
    with pytest.raises(ZeroDivisionError):
        stumble(chinese)


def test_trainings_pictures_models_and_tokens_are_private(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN_PATH", str(home / "token"))
    blocked = private_paths(home)
    for name in ("runs", "data", "models", "token"):
        assert str((home / name).resolve()) in blocked


def test_the_page_is_sent_with_its_pictures_and_only_what_is_for_other_programs_is_public(home: Path) -> None:
    write_tiny_model(home / "models" / "mine")

    config = within_a_loop(lambda: build(home)).config
    (instrument,) = [part["props"] for part in config["components"] if part["props"].get("elem_id") == "studio"]
    assert len(instrument["props"]["first"]["tiles"]) == 8
    public = {dependency["api_name"] for dependency in config["dependencies"] if dependency["api_visibility"] != "private"}
    assert public == {"generate", "morph", "mix", "project", "describe"}


def test_a_preview_that_breaks_its_decoder_hides_no_other_model(tmp_path: Path) -> None:
    """A PNG with a truncated cHRM chunk raises struct.error in Pillow, not one of Pillow's usual errors."""
    chunk = b"cHRM" + b"\0\0"
    good = encode_png(np.zeros((8, 8, 3), np.uint8))
    path = tmp_path / "preview.png"
    path.write_bytes(good[:33] + struct.pack(">I", 2) + chunk + struct.pack(">I", zlib.crc32(chunk)) + good[33:])
    assert thumbnail(path, 0) is None


def test_the_classes_of_a_starter_are_named_in_the_visitors_language_and_those_of_others_as_written(home: Path) -> None:
    write_tiny_model(home / "models" / "mine", classes=("people", "hands"))
    page = cards_html(Shelf(home).entries(), "zh")
    assert "手势，人物，笑脸" in page.replace("、", "，")
    assert "people" in page
