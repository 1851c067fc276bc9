"""Shows errors meant for users on the page, in the visitor's language."""

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import gradio as gr

from gan.errors import GanError
from gan.files import system_refusals
from gan.ui.language import language_of
from gan.ui.rights import argument

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

SECONDS_SHOWN = 15


def spoken(handler: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Wrap a handler so that its GanErrors, and errors of the system, become messages on the page.

    The handler must take `request: gr.Request`, which holds the language.
    """
    names = list(inspect.signature(handler).parameters)
    assert "request" in names, handler

    @functools.wraps(handler)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            with system_refusals():
                return handler(*args, **kwargs)
        except GanError as error:
            request = argument(names, args, kwargs, "request")
            language = language_of(request if isinstance(request, gr.Request) else None)
            raise gr.Error(error.translated(language), SECONDS_SHOWN, title="", print_exception=False) from error

    return guarded
