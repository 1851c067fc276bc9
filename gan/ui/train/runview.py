"""Sentences about a run: its state, its progress, its problems."""

from collections.abc import Sequence
from html import escape
from typing import Any

from gan.runs import Run, Status, read_queue
from gan.words import ERRORS, TEXTS, Language, duration, error_text, number, say, shorten, speed

GOING = ("queued", "preparing", "training", "stopping")
RESUMABLE = ("paused", "interrupted", "failed")


def share_of(status: Status) -> float:
    """Return the finished fraction of the training, 0 to 1. A finished training is 1, even where a time limit ended it before its
    total.
    """
    if status.state == "done":
        return 1.0
    return min(1.0, status.images_seen / status.images_total) if status.images_total else 0.0


def progress_sentence(status: Status, language: Language) -> str:
    """Return a sentence like "12,800 of 64,000 pictures, 58 pictures/s, 6 min left, 0.9 GB of memory"."""
    seen, total = number(status.images_seen), number(status.goal or 0)
    parts = [say(language, "seen_of", seen=seen, total=total) if status.goal else say(language, "pictures", count=seen)]
    if status.state == "training" and status.images_per_second:
        parts.append(speed(language, status.images_per_second))
    if status.state == "training" and status.eta_seconds is not None:
        parts.append(say(language, "time_left", left=duration(language, status.eta_seconds)))
        if status.memory_bytes:
            parts.append(say(language, "memory_used", count=f"{status.memory_bytes / 2**30:.1f}"))
    elif status.seconds:
        words = "time_taken" if status.state == "done" else "time_taken_so_far"
        parts.append(say(language, words, taken=duration(language, status.seconds)))
    return say(language, "comma").join(parts)


def shown_state(run: Run, status: Status) -> str:
    """Return the state that the page shows. A queued run that has left the queue is starting."""
    left = status.state == "queued" and all(place.name != run.name for place in read_queue(run.home))
    return "starting" if left else status.state


def state_sentence(state: str, language: Language) -> str:
    """Return a sentence on the meaning of the state and the next step."""
    return say(language, f"state_{state}_long")


def trouble(status: Status, language: Language) -> str | None:
    """Return the cause of a failure and its remedy, in the visitor's language if this version has the error's sentence."""
    if status.error is None:
        return None
    if status.error_code in ERRORS["en"]:
        try:
            return error_text(language, status.error_code, status.error_values)
        except (KeyError, IndexError):  # written by another version, with other values
            return status.error
    return status.error


def notes(events: Sequence[dict[str, Any]], language: Language) -> list[str]:
    """Return the trainer's latest notes: what fine-tuning copied, rollbacks, smaller pieces of a batch."""
    said = []
    for event in events:
        code = event.get("code")
        if f"note_{code}" in TEXTS[language]:
            values = {key: shorten(value) if isinstance(value, str) else value for key, value in event["values"].items()}
            said.append(say(language, f"note_{code}", **values))
        elif code in ERRORS["en"] and "values" in event:
            said.append(error_text(language, code, event["values"]))
        elif isinstance(event.get("text"), str):
            said.append(event["text"])
    return said[-3:]


def head_html(run: Run, status: Status, events: Sequence[dict[str, Any]], language: Language) -> str:
    """Return name, state, progress bar, progress in words, problems and notes."""
    share, state = share_of(status), shown_state(run, status)
    cause = trouble(status, language)
    begun = status.images_seen or status.images_total
    words = [f'<p class="run-words">{escape(progress_sentence(status, language))}</p>'] if begun else []
    if cause:
        words.append(f'<p class="trouble" role="alert">{escape(cause)}</p>')
    words.append(f'<p class="run-next">{escape(state_sentence(state, language))}</p>')
    words += [f'<p class="run-note">{escape(note)}</p>' for note in notes(events, language)]
    bar = (
        f'<div class="progress" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{share * 100:.0f}" '
        f'aria-label="{escape(say(language, "train_progress"))}"><div style="width:{share * 100:.2f}%"></div></div>'
    )
    return (
        f'<div class="run-head" data-state="{status.state}"><h2>{escape(run.name)} '
        f'<span class="chip">{escape(say(language, f"state_{state}"))}</span></h2>{bar}{"".join(words)}</div>'
    )
