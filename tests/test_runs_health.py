"""Findings from the events of trainings: each appears when its signal occurs, and not before."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gan.cli import app
from gan.runs import Run, Status
from gan.runs.health import (
    COLLAPSED_DIVERSITY,
    EXPLODING_SCORE,
    IMPROVEMENT,
    LEAST_IMAGES,
    LOSING_SHARE,
    MEMORISED,
    PROBLEMS,
    SMOOTHED_EVENTS,
    WINNING_LEAD,
    WINNING_SHARE,
    Health,
    examine,
    judged_by,
)
from gan.words import TEXTS

Event = dict[str, Any]
RECORDED = json.loads((Path(__file__).parent / "fixtures" / "health.json").read_text(encoding="utf-8"))
"""Thinned events of trainings of benchmarks/health.py."""
GUESS = math.log(2)


def progress(*losses: float, first: int = LEAST_IMAGES, **more: float) -> list[Event]:
    return [
        {"kind": "progress", "images_seen": first + 100 * index, "discriminator_loss": loss, **more}
        for index, loss in enumerate(losses)
    ]


def metrics(*distances: float, diversity: float = 0.9, side: int = 64) -> list[Event]:
    return [
        {"kind": "metrics", "images_seen": 1000 * (index + 1), "sliced_wasserstein": value, "diversity": diversity, "side": side}
        for index, value in enumerate(distances)
    ]


def health(events: list[Event], objective: str = "relativistic", images_seen: int = 100_000, **status: Any) -> Health:
    return examine(events, Status(state="training", images_seen=images_seen, **status), objective)


def codes(events: list[Event], **more: Any) -> set[str]:
    return {finding.code for finding in health(events, **more).findings}


def test_a_training_that_has_just_begun_is_not_judged() -> None:
    assert health([], images_seen=0).state == "starting"
    assert health(progress(0.5, first=100), images_seen=200).state == "starting"


def test_a_training_without_trouble_is_balanced() -> None:
    assert health([*metrics(60, 50, 40), *progress(*[0.4] * 20)]).state == "balanced"


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        ("digits", set()),
        ("mlp", set()),
        ("usual", set()),  # a young generator's pictures vary little, and its discriminator leads
        ("rates", {"diverging"}),
        ("collapse", {"discriminator_losing"}),
        ("strong", {"discriminator_winning"}),
        ("critic", {"collapse", "exploding"}),
        ("sixteen", {"copied"}),
    ],
)
def test_a_recorded_training_shows_its_own_problem_and_no_other_at_any_time(name: str, problems: set[str]) -> None:
    events, objective = RECORDED[name]["events"], RECORDED[name]["objective"]
    told = [codes(events[:end], objective=objective) for end in range(1, len(events) + 1)]
    assert set().union(*told) & set(PROBLEMS) == problems


def test_a_return_to_a_snapshot_is_divergence() -> None:
    events: list[Event] = [{"kind": "rollback", "images_seen": 9000, "code": "rolled_back", "values": {}}]
    found = health([*metrics(60, 50), *events])
    assert (found.state, found.findings[0].since_images, found.findings[0].remedy) == ("diverging", 9000, "lower_rate")
    assert health([], error_code="diverged").state == "diverging"


@pytest.mark.parametrize(("diversity", "is_collapse"), [(COLLAPSED_DIVERSITY - 0.01, True), (COLLAPSED_DIVERSITY + 0.01, False)])
def test_pictures_that_vary_too_little_have_collapsed(diversity: float, is_collapse: bool) -> None:
    assert ("collapse" in codes(metrics(60, 50, 40, diversity=diversity))) == is_collapse


def test_a_collapse_is_told_since_when_it_lasts_and_not_from_one_measurement() -> None:
    varied, alike = metrics(60, 50, 40), metrics(60, 50, 40, 30, 20, diversity=0.1)[3:]
    assert "collapse" not in codes([*varied, alike[0]])
    assert health([*varied, *alike]).findings[0].since_images == 4000


def test_pictures_of_a_young_generator_that_vary_more_each_time_have_not_collapsed() -> None:
    young = [*metrics(60, diversity=0.2), *metrics(60, diversity=0.4)]
    assert "collapse" not in codes(young)
    assert "collapse" in codes(young[::-1])


def beside_the_mean(*distances: float, mean: float = 500.0) -> list[Event]:
    """Metrics events from LEAST_IMAGES pictures on, with the distance of the mean picture."""
    return [
        {**event, "images_seen": LEAST_IMAGES + event["images_seen"], "mean_picture_distance": mean}
        for event in metrics(*distances)
    ]


def test_pictures_farther_from_real_ones_than_their_mean_show_that_nothing_is_learnt() -> None:
    found = health(beside_the_mean(1300, 1310))
    assert (found.state, found.findings[0].since_images) == ("nothing_learnt", LEAST_IMAGES + 1000)
    assert found.findings[0].values == {"distance": 1310, "mean": 500}
    assert "nothing_learnt" not in codes(beside_the_mean(1300, 480))
    assert "nothing_learnt" not in codes(beside_the_mean(1300, 600)), "a young generator whose distance still falls"
    assert "nothing_learnt" in codes(beside_the_mean(1300, 700)), "falling, but too far away"
    assert "nothing_learnt" not in codes(metrics(1300, 1310)), "an older training, without the distance of the mean"
    young = [{**event, "images_seen": 100 * (place + 1)} for place, event in enumerate(beside_the_mean(1300, 1310))]
    assert "nothing_learnt" not in codes(young)


def test_pictures_twice_as_far_from_real_ones_as_the_best_have_become_worse() -> None:
    found = health(metrics(60, 50, 100, 120))
    assert (found.state, found.findings[0].since_images, found.findings[0].values) == ("worsening", 3000, {"times": 2.4})
    assert "worsening" not in codes(metrics(60, 50, 120)), "one measurement"
    assert "worsening" not in codes(metrics(60, 50, 99, 120))
    assert "worsening" not in codes([*metrics(30, 20, side=32), *metrics(90, 80, side=64)]), "a larger side begins far away"


def test_the_loss_of_heads_on_pretrained_features_alone_is_not_read() -> None:
    kinds = {kind: judged_by({"objective": "relativistic", "discriminator": kind}) for kind in ("own", "both", "features")}
    assert kinds == {"own": "relativistic", "both": "relativistic", "features": ""}
    assert judged_by({"objective": "hinge"}) == "hinge"
    low = [*metrics(60, 50), *progress(*[0.01] * 20)]
    assert "discriminator_winning" in codes(low, objective=kinds["both"])
    assert "discriminator_winning" not in codes(low, objective=kinds["features"])


@pytest.mark.parametrize(("objective", "guess"), [("relativistic", GUESS), ("non-saturating", 2 * GUESS), ("minimax", 2 * GUESS)])
def test_a_discriminator_that_is_nearly_certain_is_winning(objective: str, guess: float) -> None:
    low, high = WINNING_SHARE * guess * 0.9, WINNING_SHARE * guess * 1.1
    enough = SMOOTHED_EVENTS + 1
    assert health([*metrics(60, 50), *progress(*[low] * enough)], objective).state == "discriminator_winning"
    assert "discriminator_winning" not in codes([*metrics(60, 50), *progress(*[high] * enough)], objective=objective)


def test_a_discriminator_that_is_worse_than_guessing_is_losing() -> None:
    low, high = LOSING_SHARE * GUESS * 0.98, LOSING_SHARE * GUESS * 1.02
    found = health([*metrics(60, 50), *progress(*[high] * SMOOTHED_EVENTS)])
    assert (found.state, found.findings[0].remedy) == ("discriminator_losing", "lower_rate")
    assert health([*metrics(60, 50), *progress(*[low] * SMOOTHED_EVENTS)]).state == "balanced"
    assert health([*metrics(60, 50), *progress(*[high] * SMOOTHED_EVENTS)], objective="hinge").state == "balanced"


def test_a_large_lead_is_winning_even_if_a_few_errors_raise_the_loss() -> None:
    lead: Any = {"real_score": WINNING_LEAD, "fake_score": -1.0}
    found = health([*metrics(60, 50), *progress(*[3 * GUESS] * SMOOTHED_EVENTS, **lead)])
    assert [(each.code, each.values["lead"]) for each in found.findings] == [("discriminator_winning", WINNING_LEAD + 1)]


@pytest.mark.parametrize(("score", "is_exploding"), [(EXPLODING_SCORE * 1.01, True), (EXPLODING_SCORE * 0.99, False)])
def test_scores_of_any_objective_that_grow_without_bound_explode(score: float, is_exploding: bool) -> None:
    events = [*metrics(60, 50), *progress(*[-5.0] * SMOOTHED_EVENTS, real_score=10.0, fake_score=-score)]
    assert ("exploding" in codes(events, objective="wasserstein")) == is_exploding


def test_a_loss_that_says_nothing_about_certainty_is_not_read() -> None:
    assert "discriminator_winning" not in codes([*metrics(60, 50), *progress(*[-30.0] * 20)], objective="wasserstein")


@pytest.mark.parametrize(
    ("overfitting", "augmentation", "is_copying"), [(1.0, 0.6, True), (MEMORISED - 0.1, 0.6, False), (1.0, 0.2, False)]
)
def test_memorised_pictures_are_copying_where_augmentation_is_at_its_end(
    overfitting: float, augmentation: float, is_copying: bool
) -> None:
    events = [*metrics(60, 50), *progress(0.4, 0.4, overfitting=overfitting, augmentation=augmentation)]
    assert ("copying" in codes(events)) == is_copying


def test_a_distance_that_falls_is_improvement_and_one_that_stands_is_none() -> None:
    assert health(metrics(60, 55, 50, 45, 40, 35)).state == "still_improving"
    standing = health(metrics(60, 55, 50, 50, 50 * (1 - IMPROVEMENT / 2), 51))
    assert (standing.state, standing.findings[0].remedy) == ("no_longer_improving", "stop_and_keep")


def test_measurements_at_another_side_are_not_compared() -> None:
    assert health([*metrics(60, 55, 50, 45, side=32), *metrics(90, 80, side=64)]).state == "balanced"


def test_trouble_goes_before_improvement() -> None:
    found = health([*metrics(60, 55, 50, 45, 40, 35, diversity=0.1)])
    assert [finding.code for finding in found.findings] == ["collapse", "still_improving"]


def test_every_finding_and_remedy_can_be_said_in_both_languages() -> None:
    events = [*metrics(60, 55, 50, 45, 40, 35, diversity=0.1), *progress(*[0.01] * 20, overfitting=1.0, augmentation=0.6)]
    for finding in [*health(events).findings, *health([]).findings, *health(metrics(1, 1), images_seen=10**6).findings]:
        for language in TEXTS:
            assert TEXTS[language][f"health_{finding.code}"].format(**finding.values)
            assert TEXTS[language][f"remedy_{finding.remedy}"]


def test_the_command_tells_the_same_as_one_json_object(tmp_run: Run) -> None:
    for event in [*metrics(60, 50, 40, diversity=0.1)]:
        tmp_run.append_event(event)
    ended = CliRunner().invoke(app, ["health", tmp_run.name, "--home", str(tmp_run.home), "--json"])
    values = json.loads(ended.stdout)
    assert (values["state"], values["findings"][0]["remedy"]) == ("collapse", "stronger_penalty")
    assert set(values["findings"][0]) == {"code", "values", "since_images", "remedy"}


@pytest.fixture
def tmp_run(home: Any) -> Run:
    return Run.create(home, "pets", {"objective": "relativistic"})
