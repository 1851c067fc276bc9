"""Many trainings in the home. How fast a thousand are shown is measured by benchmarks/history.py, as it takes a minute."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from benchmarks.history import click_to_list, write_runs
from tests.browser.conftest import App, Open

MOST_MILLISECONDS = 5000  # on a busy machine


@pytest.fixture
def many(app: App) -> Iterator[None]:
    """Add fifty finished trainings."""
    write_runs(app.home, 50)
    yield
    shutil.rmtree(app.home / "runs")


@pytest.mark.usefixtures("many")
def test_many_trainings_are_listed_a_part_at_a_time(visit: Open) -> None:
    page = visit()
    expect(page.locator("#wall img")).to_have_count(8)
    assert click_to_list(page) < MOST_MILLISECONDS
    expect(page.locator("#runs button[data-run]")).to_have_count(12)
    page.get_by_role("button", name="Show more (38)").click()
    expect(page.locator("#runs button[data-run]")).to_have_count(36)
