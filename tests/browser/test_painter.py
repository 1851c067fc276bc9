"""The server's painter fulfils the contract of all painters."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Open

CONTRACT = Path(__file__).parents[1] / "web" / "contract.js"

# Modules imported on the app's page are those that the page itself uses, so `session.painter` is the page's painter.
OF_THE_APP = """async (source) => {
  const address = window.gradio_config.components.find(({ props }) => props.props?.web).props.props.web;
  const from = (name) => import(new URL(address + name, document.baseURI).href);
  const contract = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const { session } = await from("core/session.js");
  return contract.brokenClauses(session.painter, await from("painters/painter.js"));
}"""


def test_the_server_keeps_the_contract_of_painters(visit: Open) -> None:
    page = visit()
    expect(page.locator("#wall img")).to_have_count(8)
    assert page.evaluate(OF_THE_APP, CONTRACT.read_text(encoding="utf-8")) == []
