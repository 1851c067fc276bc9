"""The modules as the app serves them: under the page's own path, with types that browsers run, and no other files."""

import re

import gradio as gr
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gan.ui.web import WebFiles


@pytest.fixture
def web() -> WebFiles:
    return WebFiles.read()


def test_a_module_is_served_as_one_and_kept_by_the_browser(web: WebFiles) -> None:
    client = TestClient(Starlette(routes=[web.route()]))
    answer = client.get(f"/{web.address}tools/mix.js")
    assert answer.status_code == 200
    assert answer.content == web.files["tools/mix.js"]
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]


HIDDEN = ["", "nothing.js", "../ui/web.py", "..%2Fui%2Fweb.py", "/etc/passwd", "static/main.js", "tools/../../limits.py"]


@pytest.mark.parametrize("name", HIDDEN)
def test_nothing_else_is_served(web: WebFiles, name: str) -> None:
    client = TestClient(Starlette(routes=[web.route()]))
    assert client.get(f"/{web.address}{name}").status_code == 404


def test_the_modules_are_found_behind_a_path_of_a_proxy(web: WebFiles) -> None:
    with gr.Blocks(analytics_enabled=False) as page:
        gr.Markdown("x")
    inner = gr.routes.App.create_app(page, app_kwargs={"routes": [web.route()]})
    outer = Starlette()
    outer.mount("/studio", inner)
    assert TestClient(outer).get(f"/studio/{web.address}start.js").status_code == 200
    # A proxy that keeps the path and announces it as the root path
    assert TestClient(inner, root_path="/studio").get(f"/studio/{web.address}start.js").status_code == 200


def test_every_module_is_fetched_ahead(web: WebFiles) -> None:
    hinted = re.findall(r'<link rel="modulepreload" href="\./([^"]+)">', web.preloads)
    assert set(hinted) == {web.address + name for name in web.files}
    assert {"start.js", "tools/mix.js", "random.js"} < set(web.files)
