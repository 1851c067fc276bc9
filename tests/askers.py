"""Requests as handlers get them, from a caller with a right of the test's choice."""

import gradio as gr
from starlette.requests import Request

from gan.playing.asking import Asker, Right
from gan.ui.rights import ASKER


def asked_by_a(right: Right, language: str = "en-US", session: str = "", address: str = "10.0.0.1") -> gr.Request:
    """A request that came through the doors."""
    scope = {
        "type": "http",
        "headers": [(b"accept-language", language.encode())],
        "query_string": b"",
        "state": {ASKER: Asker(right, address=address)},
    }
    return gr.Request(Request(scope), session_hash=session)
