"""The card on the health of a training: each finding, or the cause of a failure, as a sentence with a button for the remedy."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from gan.errors import CheckpointError
from gan.runs import ENDED, Run, Status
from gan.runs.health import PROBLEMS, Finding, Health, examine, judged_by
from gan.words import Language, number, say

ACT = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remedy]");
  if (button) trigger("remedy", {remedy: button.dataset.remedy});
});
"""

BUTTONS: dict[str, tuple[str, ...]] = {
    "wait": (),
    "lower_rate": ("again_lower_rate",),
    "stronger_penalty": ("again_stronger_penalty",),
    "more_pictures": ("stop", "again_stronger_augmentation"),
    "train_longer": ("longer",),
    "stop_and_keep": ("stop",),
}
"""The buttons for each remedy of a finding: `again_…` starts a new run with a change of gan.runs.remedies."""
FAILURES: dict[str, tuple[str, ...]] = {
    "out_of_memory": ("again_smaller_batch",),
    "diverged": ("again_lower_rate", "again_stronger_penalty"),
}
"""The buttons for each error that ends a training, in addition to the button for resuming."""


def health_of_events(run: Run, status: Status, events: Sequence[dict[str, Any]]) -> Health | None:
    """Return the findings; None before the training has begun."""
    if not events:
        return None
    try:
        objective = judged_by(run.config)
    except CheckpointError:  # the config is damaged, which resuming reports; the losses then allow no finding
        objective = ""
    return examine(events, status, objective)


def offered(remedies: Sequence[str], status: Status) -> list[str]:
    """Return the buttons that suit a state: stopping needs a running training, and training longer one that has ended."""
    ended = status.state in ENDED
    senseless = "stop" if ended else "longer"
    return [name for name in remedies if name != senseless]


def advice_html(health: Health | None, status: Status, log_tail: str, language: Language) -> str:
    """Return the card; empty where there is no finding."""
    parts = []
    if status.error is not None:
        parts.append(_buttons(FAILURES.get(status.error_code or "", ()), language))
        if log_tail:
            summary = escape(say(language, "advice_log"))
            parts.append(f"<details><summary>{summary}</summary><pre>{escape(log_tail)}</pre></details>")
    elif health is not None:
        # A training that ended early has nothing to wait for.
        told = [each for each in health.findings if each.code != "starting" or status.state not in ENDED]
        parts += [_finding(finding, status, language) for finding in told]
    return f'<div class="advice">{"".join(parts)}</div>' if parts else ""


def _finding(finding: Finding, status: Status, language: Language) -> str:
    sentence = say(language, f"health_{finding.code}", **{name: number(value) for name, value in finding.values.items()})
    remedy = say(language, f"remedy_{finding.remedy}")
    kind = "finding is-serious" if finding.code in PROBLEMS else "finding"
    buttons = _buttons(offered(BUTTONS[finding.remedy], status), language)
    return f'<div class="{kind}" data-health="{finding.code}"><p>{escape(f"{sentence} {remedy}")}</p>{buttons}</div>'


def _buttons(remedies: Sequence[str], language: Language) -> str:
    made = "".join(
        f'<button type="button" data-remedy="{name}">{escape(say(language, f"advice_{name}"))}</button>' for name in remedies
    )
    return f'<div class="advice-buttons">{made}</div>' if made else ""


def known_remedies() -> Mapping[str, str]:
    """Return the name of each button, with the remedy by which it changes the plan; empty for buttons that do not change the
    plan.
    """
    names = {name for row in (*BUTTONS.values(), *FAILURES.values()) for name in row}
    return {name: name.removeprefix("again_") if name.startswith("again_") else "" for name in sorted(names)}
