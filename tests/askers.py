"""Requests in the form that handlers receive, from a caller whose right the test chooses."""

import gradio as gr
from starlette.requests import Request

from gan.playing.asking import Asker, Right
from gan.ui.rights import ASKER


def asked_by_a(right: Right, language: str = "en-US", session: str = "", address: str = "10.0.0.1") -> gr.Request:
    """Return a request from a caller with this right, as `Doors` passes it on."""
    scope = {
        "type": "http",
        "headers": [(b"accept-language", language.encode())],
        "query_string": b"",
        "state": {ASKER: Asker(right, address=address)},
    }
    return gr.Request(Request(scope), session_hash=session)
