"""The whole page behind the checks of `Doors`, in this process, for tests that choose the sender and the headers of a request."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.testclient import TestClient

from gan.limits import LARGEST_UPLOAD
from gan.ui import Serving, build
from tests.loops import within_a_loop

HERE = ("127.0.0.1", 50_000)
ELSEWHERE = ("192.168.1.9", 50_000)


@dataclass
class Caller:
    """A program or a browser that sends requests to the page."""

    http: TestClient
    config: dict[str, Any]

    def event(self, number: int, headers: Mapping[str, str] | None = None) -> str:
        """Send an event as the browser does, with all fields as the page first shows them; return the server's whole answer."""
        (event,) = [each for each in self.config["dependencies"] if each["id"] == number]
        values = {part["id"]: part["props"].get("value") for part in self.config["components"]}
        body = {"data": [values[each] for each in event["inputs"]], "fn_index": number, "session_hash": "stranger"}
        joined = self.http.post("/gradio_api/queue/join", json=body, headers=headers)
        if joined.status_code != 200:
            return joined.text
        return self.http.get("/gradio_api/queue/data", params={"session_hash": "stranger"}, headers=headers).text

    def ask(self, call: str, headers: Mapping[str, str] | None = None, **asked: Any) -> dict[str, Any]:
        """Call the function of the Create tab; return its answer, or its refusal as `status` and `said`."""
        (studio,) = [part for part in self.config["components"] if part["props"].get("elem_id") == "studio"]
        body = {"data": {"call": call, "with": asked}, "component_id": studio["id"], "fn_name": "ask", "session_hash": "stranger"}
        answer = self.http.post("/gradio_api/component_server", json=body, headers=headers)
        if answer.status_code != 200:
            return {"status": answer.status_code, "said": answer.text}
        told: dict[str, Any] = json.loads(answer.text)
        return told


@dataclass
class House:
    """A running page."""

    app: FastAPI
    page: gr.Blocks
    first: TestClient  # the client whose event loop is the page's

    def caller(self, client: tuple[str, int] = HERE, host: str = "127.0.0.1:7860", scheme: str = "http") -> Caller:
        """Return a caller at the address `client` whose requests name `host`."""
        http = TestClient(self.app, base_url=f"{scheme}://{host}", client=client, follow_redirects=False)
        http.portal = self.first.portal
        return Caller(http, dict(self.page.config))


@contextmanager
def opened(home: Path, serving: Serving | None = None) -> Iterator[House]:
    """Yield the page for a home, behind the checks that `launch` sets up."""
    serving = serving or Serving()
    doors = serving.doors(serving.rights())

    def made() -> tuple[gr.Blocks, FastAPI]:
        page = build(home)
        kwargs: dict[str, Any] = {"middleware": [doors]}
        return page, gr.mount_gradio_app(FastAPI(), page, "/", app_kwargs=kwargs, max_file_size=LARGEST_UPLOAD, ssr_mode=False)

    page, app = within_a_loop(made)
    with TestClient(app, base_url="http://127.0.0.1:7860", client=HERE) as first:
        yield House(app, page, first)
