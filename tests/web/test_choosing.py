"""Choosing and starring in the user interface of Create without the app: several pictures, their stars, and the files saved from
the page.
"""

import io
import re
import zipfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from gan.images import XMP
from gan.models import MODEL_FILES
from tests.web.conftest import Run


def pictures(page: Page) -> Locator:
    return page.locator("#wall button.tile-picture")


def pressed(page: Page) -> Locator:
    return page.locator("#wall button.tile-picture[aria-pressed=true]")


def stars(page: Page) -> Locator:
    return page.get_by_role("group", name="Starred pictures").get_by_role("button")


def chosen(page: Page, words: str) -> None:
    expect(page.get_by_role("toolbar", name="The chosen pictures").locator("b")).to_have_text(words)


def test_several_pictures_are_chosen_by_pointer_and_by_keys(plain: Page) -> None:
    pictures(plain).nth(1).click()
    chosen(plain, "Seed 1")
    pictures(plain).nth(3).click(modifiers=["ControlOrMeta"])
    chosen(plain, "2 chosen")
    pictures(plain).nth(6).click(modifiers=["Shift"])
    expect(pressed(plain)).to_have_count(5)
    pictures(plain).nth(1).click(modifiers=["ControlOrMeta"])
    expect(pressed(plain)).to_have_count(4)
    plain.keyboard.press("Escape")
    expect(plain.get_by_role("toolbar")).to_be_hidden()
    pictures(plain).nth(0).focus()
    plain.keyboard.press("Space")
    plain.keyboard.press("Shift+ArrowRight")
    plain.keyboard.press("Shift+ArrowRight")
    expect(pressed(plain)).to_have_count(3)
    plain.keyboard.press("ControlOrMeta+a")
    chosen(plain, "8 chosen")


def test_a_wall_is_one_stop_of_the_tab_key_and_keys_choose_pictures_apart(plain: Page) -> None:
    pictures(plain).nth(0).focus()
    plain.keyboard.press("ArrowRight")  # from the focused picture, not from the first
    chosen(plain, "Seed 1")
    plain.keyboard.press("Control+ArrowRight")
    plain.keyboard.press("Control+ArrowRight")
    expect(pictures(plain).nth(3)).to_be_focused()
    chosen(plain, "Seed 1")
    plain.keyboard.press("Control+Space")
    chosen(plain, "2 chosen")
    plain.keyboard.press("Tab")  # to the link of the same picture
    plain.keyboard.press("Tab")
    expect(plain.get_by_role("toolbar").get_by_role("button").first).to_be_focused()
    plain.keyboard.press("Shift+Tab")
    plain.keyboard.press("Shift+Tab")
    expect(pictures(plain).nth(3)).to_be_focused()


def test_stars_are_kept_named_ordered_and_taken_back(plain: Page) -> None:
    figure = plain.locator("#wall figure").nth(2)
    figure.hover()
    figure.get_by_role("button", name="Star: Picture of seed 2 by colours").click()
    expect(pressed(plain)).to_have_count(0)  # starring does not choose a picture
    pictures(plain).nth(4).click()
    pictures(plain).nth(5).click(modifiers=["ControlOrMeta"])
    plain.keyboard.press("s")
    expect(stars(plain)).to_have_count(3)
    stars(plain).nth(2).click()
    chosen(plain, "Seed 5")
    expect(plain.locator("#wall .seed")).to_have_text([str(seed) for seed in range(8)])
    plain.get_by_role("textbox", name="Name it").fill("sunset")
    plain.keyboard.press("Enter")
    expect(stars(plain).nth(2)).to_have_attribute("aria-label", re.compile("sunset"))
    stars(plain).nth(2).press("Alt+ArrowLeft")
    expect(stars(plain).nth(1)).to_have_attribute("aria-label", re.compile("sunset"))
    expect(stars(plain).nth(1)).to_be_focused()
    plain.locator("#wall figure").nth(7).drag_to(plain.locator(".starred"))
    expect(stars(plain)).to_have_count(4)
    plain.get_by_role("button", name="Unstar", exact=True).click()
    expect(stars(plain)).to_have_count(3)
    expect(plain.get_by_role("button", name=re.compile("sunset"))).to_have_count(0)


def test_many_pictures_leave_as_a_zip_or_as_a_sheet_that_tells_who_made_it(plain: Page, tmp_path: Path) -> None:
    pictures(plain).nth(0).click()
    pictures(plain).nth(2).click(modifiers=["Shift"])
    for item, name in (("Zip of 3 PNG files ×1", "colours-3.zip"), ("Contact sheet with captions", "colours-sheet.png")):
        plain.get_by_role("button", name="Download", exact=True).click()
        with plain.expect_download() as saving:
            plain.get_by_role("menuitem", name=item).click()
        assert saving.value.suggested_filename == name
        saving.value.save_as(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "colours-3.zip") as packed:
        assert packed.testzip() is None
        assert packed.namelist() == [f"colours-{seed}.png" for seed in range(3)]
        assert Image.open(io.BytesIO(packed.read("colours-1.png"))).size == (16, 16)
    sheet = Image.open(tmp_path / "colours-sheet.png")
    assert sheet.text["XML:com.adobe.xmp"] == XMP  # type: ignore[attr-defined]
    assert sheet.width > 2 * 256


def test_all_pictures_are_a_zip_and_a_link_away_with_none_chosen_and_with_one(plain: Page, tmp_path: Path) -> None:
    whole, said = plain.get_by_role("group", name="All pictures of this tool"), plain.locator(".said-line")
    expect(whole).to_contain_text("All 8 pictures")
    whole.get_by_role("button", name="Copy link").click()
    expect(said).to_contain_text(re.compile(r"opens these 8 pictures.*the PNG files"))
    expect(said.get_by_role("textbox")).to_have_value(re.compile(r"&seeds=0-7&psi=0\.7$"))
    plain.locator("#psi").focus()
    plain.keyboard.press("Tab")
    expect(said).to_contain_text("opens these 8 pictures")
    whole.get_by_role("button", name="Download").click()
    expect(said).to_be_empty()  # it was about the link
    with plain.expect_download() as saving:
        plain.get_by_role("menuitem", name="Zip of 8 PNG files ×1").click()
    assert saving.value.suggested_filename == "colours-8.zip"
    pictures(plain).nth(2).click()
    expect(whole).to_be_hidden()
    plain.get_by_role("button", name="Download", exact=True).click()
    with plain.expect_download() as saving:
        plain.get_by_role("menuitem", name="Zip of all 8 PNG files").click()
    saving.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as packed:
        assert packed.namelist() == [f"colours-{seed}.png" for seed in range(8)]
    more(plain, "Choose all")
    chosen(plain, "8 chosen")
    more(plain, "Copy link")
    expect(plain.get_by_role("textbox", name="Copy link")).to_have_value(re.compile(r"\?model=colours&seeds=0-7&psi=0\.7$"))
    pictures(plain).nth(5).click()
    pictures(plain).nth(3).click(modifiers=["ControlOrMeta"])
    more(plain, "Copy link")
    expect(plain.get_by_role("textbox", name="Copy link")).to_have_value(re.compile(r"&seeds=3%2C5&psi=0\.7$"))


def more(page: Page, item: str) -> None:
    page.get_by_role("toolbar", name="The chosen pictures").get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def test_undo_says_what_it_takes_back_and_messages_move_nothing(plain: Page) -> None:
    top = plain.locator("#wall").bounding_box()
    plain.locator("#seeds").fill("cats")
    plain.locator("#seeds").press("Enter")
    expect(plain.get_by_role("alert")).to_have_text("cats is not a list of seeds")
    assert plain.locator("#wall").bounding_box() == top
    plain.locator(".said-line").get_by_role("button", name="Close").click()
    expect(plain.get_by_role("alert")).to_have_count(0)
    expect(plain.get_by_role("button", name="Undo: Pictures (Ctrl+Z)")).to_be_enabled()
    plain.locator("#psi").press("End")
    plain.get_by_role("button", name="Undo: Variety (Ctrl+Z)").click()
    expect(plain.get_by_role("button", name="Redo: Variety (Ctrl+Shift+Z)")).to_be_enabled()


def test_what_was_dropped_is_known_by_its_name_and_what_a_zip_holds(run: Run) -> None:
    kinds = """({ kindOf }, files) => Promise.all(
      files.map(([name, content]) => kindOf([new File([content], name)])))"""
    files = [
        ["cat.JPG", ""],
        ["cat.png", ""],
        ["latents.npz", ""],
        ["pets.zip", "PK cats/1.png"],
        ["model.zip", "PK emoji/model.safetensors"],
    ]
    assert run("/core/dropped.js", kinds, files) == ["photo", "picture", "latents", "zip", "model"]
    several = "({ kindOf }, names) => kindOf(names.map((name) => new File([], name)))"
    assert run("/core/dropped.js", several, ["model.safetensors", "config.json"]) == "model"
    assert run("/core/dropped.js", several, ["1.jpg", "2.jpg"]) == "folder"
    assert set(run("/core/dropped.js", "({ MODEL_FILES }) => MODEL_FILES")) == set(MODEL_FILES)


LINK = """async ({ linkOf, stateOfAddress }, recipe) => {
  const { store } = await import("/core/store.js");
  store.load();
  store.state = { ...store.state, model: "kept:pets" };
  const link = linkOf([{ recipe }]);
  if (!link) return null;
  history.replaceState(null, "", link);
  const { tool, tools, psi } = stateOfAddress();
  return [link.length, tool, tools[tool], psi];
}"""


def test_links_hold_seeds_mixtures_and_the_names_of_directions_and_stay_short(run: Run) -> None:
    recipe = {"seed": 7, "psi": 0.5, "class": "cats", "model": {"weights_sha256": "0"}}
    length, tool, own, psi = run("/core/links.js", LINK, recipe)
    assert (tool, own, psi) == ("pictures", {"seeds": "7"}, 0.5)
    mix = {"with": {"seed": 9, "psi": 0.5, "class": "cats"}, "layers": [0, 1]}
    _, tool, own, _ = run("/core/links.js", LINK, recipe | {"mix": mix})
    assert (tool, own["rows"], own["columns"], own["layers"]) == ("mix", "7", "9", [0, 1])
    push = {"name": "weights 2", "strength": -1.5, "layers": None, "vector": {"float32": "x" * 700}}
    length, tool, own, _ = run("/core/links.js", LINK, recipe | {"directions": [push]})
    assert (tool, own["named"]) == ("directions", [{"name": "weights 2", "strength": -1.5, "layers": None}])
    assert length < 160
    assert run("/core/links.js", LINK, {"latent": {"float32": "x"}, "psi": 1, "model": {"weights_sha256": "0"}}) is None
