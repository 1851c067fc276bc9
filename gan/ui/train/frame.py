"""The frame of the Train tab: its four steps, the open step, and one line on the choices in each."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Literal, get_args

import gradio as gr
from gradio.events import Dependency

from gan.ui.language import language_of, text
from gan.ui.parts import html
from gan.ui.rights import needs
from gan.words import Language, say

Step = Literal["pictures", "check", "plan", "watch"]
STEPS: tuple[Step, ...] = get_args(Step)
NEEDING_PICTURES: tuple[Step, ...] = ("check", "plan")

Said = Mapping[Step, str]
"""One line on the choices in each step, in the visitor's language. Check and Plan can be opened once Pictures has a line."""

# The body of a closed step is not in the document. The list marks the step whose body is in the document.
PICK_STEP = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (button && !button.disabled) trigger("pick", {step: button.dataset.step});
});
const mark = () => {
  for (const button of element.querySelectorAll("[data-step]")) {
    const open = document.getElementById(`step-${button.dataset.step}`) !== null;
    if (open && !button.ariaCurrent) button.ariaCurrent = "step";
    if (!open && button.ariaCurrent) button.ariaCurrent = null;
  }
};
new MutationObserver(mark).observe(element.closest(".tabitem") || document.body, {childList: true, subtree: true});
mark();
"""


@dataclass(frozen=True)
class Frame:
    """The list of steps, the body of each, the bar with the start button, and a visitor's state."""

    steps: gr.HTML
    bodies: dict[Step, gr.Column]
    bar: gr.Column
    progress: gr.HTML  # progress of preparing the pictures, after the click
    start: gr.Button
    at: gr.State  # the open step
    said: gr.State

    @property
    def boxes(self) -> list[gr.blocks.Block]:
        """The components that `opened` returns values for, in its order."""
        return [self.at, *self.bodies.values(), self.bar]


def frame() -> Frame:
    """Build the frame. Each step fills its body inside a `with` block."""
    steps = html(steps_html({}, "en"), elem_id="steps", js_on_load=PICK_STEP)
    bodies: dict[Step, gr.Column] = {}
    for step in STEPS:
        # No step is open until the page's first event opens one, so that no drop is taken by a step that is about to close.
        with gr.Column(visible=False, elem_id=f"step-{step}", elem_classes="step") as bodies[step]:
            pass
    with gr.Column(visible=False, elem_id="start-bar") as bar:
        progress = html(elem_id="start-info")
        start = gr.Button(text("train_start"), variant="primary", size="lg", elem_id="start", elem_classes="main-action")
    return Frame(steps, bodies, bar, progress, start, gr.State("pictures"), gr.State({}))


def opened(step: Step | None) -> tuple[Any, ...]:
    """Return the values of `Frame.boxes` that open a step; None opens the first one."""
    step = step or "pictures"
    bodies = [gr.update(visible=each == step) for each in STEPS]
    return step, *bodies, gr.update(visible=step in NEEDING_PICTURES)


def steps_html(said: Said, language: Language) -> str:
    """Return the four steps; each that can be opened is a button."""
    rows = []
    for number, step in enumerate(STEPS, 1):
        closed = step in NEEDING_PICTURES and "pictures" not in said
        line = said.get(step, "") or say(language, f"step_{step}_info")
        rows.append(
            f'<li><button type="button" data-step="{step}"{" disabled" if closed else ""}>'
            f'<span class="step-number">{number}</span><span class="step-title">{escape(say(language, f"step_{step}"))}</span>'
            f'<span class="step-line">{escape(line)}</span></button></li>'
        )
    return f'<ol class="steps" aria-label="{escape(say(language, "steps_alt"))}">{"".join(rows)}</ol>'


def connect_frame(page: gr.Blocks, frame: Frame) -> Dependency:
    """Connect the list of steps, and return the event that follows a click on a step.

    A change of `said` redraws the list. Gradio reports changes of a state after queued events only.
    """

    @needs("visitor")
    def draw(said: Said, request: gr.Request) -> str:
        return steps_html(said, language_of(request))

    @needs("visitor")
    def pick(said: Said, event: gr.EventData) -> tuple[Any, ...]:
        can_open = [each for each in STEPS if each not in NEEDING_PICTURES or "pictures" in said]
        return opened(next((each for each in can_open if each == event.step), None))

    quiet: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    gr.on([page.load, frame.said.change], draw, frame.said, frame.steps, **quiet)
    picked: Dependency = frame.steps.pick(pick, frame.said, frame.boxes, **quiet)
    return picked
