"""Many trainings in the home. How fast a thousand are shown is measured by benchmarks/history.py, as it takes a minute."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from benchmarks.history import click_to_list, write_runs
from gan.runs import list_runs
from tests.browser.conftest import App, Open

MOST_MILLISECONDS = 5000  # on a busy machine


@pytest.fixture
def many(app: App) -> Iterator[int]:
    """Add fifty finished trainings. The value is the number of all in the home, in which other tests may have left some."""
    before = {run.folder for run in list_runs(app.home)}
    write_runs(app.home, 50)
    yield len(before) + 50
    for run in list_runs(app.home):
        if run.folder not in before:
            shutil.rmtree(run.folder)


def test_many_trainings_are_listed_a_part_at_a_time(many: int, visit: Open) -> None:
    page = visit()
    expect(page.locator("#wall img")).to_have_count(8)
    assert click_to_list(page) < MOST_MILLISECONDS
    expect(page.locator("#runs button[data-run]")).to_have_count(12)
    page.get_by_role("button", name=f"Show more ({many - 12})").click()
    expect(page.locator("#runs button[data-run]")).to_have_count(36)
