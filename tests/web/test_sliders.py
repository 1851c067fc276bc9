"""The sliders of Create without the app."""

from playwright.sync_api import Page, expect


def test_one_undo_takes_back_a_whole_drag_however_slow(plain: Page) -> None:
    slider = plain.locator("#psi")
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    plain.mouse.move(box["x"] + box["width"] * 0.47, middle)
    plain.mouse.down()
    for share in (0.6, 0.75, 0.95):
        plain.mouse.move(box["x"] + box["width"] * share, middle)
        plain.evaluate("(now) => { Date.now = () => now; }", plain.evaluate("Date.now() + 2000"))
    plain.mouse.up()
    expect(slider).not_to_have_value("0.7")
    plain.locator("#undo").click()
    expect(slider).to_have_value("0.7")
    expect(plain.locator("#undo")).to_be_disabled()
