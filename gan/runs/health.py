"""The health of a training: pure functions from its events to findings, each with a remedy. docs/health.md explains every
signal.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any, Literal, NamedTuple

from gan.runs.folder import Run, Status

Code = Literal[
    "starting",
    "balanced",
    "diverging",
    "exploding",
    "nothing_learnt",
    "worsening",
    "collapse",
    "discriminator_winning",
    "discriminator_losing",
    "copying",
    "copied",
    "mixtures",
    "still_improving",
    "no_longer_improving",
]
Remedy = Literal["wait", "lower_rate", "stronger_penalty", "more_pictures", "train_longer", "stop_and_keep"]
Event = dict[str, Any]

# Thresholds. Each is explained in docs/health.md.
SMOOTHED_EVENTS = 8  # progress events in a trailing mean: about 16 seconds of training
LEAST_IMAGES = 4_000  # pictures before which a training is only starting
WINNING_SHARE = 0.03  # fraction of the loss of a discriminator that guesses
WINNING_LEAD = 20.0  # logits by which real pictures score higher: a few errors then dominate the loss, and hide the lead
LOSING_SHARE = 1.1  # fraction of the loss of a discriminator that guesses, which a stable one does not exceed for long
EXPLODING_SCORE = 1000.0  # mean size of scores; it stays below 100 in good trainings, also of Wasserstein critics
COLLAPSED_DIVERSITY = 0.5  # fraction of the variety of real pictures
RISING = 1.25  # ratio of two diversities in a row; it rises fast while a young generator's pictures are still blurred alike
MEMORISED = 0.9  # overfitting, which is 1 if held-out pictures are scored like generated ones
STRONG_AUGMENTATION = 0.5  # close to the bound of 0.6, beyond which augmentation cannot be strengthened
COPIED_SHARE = 0.2  # fraction of generated pictures, compared with the lower end of the measured interval
NEAR_SHARE = 0.1  # fraction of generated pictures; for original pictures it is 0.05, for those of good trainings nearly 0
MIXED = 0.7  # multiple of the distance of new pictures to the hull of a few training pictures
FALLING = 0.95  # ratio of two distances in a row; it falls fast while a young generator learns
FAR = 1.25  # multiple of the distance of the mean picture, which a generator that learns is below at the second measurement
WORSE = 2.0  # multiple of the smallest distance so far; from one measurement to the next it changes by a tenth or two
IN_A_ROW = 2  # measurements that must agree
COMPARED_METRICS = 6  # metrics events at one side; their second half is compared with the first
IMPROVEMENT = 0.03  # fraction of the sliced Wasserstein distance

GUESSING_LOSSES = {"relativistic": math.log(2), "minimax": 2 * math.log(2), "non-saturating": 2 * math.log(2)}
"""The discriminator's loss when it guesses, for objectives whose loss is a cross-entropy; a confident discriminator has loss
0.
"""
PROBLEMS: tuple[Code, ...] = (
    "diverging",
    "exploding",
    "collapse",
    "discriminator_winning",
    "discriminator_losing",
    "nothing_learnt",
    "worsening",
    "copying",
    "copied",
    "mixtures",
)


class Finding(NamedTuple):
    """One observation: the key of a sentence in `gan/words`, its values, the pictures seen when it began, and a remedy."""

    code: Code
    values: dict[str, float]
    since_images: int
    remedy: Remedy

    def as_json(self) -> dict[str, Any]:
        """Return {"code", "values", "since_images", "remedy"}."""
        return self._asdict()


class Health(NamedTuple):
    """The state of a training in one word, and the findings behind it, the most serious first."""

    state: Code
    findings: list[Finding]

    def as_json(self) -> dict[str, Any]:
        """Return {"state", "findings"}, as `python -m gan health --json` prints it."""
        return {"state": self.state, "findings": [finding.as_json() for finding in self.findings]}


def health_of(run: Run) -> Health:
    """Return the health of a run, from its files."""
    return examine(run.events(), run.status(), judged_by(run.config))


def judged_by(config: Mapping[str, Any]) -> str:
    """Return the objective whose loss shows whether the discriminator is winning.

    If heads on pretrained features are the only judge it is "", because their loss is small in good trainings, too.
    """
    return "" if config.get("discriminator") == "features" else str(config.get("objective", ""))


def examine(events: Sequence[Event], status: Status, objective: str) -> Health:
    """Return findings from a run's events in their order, its status, and the name of its objective."""
    progress = [event for event in events if event.get("kind") == "progress"]
    metrics = [event for event in events if event.get("kind") == "metrics"]
    copies = [event for event in events if event.get("kind") == "copies"]
    looked_for = [
        diverging(events, status),
        exploding(progress),
        collapse(metrics),
        discriminator_winning(progress, GUESSING_LOSSES.get(objective)),
        discriminator_losing(progress, GUESSING_LOSSES.get(objective)),
        nothing_learnt(metrics),
        worsening(metrics),
        copying(progress),
        copied(copies),
        mixtures(copies),
        improvement(metrics),
    ]
    findings = [finding for finding in looked_for if finding is not None]
    problems = [finding.code for finding in findings if finding.code in PROBLEMS]
    if problems:
        return Health(problems[0], findings)
    if status.images_seen < LEAST_IMAGES or len(metrics) < 2:
        return Health("starting", [*findings, Finding("starting", {"images": status.images_seen}, 0, "wait")])
    if findings:
        return Health(findings[0].code, findings)
    return Health("balanced", [Finding("balanced", {}, _first_image(progress), "wait")])


def diverging(events: Sequence[Event], status: Status) -> Finding | None:
    """Find a loss or a gradient that was not finite and made the training return to a snapshot or end."""
    rollbacks = [event for event in events if event.get("kind") == "rollback"]
    if not rollbacks and status.error_code != "diverged":
        return None
    since = int(rollbacks[0]["images_seen"]) if rollbacks else status.images_seen
    return Finding("diverging", {"rollbacks": len(rollbacks)}, since, "lower_rate")


def exploding(progress: Sequence[Event]) -> Finding | None:
    """Find a discriminator whose scores have become so large that its slope no longer tells the generator how to improve."""
    judged = _judged(progress)
    since = _since(judged, lambda event: event["size"] > EXPLODING_SCORE)
    if since is None:
        return None
    return Finding("exploding", {"score": round(judged[-1]["size"])}, since, "stronger_penalty")


def nothing_learnt(metrics: Sequence[Event]) -> Finding | None:
    """Find pictures farther from real ones than the mean of all real pictures is, in two measurements in a row, unless the
    distance falls and is not far above that of the mean.
    """
    old_enough = [event for event in metrics if event["images_seen"] >= LEAST_IMAGES]

    def farther_than_the_mean(event: Event) -> bool:
        return _number(event, "sliced_wasserstein") > _number(event, "mean_picture_distance")

    since = _since(old_enough, farther_than_the_mean, IN_A_ROW)
    if since is None:
        return None
    before, now = (_number(event, "sliced_wasserstein") for event in old_enough[-2:])
    mean = _number(old_enough[-1], "mean_picture_distance")
    if now < FALLING * before and now < FAR * mean:
        return None
    values: dict[str, float] = {"distance": round(now), "mean": round(mean)}
    return Finding("nothing_learnt", values, since, "lower_rate")


def worsening(metrics: Sequence[Event]) -> Finding | None:
    """Find pictures at least twice as far from real ones as the best pictures of the same side were, in two measurements in a
    row.
    """
    same = _at_present_side(metrics)
    distances = [_number(event, "sliced_wasserstein") for event in same]
    best = min(distances, default=math.nan)
    since = _since(same, lambda event: _number(event, "sliced_wasserstein") >= WORSE * best, IN_A_ROW)
    if since is None:
        return None
    return Finding("worsening", {"times": round(distances[-1] / best, 1)}, since, "lower_rate")


def collapse(metrics: Sequence[Event]) -> Finding | None:
    """Find samples that vary far less than real pictures, in several measurements in a row, without varying more each time."""
    since = _since(metrics, lambda event: _number(event, "diversity") < COLLAPSED_DIVERSITY, IN_A_ROW)
    if since is None or _number(metrics[-1], "diversity") > RISING * _number(metrics[-2], "diversity"):
        return None
    return Finding("collapse", {"diversity": round(_number(metrics[-1], "diversity"), 2)}, since, "stronger_penalty")


def discriminator_winning(progress: Sequence[Event], guessing: float | None) -> Finding | None:
    """Find a discriminator that nearly always separates real from generated pictures, so that the generator learns little from
    it.

    `guessing` is its loss when it guesses; None for objectives whose losses do not measure certainty.
    """
    if guessing is None:
        return None
    judged = _judged(progress)
    since = _since(judged, lambda event: event["loss"] < WINNING_SHARE * guessing or event["lead"] > WINNING_LEAD)
    if since is None:
        return None
    values = {"loss": round(judged[-1]["loss"], 3), "guessing": round(guessing, 2), "lead": round(judged[-1]["lead"], 1)}
    return Finding("discriminator_winning", values, since, "stronger_penalty")


def discriminator_losing(progress: Sequence[Event], guessing: float | None) -> Finding | None:
    """Find a discriminator that separates real from generated pictures worse than by guessing, because the networks change too
    fast for it.

    `guessing` is as for `discriminator_winning`.
    """
    if guessing is None:
        return None
    judged = _judged(progress)
    since = _since(judged, lambda event: event["loss"] > LOSING_SHARE * guessing and event["lead"] <= WINNING_LEAD)
    if since is None:
        return None
    values = {"loss": round(judged[-1]["loss"], 3), "guessing": round(guessing, 2)}
    return Finding("discriminator_losing", values, since, "lower_rate")


def copying(progress: Sequence[Event]) -> Finding | None:
    """Find a discriminator that has memorised its training pictures although augmentation is at its strongest."""
    adapted = [event for event in progress if math.isfinite(_number(event, "overfitting"))]

    def memorised(event: Event) -> bool:
        return _number(event, "overfitting") > MEMORISED and _number(event, "augmentation") > STRONG_AUGMENTATION

    since = _since(adapted, memorised, IN_A_ROW)
    if since is None:
        return None
    return Finding("copying", {"overfitting": round(_number(adapted[-1], "overfitting"), 2)}, since, "more_pictures")


def copied(copies: Sequence[Event]) -> Finding | None:
    """Find generated pictures so near to training pictures that they count as copies, in two measurements in a row.

    The criterion is the fraction of pictures that are nearer to a training picture than 95 % of original pictures are. Where
    there is a copied share, the lower end of its interval must be high, too, since blurred pictures lie near to many.
    """

    def too_many(event: Event) -> bool:
        low = _number(event, "copied_share_low")  # not a number if the event has no copied share
        return _number(event, "near_share") > NEAR_SHARE and not low <= COPIED_SHARE

    since = _since(copies, too_many, IN_A_ROW)
    if since is None:
        return None
    low = _number(copies[-1], "copied_share_low")
    share = low if math.isfinite(low) else _number(copies[-1], "near_share")
    return Finding("copied", {"percent": round(100 * share)}, since, "more_pictures")


def mixtures(copies: Sequence[Event]) -> Finding | None:
    """Find generated pictures that are mixtures of the training pictures, in two measurements in a row. Only sets of few pictures
    are measured.
    """
    since = _since(copies, lambda event: _number(event, "mixture_ratio") < MIXED, IN_A_ROW)
    if since is None:
        return None
    values: dict[str, float] = {"percent": round(100 * math.sqrt(_number(copies[-1], "mixture_ratio")))}  # of squared distances
    return Finding("mixtures", values, since, "more_pictures")


def improvement(metrics: Sequence[Event]) -> Finding | None:
    """Return a finding on whether the distance to real pictures still falls, at the present side; None with too few
    measurements.
    """
    same = _at_present_side(metrics)
    if len(same) < COMPARED_METRICS:
        return None
    middle = len(same) // 2
    before = min(_number(event, "sliced_wasserstein") for event in same[:middle])
    now = min(_number(event, "sliced_wasserstein") for event in same[middle:])
    gain = 1 - now / before if before > 0 else 0.0
    since = int(same[middle]["images_seen"])
    if gain >= IMPROVEMENT:
        return Finding("still_improving", {"gain": round(100 * gain, 1)}, since, "train_longer")
    return Finding("no_longer_improving", {"change": round(-100 * gain, 1) + 0.0}, since, "stop_and_keep")


def _number(event: Event, name: str) -> float:
    value = event.get(name)
    return float(value) if isinstance(value, int | float) else math.nan


def _at_present_side(metrics: Sequence[Event]) -> list[Event]:
    """Return the measurements of distances at the side of the last one."""
    side = metrics[-1].get("side") if metrics else None
    return [event for event in metrics if event.get("side") == side and math.isfinite(_number(event, "sliced_wasserstein"))]


def _judged(progress: Sequence[Event]) -> list[Event]:
    """Return trailing means over SMOOTHED_EVENTS events, from LEAST_IMAGES on: the discriminator's `loss`, and its `lead`, the
    mean score of real pictures minus that of generated ones, and the `size` of the larger of the two (0 where they are not
    known).
    """
    known = [event for event in progress if math.isfinite(_number(event, "discriminator_loss"))]
    windows = [known[end - SMOOTHED_EVENTS : end] for end in range(SMOOTHED_EVENTS, len(known) + 1)]
    return [
        {
            "images_seen": window[-1]["images_seen"],
            "loss": fmean(_number(event, "discriminator_loss") for event in window),
            "lead": fmean(_lead(event) for event in window),
            "size": fmean(_size(event) for event in window),
        }
        for window in windows
        if window[-1]["images_seen"] >= LEAST_IMAGES
    ]


def _lead(event: Event) -> float:
    lead = _number(event, "real_score") - _number(event, "fake_score")
    return lead if math.isfinite(lead) else 0.0


def _size(event: Event) -> float:
    size = max(abs(_number(event, "real_score")), abs(_number(event, "fake_score")))
    return size if math.isfinite(size) else 0.0


def _since(events: Sequence[Event], holds: Callable[[Event], bool], least: int = 1) -> int | None:
    """Return the pictures seen when the latest unbroken series of events that meet a condition began; None if fewer than `least`
    do.
    """
    row = 0
    for event in reversed(events):
        if not holds(event):
            break
        row += 1
    return int(events[-row]["images_seen"]) if row >= least else None


def _first_image(events: Iterable[Event]) -> int:
    return next((int(event["images_seen"]) for event in events), 0)
