"""The step Watch as a student uses it: views inside, copies, the time-lapse, saving, renaming, removing and restoring."""

from playwright.sync_api import expect

from gan.training import train
from tests.browser.conftest import App, Open
from tests.tiny_runs import tiny_run


def test_a_training_that_ended_is_looked_into_kept_renamed_removed_and_taken_back(visit: Open, app: App) -> None:
    train(tiny_run(app.home, "seen"))
    tiny_run(app.home, "beside").write_status(state="done")
    page = visit()
    page.get_by_role("tab", name="Train").click()
    page.locator("#runs button", has_text="seen").click()

    # The progress bar is filled
    fill = page.locator("#run-head .progress div")
    assert fill.evaluate("each => [each.clientHeight, each.clientWidth > 100]") == [6, True]

    # Inside the GAN, and copies
    expect(page.locator("#inside .scored-real figure")).to_have_count(8)
    expect(page.locator("#inside .histogram")).to_be_visible()
    page.get_by_role("button", name="Did it copy?").click()
    expect(page.locator("#copies .copy-pair")).to_have_count(16)

    # The view inside the GAN shows the moment that is chosen in the history; the time-lapse plays
    page.locator("#history input[type=range]").press("Home")
    expect(page.locator("#inside .inside")).to_have_attribute("data-images", "0")
    page.get_by_role("button", name="Time-lapse video").click()
    expect(page.locator("#film video")).to_be_visible()

    # The best model is saved
    page.get_by_role("button", name="Keep the best").click()
    expect(page.get_by_text("Kept as the model seen-64")).to_be_visible()
    assert (app.home / "models" / "seen-64" / "config.json").is_file()

    # Compared with another training
    page.get_by_role("button", name="Compare trainings").click()
    page.locator("#compare-with input").click()
    page.get_by_role("option", name="beside").click()
    expect(page.locator("#compared .plot", has_text="Variety")).to_be_visible()

    # Renamed, removed, restored
    page.get_by_role("button", name="This training").click()
    expect(page.locator("#run-command")).to_contain_text("python -m gan train emoji32 --name seen")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save the events as CSV").click()
    assert saving.value.suggested_filename == "seen.csv"
    page.locator("#rename-to").get_by_role("textbox").fill("renamed")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("#run-head h2")).to_contain_text("renamed")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#runs button", has_text="renamed")).to_have_count(0)
    page.get_by_role("button", name="Bring renamed back").click()
    expect(page.locator("#run-head h2")).to_contain_text("renamed")

    # Shared: the Share tab opens with this model, not with the one on Create
    page.locator("#live").get_by_role("button", name="Share", exact=True).click()
    expect(page.locator("#share-head h2")).to_have_text("renamed")
    page.get_by_role("tab", name="Train").click()

    # Lessons are offered
    page.get_by_role("button", name="Lessons").click()
    expect(page.locator("#lessons [data-lesson]")).to_have_count(5)
