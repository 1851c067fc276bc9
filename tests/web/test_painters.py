"""Painters: one contract for all of them, and a user interface that offers only its painter's operations."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import Run

KEEPS = """async (made, name) => {
  const contract = await import("/tests/contract.js");
  return contract.brokenClauses(made[name](), await import("/painters/painter.js"));
}"""


@pytest.mark.parametrize(("module", "painter"), [("colours", "coloursPainter"), ("onnx_painter", "sumsPainter")])
def test_a_painter_in_the_browser_keeps_the_contract(run: Run, module: str, painter: str) -> None:
    assert run(f"/tests/{module}.js", KEEPS, painter) == []


def test_any_page_can_load_the_instrument_and_tools_without_operations_are_not_there(plain: Page) -> None:
    expect(plain.get_by_role("tab")).to_have_text(["Pictures"])
    plain.locator("#seeds").fill("40-41")
    plain.locator("#seeds").press("Enter")
    expect(plain.locator("#wall .seed")).to_have_text(["40", "41"])
    plain.locator("#wall button.tile-picture").first.click()
    buttons = plain.get_by_role("toolbar", name="The chosen picture").get_by_role("button")
    expect(buttons).to_have_text(["Star", "Download", "Use in…", "…"])


def test_a_painters_refusal_is_shown_and_leaves_the_pictures(plain: Page) -> None:
    plain.locator("#seeds").fill("cats")
    plain.locator("#seeds").press("Enter")
    expect(plain.get_by_role("alert")).to_have_text("cats is not a list of seeds")
    expect(plain.locator("#wall img")).to_have_count(8)


def test_every_operation_that_a_tool_needs_is_documented_and_served(run: Run) -> None:
    needs = """({ TOOLS }) => Object.fromEntries(Object.entries(TOOLS).map(([id, { needs }]) => [id, needs]))"""
    needed: dict[str, Any] = run("/tools/table.js", needs)
    assert len(needed) == 8
    interface = run("/painters/painter.js", "() => fetch('/painters/painter.js').then((answer) => answer.text())")
    documented = set(re.findall(r"\[(\w+)\]", interface)) | set(run("/painters/painter.js", "({ REQUIRED }) => REQUIRED"))
    served = set(run("/painters/server.js", "({ serverPainter }) => Object.keys(serverPainter(() => ({})))"))
    assert {operation for operations in needed.values() for operation in operations} <= documented & served
    assert served <= documented
