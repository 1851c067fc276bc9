"""The frame of the Train tab: which of its steps is open."""

from dataclasses import dataclass
from typing import Any, Literal

import gradio as gr

Step = Literal["pictures", "watch"]


@dataclass(frozen=True)
class Frame:
    """What the steps are drawn in."""

    stage: gr.Column
    pictures: gr.Column
    watch: gr.Column

    @property
    def boxes(self) -> list[gr.blocks.Block]:
        """The components that `opened` has values for, in its order."""
        return [self.stage, self.pictures, self.watch]


def opened(step: Step | None) -> tuple[Any, ...]:
    """Values of `Frame.boxes` that show one step; None hides the stage."""
    return gr.update(visible=step is not None), gr.update(visible=step == "pictures"), gr.update(visible=step == "watch")
