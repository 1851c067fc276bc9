"""The Create tab: a model, seeds, variety, a class; a wall of pictures."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

import gradio as gr

from gan.errors import GanError
from gan.images import encode_png
from gan.sampler import Model, parse_seeds
from gan.ui.language import Language, error_sentence, language_of, number, say, text
from gan.ui.parts import html
from gan.ui.shelf import Shelf
from gan.ui.spoken import spoken
from gan.ui.wall import Tile, empty_wall, wall, wall_html

FIRST_SEEDS = "0-7"
PSI = 0.7
MOST_PICTURES = 64
RANDOM_BELOW = 1_000_000  # short enough to read, remember and type


class Look(NamedTuple):
    """What one meets first: the models and the classes to choose from, the wall's content, and whose weights made it."""

    models: list[tuple[str, str]]
    classes: list[tuple[str, str]]
    pictures: str
    weights_sha256: str | None


@dataclass(frozen=True)
class CreateTab:
    """What other tabs and the page need of this one."""

    model: gr.Dropdown
    seeds: gr.Textbox
    psi: gr.Slider
    class_name: gr.Dropdown
    note: gr.HTML
    pictures: gr.HTML
    shelf: Shelf
    sent: Look  # what the page is sent with, in English

    @property
    def controls(self) -> list[gr.components.Component]:
        """What decides the pictures."""
        return [self.model, self.seeds, self.psi, self.class_name]

    @property
    def outputs(self) -> list[gr.components.Component]:
        """What `show` speaks of."""
        return [*self.controls, self.note, self.pictures]

    def refresh(self, key: str | None, request: gr.Request) -> Any:
        """The list of models, which grows while trainings go on."""
        choices = self.shelf.choices(language_of(request))
        return gr.update(choices=choices) if key in [each for _, each in choices] else gr.update(choices=choices, value=None)

    def show(self, key: str | None, language: Language) -> tuple[Any, ...]:
        """Values of `outputs` for a model as one first meets it."""
        look = first_look(self.shelf, key, language)
        classes = gr.update(choices=look.classes, value="", visible=len(look.classes) > 1)
        return gr.update(choices=look.models, value=key), FIRST_SEEDS, PSI, classes, note_update(None), look.pictures


def first_look(shelf: Shelf, key: str | None, language: Language) -> Look:
    """The first pictures of a model, or what there is to say where there is none. Raises GanError."""
    models = shelf.choices(language)
    if key is None:
        return Look(models, class_choices((), language), no_model_html(language), None)
    model = shelf.open(key)
    classes = class_choices(model.config.classes, language)
    pictures = pictures_html(model, FIRST_SEEDS, PSI, "", language)
    return Look(models, classes, pictures, model.config.weights_sha256)


def create_tab(shelf: Shelf, page: gr.Blocks, own: gr.Tab) -> CreateTab:
    """Build the tab inside `own`. The page is sent with its first pictures, in English; the visitor's language follows."""
    key = shelf.first_key()
    try:
        look = first_look(shelf, key, "en")
    except GanError:  # who opens the page is told
        look = Look(shelf.choices("en"), class_choices((), "en"), empty_wall(8), None)
    with gr.Row(elem_classes="view"):
        with gr.Column(elem_classes="controls", min_width=240):
            model = gr.Dropdown(look.models, value=key, label=text("create_model"), filterable=True, elem_id="model")
            with gr.Row(elem_classes="field-with-button"):
                seeds = gr.Textbox(
                    FIRST_SEEDS, label=text("create_seeds"), info=text("create_seeds_info"), max_lines=1, elem_id="seeds"
                )
                dice = gr.Button(text("create_dice"), elem_id="dice", elem_classes="dice", min_width=44)
            note = html(elem_id="seeds-note", visible=False)
            psi = gr.Slider(
                0, 1.5, PSI, step=0.05, label=text("create_psi"), info=text("create_psi_info"), buttons=["reset"], elem_id="psi"
            )
            class_name = gr.Dropdown(
                look.classes, value="", label=text("create_class"), visible=len(look.classes) > 1, elem_id="class"
            )
            go = gr.Button(text("create_go"), variant="primary", size="lg", elem_id="generate", elem_classes="main-action")
        with gr.Column(elem_classes="stage", min_width=320):
            pictures = wall(look.pictures)
    tab = CreateTab(model, seeds, psi, class_name, note, pictures, shelf, look)
    _connect(tab, page, go, dice)
    own.select(tab.refresh, tab.model, tab.model, queue=False, show_progress="hidden", api_visibility="private")
    return tab


def _connect(tab: CreateTab, page: gr.Blocks, go: gr.Button, dice: gr.Button) -> None:

    @spoken
    def generate(key: str | None, seeds: str, psi: float, class_name: str, request: gr.Request) -> tuple[Any, Any]:
        language = language_of(request)
        if key is None:
            return note_update(None), no_model_html(language)
        problem = seeds_problem(seeds, language)
        if problem is not None:
            return note_update(problem), gr.skip()
        return note_update(None), pictures_html(tab.shelf.open(key), seeds, psi, class_name, language)

    @spoken
    def arrive(key: str | None, seeds: str, psi: float, class_name: str, request: gr.Request) -> tuple[Any, ...]:
        language = language_of(request)
        models = tab.shelf.choices(language)
        if key not in [each for _, each in models]:  # the page was built before it went, or before there was any
            return tab.show(tab.shelf.first_key(), language)
        model = tab.shelf.open(key).config
        there = language == "en" and model.weights_sha256 == tab.sent.weights_sha256
        pictures = (gr.skip(), gr.skip()) if there else generate(key, seeds, psi, class_name, request)
        classes = gr.update(choices=class_choices(model.classes, language))
        return gr.update(choices=models), gr.skip(), gr.skip(), classes, *pictures

    @spoken
    def roll(key: str | None, seeds: str, psi: float, class_name: str, request: gr.Request) -> tuple[Any, ...]:
        rolled = ", ".join(map(str, random_seeds(seeds)))
        return rolled, *generate(key, rolled, psi, class_name, request)

    @spoken
    def change_model(key: str, seeds: str, psi: float, request: gr.Request) -> tuple[Any, ...]:
        choices = class_choices(tab.shelf.open(key).config.classes, language_of(request))
        classes = gr.update(choices=choices, value="", visible=len(choices) > 1)
        return classes, *generate(key, seeds, psi, "", request)

    shared: dict[str, Any] = {"concurrency_id": "device", "show_progress": "hidden", "api_visibility": "private"}
    result = [tab.note, tab.pictures]
    triggers = [go.click, tab.seeds.submit, tab.psi.release, tab.class_name.input]
    quiet: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    page.load(arrive, tab.controls, tab.outputs, **quiet)
    gr.on(triggers, generate, tab.controls, result, trigger_mode="always_last", **shared)
    dice.click(roll, tab.controls, [tab.seeds, *result], **shared)
    chosen = [tab.model, tab.seeds, tab.psi]
    tab.model.input(change_model, chosen, [tab.class_name, *result], trigger_mode="always_last", **shared)


def seeds_problem(seeds: str, language: Language) -> str | None:
    """Why the seeds cannot be read, or not be shown on one page."""
    try:
        count = len(parse_seeds(seeds))
    except GanError as error:
        return error_sentence(language, error)
    return say(language, "create_too_many", found=number(count), most=MOST_PICTURES) if count > MOST_PICTURES else None


def note_update(words: str | None) -> dict[str, Any]:
    """The note under the seeds; it takes room only where there is something to say."""
    return gr.update(value=f'<p class="trouble" role="alert">{escape(words or "")}</p>', visible=words is not None)


def random_seeds(replaced: str) -> list[int]:
    """As many fresh seeds as there are now, or eight."""
    try:
        count = min(len(parse_seeds(replaced)), MOST_PICTURES)
    except GanError:
        count = 8
    return sorted(random.sample(range(RANDOM_BELOW), count))


def class_choices(classes: Sequence[str], language: Language) -> list[tuple[str, str]]:
    """(label, class) of a model's classes, after leaving it to the seed."""
    return [(say(language, "create_any_class"), ""), *((name, name) for name in classes)]


def no_model_html(language: Language) -> str:
    """What the wall says where there is no model at all."""
    return f'<p class="empty">{say(language, "create_no_model")}</p>'


def pictures_html(model: Model, seeds: str, psi: float, class_name: str, language: Language) -> str:
    """The wall of a model's pictures, each with its recipe inside."""
    numbers = parse_seeds(seeds)
    made = model.generate(numbers, psi=psi, class_name=class_name or None)
    stem = model.name.replace("/", "-")
    tiles = []
    for seed, picture in zip(numbers, made, strict=True):
        recipe = model.recipe(seed, psi, class_name or None).as_json()
        alt = say(language, "create_alt", seed=seed, model=model.name)
        tiles.append(Tile(encode_png(picture, recipe), str(seed), recipe["class"] or "", alt, f"{stem}-{seed}.png"))
    return wall_html(tiles, language)
