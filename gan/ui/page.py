"""Gradio's page, with a sentence as the error for missing arguments."""

from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction

from gan.errors import ConfigError
from gan.limits import MAX_QUEUED_EVENTS


class Page(gr.Blocks):
    """A page whose endpoints answer a call with too few arguments with a sentence; Gradio's own answer is an empty error."""

    def queue(self, *settings: Any, max_size: int | None = MAX_QUEUED_EVENTS, **more: Any) -> "Page":
        """Limit the waiting events from the beginning. Gradio makes a queue, and all routes with it, as soon as the page exists;
        calling this again later would make them twice.
        """
        return super().queue(*settings, max_size=max_size, **more)

    def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
        """Raise gr.Error where arguments are missing."""
        wanted = len(block_fn.inputs)
        if len(inputs) < wanted:
            error = ConfigError("arguments_missing", found=len(inputs), expected=wanted)
            raise gr.Error(str(error), title="", print_exception=False)
