"""Attacks from pages of other sites in a real browser, each refused, and the owner's own page, which works."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import App, Open
from tests.browser.tiles import drop_file
from tests.conftest import BROWSER_OPTIONS
from tests.install_browser import find_browser
from tests.served import served

SECRET = "private/secretmodel"
POST = """
async ([url, body, mode, type]) => {
  try {
    const answer = await fetch(url, {method: "POST", mode, body, credentials: "include", headers: {"content-type": type}});
    return answer.type === "opaque" ? "sent" : `${answer.status}`;
  } catch (error) { return "blocked"; }
}
"""


class _Quiet(BaseHTTPRequestHandler):
    """Serves an empty page of another site."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Kittens</title>")

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def other_site() -> Iterator[int]:
    """Yield the port of another web server on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def lured(browser: Browser) -> Iterator[Browser]:
    """Yield a browser in which evil.example resolves to this machine, as after a DNS rebinding."""
    rules = [*BROWSER_OPTIONS, "--host-resolver-rules=MAP evil.example 127.0.0.1"]
    launched = browser.browser_type.launch(executable_path=find_browser(), args=rules)
    yield launched
    launched.close()


def studio_of(page: Page, url: str) -> int:
    """Return the id of the Create tab's component, which anybody who may read the page can read."""
    config = page.request.get(f"{url}/config").json()
    (studio,) = [part for part in config["components"] if part["props"].get("elem_id") == "studio"]
    number: int = studio["id"]
    return number


def pull_call(component: int, repo: str) -> str:
    """Return the body of a request that makes the Create tab pull a model."""
    asked = {"call": "get_model", "with": {"repo": repo}}
    return json.dumps({"data": asked, "component_id": component, "fn_name": "ask", "session_hash": "lured"})


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_page_of_another_site_cannot_pull_a_model_with_the_owners_login(lured: Browser, app: App, kind: str) -> None:
    page = lured.new_page()
    body = pull_call(studio_of(page, app.url), f"{SECRET}-{kind.partition('/')[2]}")
    asked_before = len(app.hub.requests)
    with other_site() as port:
        for site in (f"http://evil.example:{port}", f"http://127.0.0.1:{port}", f"http://localhost:{port}"):
            page.goto(site)
            for path in ("component_server", "queue/join", "run/predict"):
                # The browser sends the request, as it does for every form, and only hides the answer.
                assert page.evaluate(POST, [f"{app.url}/gradio_api/{path}", body, "no-cors", kind]) == "sent"
            # For another content type the browser first requests permission, even if the page uses the app's own name for this
            # machine.
            said = page.evaluate(POST, [f"{app.url}/gradio_api/component_server", body, "cors", "application/json"])
            assert said in ("blocked", "403")
    page.context.close()
    assert not [line for line in app.hub.requests[asked_before:] if "secretmodel" in line]


def test_a_page_under_a_rebound_name_cannot_drive_the_app(lured: Browser, app: App) -> None:
    port = urlsplit(app.url).port
    page = lured.new_page()
    body = pull_call(studio_of(page, app.url), f"{SECRET}-rebound")
    asked_before = len(app.hub.requests)
    page.goto(f"http://evil.example:{port}/")
    expect(page.locator("body")).to_contain_text("not served under the name evil.example")
    assert page.evaluate(POST, ["/gradio_api/component_server", body, "same-origin", "application/json"]) == "400"
    page.context.close()
    assert not [line for line in app.hub.requests[asked_before:] if "secretmodel" in line]


def test_the_owners_own_page_does_what_the_attacks_tried(visit: Open, app: App) -> None:
    """Checks that the requests above work for the owner, so that the attacks do not fail for another reason."""
    page = visit()
    body = pull_call(studio_of(page, app.url), f"{SECRET}-own")
    assert page.evaluate(POST, ["/gradio_api/component_server", body, "cors", "application/json"]) == "200"
    assert [line for line in app.hub.requests if "secretmodel-own" in line]


def test_the_owner_at_the_machine_sees_no_login_no_key_and_no_warning(visit: Open) -> None:
    page = visit()
    expect(page.locator("#header .brand")).to_be_visible()
    page.get_by_role("tab", name="Train").click()
    page.locator("[data-step=pictures]").click()
    expect(page.locator("#zip")).to_be_visible()
    expect(page.get_by_text("You are a visitor")).to_have_count(0)
    expect(page.locator("#login")).to_have_count(0)


def test_a_visitor_reads_why_and_the_link_with_the_key_makes_an_owner(visit: Open, home: Path) -> None:
    with served(home, "--owner-key", "open-sesame") as url:
        page = visit(url=url, locale="zh-CN")
        page.get_by_role("tab", name="训练").click()
        expect(page.locator("#train-notice")).to_contain_text("您是访客")
        page.get_by_role("tab", name="创作").click()
        drop_file(page.locator("#wall"), "pets.zip", b"PK pets/model.safetensors")
        expect(page.locator(".said-line")).to_contain_text("pets.zip 是一个模型，但没有添加。只有此页面的所有者可以这样做")
        expect(page.locator("#wall img")).to_have_count(8)
        page.context.close()
        owner = visit("/?key=open-sesame", url=url)
        expect(owner.locator("#header .brand")).to_be_visible()
        assert "open-sesame" not in owner.url
        owner.get_by_role("tab", name="Train").click()
        owner.locator("#sample-set").click()
        expect(owner.locator("#start")).to_be_enabled()
        expect(owner.get_by_text("You are a visitor")).to_have_count(0)
        owner.context.close()
