"""The published page on a plain file server in Chromium: its pictures equal Python's, and it requests no other host."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from gan.directions import factorise
from gan.models import write_directions
from gan.models.finding import starters_folder
from gan.sampler import Model, breed
from gan.words import CREATE
from tests.browser.static_pages import (
    DRAWING_MILLISECONDS,
    LARGEST_DIFFERENCE,
    Open,
    Published,
    check_against_python,
    check_seeds,
    pixels,
    published,
    recipe_in,
    served,
    settled,
    shown,
    visitor,
)
from tests.browser.test_keyboard import check_keyboard
from tests.tiny_models import write_tiny_model

ODD_SEEDS = "0-3,70,4294967295,31337"
# Contrast of every text with its background (WCAG 2, relative luminance), the worst first.
CONTRASTS = """
() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, index) => sum + v * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  return [...document.querySelectorAll("#page *")].filter((element) => element.offsetParent && own(element)).map((element) => {
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
    return [(one + 0.05) / (other + 0.05), element.textContent.trim().slice(0, 40)];
  }).sort(([a], [b]) => a - b);
}
"""
# Visible controls without a name.
NAMELESS = """
() => [...document.querySelectorAll("#page :is(button, input, select, a, [role=slider])")]
  .filter((each) => each.offsetParent && !each.ariaLabel && !each.labels?.length && !each.textContent.trim())
  .map((each) => each.outerHTML)
"""


@pytest.fixture(scope="module", params=["emoji", "dcgan", "mlp"])
def any_page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Return the page of a starter, or of a tiny model of each other family: with classes and grey, and without classes."""
    place = tmp_path_factory.mktemp(request.param)
    if request.param == "emoji":
        return published(starters_folder() / request.param, place / "page")
    classes = ("cats & dogs", "猫") if request.param == "dcgan" else ()
    channels = 1 if classes else 3
    write_tiny_model(place / request.param, family=request.param, classes=classes, channels=channels, discriminator=False)
    return published(place / request.param, place / "page")


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Return the page of a tiny model with all features: classes, layers, directions."""
    place = tmp_path_factory.mktemp("twins")
    write_tiny_model(place / "twins", classes=("cats", "dogs"), discriminator=False)
    model = Model.open(place / "twins", "cpu")
    write_directions(model, factorise(model, 2))
    return published(place / "twins", place / "page")


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    with visitor(browser) as visit:
        yield visit


def test_any_seed_variety_and_class_gives_pythons_picture(any_page: Published, visit: Open) -> None:
    model, folder = any_page
    asked: list[tuple[str, float, str | None]] = [(ODD_SEEDS, 0.7, None), ("5-6", 1.0, None), ("8", 0.0, None), ("9", -1.0, None)]
    asked += [("7,12", 0.45, name) for name in model.config.classes[:2]]
    with served(folder) as url:
        page = visit(f"{url}#seeds={ODD_SEEDS}&psi=0.7")
        for seeds, psi, name in asked:
            chosen = f"&class={quote(name)}" if name else ""
            page.evaluate("(hash) => { location.hash = hash; }", f"seeds={seeds}&psi={psi}{chosen}")
            page.wait_for_function(
                "(seed) => document.querySelector('img[data-seed]')?.dataset.seed === seed", arg=seeds.split("-")[0].split(",")[0]
            )
            settled(page)
            check_seeds(page, model, psi, name)


@pytest.mark.parametrize("any_page", ["emoji"], indirect=True)
def test_a_starters_classes_are_named_in_the_visitors_language(any_page: Published, visit: Open) -> None:
    named = CREATE["zh"]["create_class_name_people"]
    with served(any_page[1]) as url:
        page = visit(f"{url}#seeds=0&class=people", locale="zh-CN")
        settled(page)
        expect(page.locator("#class option:checked")).to_have_text(named)
        expect(page.locator("figcaption").first).to_contain_text(named)


def test_explore_mix_morph_and_directions_make_what_their_recipes_say(twins: Published, visit: Open) -> None:
    model, folder = twins
    with served(folder) as url:
        page = visit(f"{url}#tool=explore&x=0.25&y=-1.5")
        settled(page)
        ((_, png),) = shown(page, ".hero img")
        assert recipe_in(png).latent is not None
        check_against_python(model, [png])
        page.get_by_role("tab", name="Mix", exact=True).click()
        page.wait_for_selector("#mix [role=cell] img[src]")
        settled(page)
        mixed = [png for _, png in shown(page, "#mix [role=cell] img")]
        assert len(mixed) == 12
        assert all(recipe_in(png).mix for png in mixed)
        check_against_python(model, mixed)
        page.get_by_role("tab", name="Morph", exact=True).click()
        settled(page)
        page.locator("#position").fill("15")
        ((_, png),) = shown(page, ".film img")
        assert recipe_in(png).latent is not None
        check_against_python(model, [png])
        page.get_by_role("tab", name="Directions", exact=True).click()
        page.wait_for_selector("#panel-directions img[src]")
        page.locator("#direction-0").fill("-1.5")
        expect(page).to_have_url(re.compile("pushes=0:-1.5"))
        settled(page)
        ((_, png),) = shown(page, "#panel-directions img")
        assert [push.strength for push in recipe_in(png).directions] == [-1.5]
        check_against_python(model, [png])


def test_children_of_marked_pictures_are_the_children_that_python_makes(any_page: Published, visit: Open) -> None:
    model, folder = any_page
    with served(folder) as url:
        page = visit(f"{url}#tool=breed&psi=0.8")
        settled(page)
        parents = [recipe_in(png) for _, png in shown(page, "#breed-wall img")]
        assert parents[2] == model.recipe(parents[2].seed, 0.8)
        for generation, mutation in ((1, 0.2), (2, 0.65)):
            page.locator("#mutation").fill(str(mutation))
            for number in (2, 5, 7):
                page.locator("#breed-wall button").nth(number).click()
            page.locator("#breed").click()
            expect(page.locator(".heading")).to_contain_text(f"Generation {generation}", timeout=DRAWING_MILLISECONDS)
            settled(page)
            pngs = [png for _, png in shown(page, "#breed-wall img")]
            lineage = recipe_in(pngs[0]).lineage
            assert lineage is not None
            assert (lineage.tool, lineage.settings["mutation"]) == ("breed", mutation)
            children = breed(model, [parents[number] for number in (2, 5, 7)], int(lineage.settings["seed"]), 8, mutation)
            difference = np.stack([pixels(png) for png in pngs]).astype(int) - model.render(children)
            assert np.abs(difference).max() <= LARGEST_DIFFERENCE
            parents = [recipe_in(png) for png in pngs]
            assert [each.class_name for each in parents] == [child.class_name for child in children]


def test_variations_of_a_picture_stand_beside_it_and_carry_their_recipes(twins: Published, visit: Open) -> None:
    model, folder = twins
    with served(folder) as url:
        page = visit(f"{url}#seeds=5-6")
        settled(page)
        page.get_by_role("button", name="Enlarge").first.click()
        page.get_by_role("button", name="Variations of it").click()
        page.wait_for_selector("#wall .tile:nth-child(8) img[src]")
        settled(page)
        pngs = [png for _, png in shown(page, "#wall img")]
        assert [recipe_in(png).seed for png in pngs] == [None] * 7 + [5]
        assert {recipe.lineage.tool for png in pngs if (recipe := recipe_in(png)).lineage} == {"variation"}
        check_against_python(model, pngs)


def test_a_film_is_saved_as_an_animated_png_that_loops(twins: Published, visit: Open) -> None:
    _, folder = twins
    with served(folder) as url:
        page = visit(f"{url}#tool=morph&a=3&b=4")
        settled(page)
        with page.expect_download() as saved:
            page.locator("#film").click()
        with Image.open(saved.value.path()) as film:
            assert (film.format, getattr(film, "n_frames", 1)) == ("PNG", 62)
        page.get_by_role("button", name="Play").click()
        expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_a_saved_picture_brings_its_seed_and_settings_back_and_a_strangers_is_refused(
    twins: Published, visit: Open, tmp_path: Path
) -> None:
    _, folder = twins
    with served(folder) as url:
        page = visit(f"{url}#seeds=42&psi=0.3&class=dogs")
        settled(page)
        ((_, png),) = shown(page, "img[data-seed]")
        page.evaluate("location.hash = 'seeds=1-2&psi=0.7'")
        page.wait_for_selector("img[data-seed='2']")
        chooser = page.locator("input[type=file]")
        chooser.set_input_files({"name": "kept.png", "mimeType": "image/png", "buffer": png})
        page.wait_for_selector("img[data-seed='42']")
        settled(page)
        expect(page.get_by_label("Class", exact=True)).to_have_value("dogs")
        assert shown(page, "img[data-seed]") == [("42", png)]
        page.evaluate("location.hash = 'tool=mix'")
        page.wait_for_selector("#mix [role=cell] img[src]")
        mixed = shown(page, "#mix [role=cell] img")[0][1]
        chooser.set_input_files({"name": "mixed.png", "mimeType": "image/png", "buffer": mixed})
        page.wait_for_selector("#wall .tile:first-child img:not([data-seed])[src]")
        settled(page)
        assert pixels(shown(page, "#wall img")[0][1]).tolist() == pixels(mixed).tolist()
        write_tiny_model(tmp_path / "stranger", seed=1, discriminator=False)
        (other,) = Model.open(tmp_path / "stranger", "cpu").generate([0])
        file = io.BytesIO()
        Image.fromarray(other).save(file, "PNG")
        for content, words in {file.getvalue(): "carries no recipe", b"GIF89a": "is not a PNG"}.items():
            chooser.set_input_files({"name": "other.png", "mimeType": "image/png", "buffer": content})
            expect(page.get_by_role("alert")).to_contain_text(words)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("seeds=cats", "is not a list of at most"),
        ("seeds=4294967296", "is not a list of at most"),
        ("seeds=1&psi=9", "is not a valid variety"),
        ("seeds=1&psi=much", "is not a valid variety"),
        ("seeds=1&class=birds", "has no class birds"),
        ("tool=morph&a=-1", "is not a seed"),
    ],
)
def test_an_address_that_asks_for_what_is_not_there_gets_a_sentence(
    twins: Published, visit: Open, address: str, words: str
) -> None:
    with served(twins[1]) as url:
        page = visit(f"{url}#{address}")
        settled(page, "error")
        expect(page.get_by_role("alert")).to_contain_text(words)


def test_the_page_works_offline_after_the_first_visit(twins: Published, visit: Open) -> None:
    with served(twins[1]) as url:
        page = visit(f"{url}#seeds=0-1")
        settled(page)
        page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.reload()
    page.wait_for_selector("img[data-seed='1']", timeout=DRAWING_MILLISECONDS)
    settled(page)
    check_against_python(twins[0], [png for _, png in shown(page, "img[data-seed]")])


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize(("locale", "scheme", "words"), [("en-US", "light", "Random seeds"), ("zh-CN", "dark", "随机种子")])
def test_the_page_can_be_read_and_reached_at_every_size(
    twins: Published, visit: Open, width: int, locale: str, scheme: str, words: str
) -> None:
    with served(twins[1]) as url:
        page = visit(f"{url}#seeds=0-3", locale=locale, color_scheme=scheme, viewport={"width": width, "height": 844})
        settled(page)
        expect(page.locator("#dice")).to_contain_text(words)
        expect(page.locator("footer")).to_contain_text("twins")
        for tool in ("pictures", "explore", "morph", "mix", "breed", "directions"):
            page.locator(f"#tab-{tool}").press("Enter")
            expect(page.locator(f"#tab-{tool}")).to_have_attribute("aria-selected", "true")
            settled(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            ratio, text = page.evaluate(CONTRASTS)[0]
            assert ratio >= 4.5, text
            assert page.evaluate(NAMELESS) == []
        page.locator("#language").click()
        expect(page.locator("#dice")).not_to_contain_text(words)


def test_the_keyboard_reaches_and_shows_every_control(twins: Published, visit: Open) -> None:
    with served(twins[1]) as url:
        page = visit(f"{url}#seeds=0-3", color_scheme="light")
        settled(page)
        for tab in page.get_by_role("tab").all():
            tab.click()
            settled(page)
            check_keyboard(page)
        page.locator("#tab-pictures").click()
        settled(page)
        page.get_by_role("button", name="Enlarge").first.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Enlarge").first).to_be_focused()
