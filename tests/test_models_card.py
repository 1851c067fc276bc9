"""The model card: use, data, licences, figures, and no markup from untrusted texts."""

from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from gan.config import ModelConfig
from gan.errors import HubError
from gan.models import model_card, read_config
from gan.sharing import push
from tests.loopback_hub import LoopbackHub

# The Hub's client passes its uploads to its HTTP library by a deprecated parameter.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def config_with(model: Path, **training: object) -> ModelConfig:
    config = read_config(model)
    return config.model_copy(update={"training": config.training.model_copy(update=training)})


def test_the_card_tells_use_data_figures_and_that_pictures_are_machine_made(model: Path) -> None:
    config = config_with(
        model,
        dataset="emoji",
        images=2251,
        images_seen=120_000,
        licence="Apache-2.0 (Google Inc.)",
        metrics={"diversity": 0.987654},
    )
    card = model_card(config, "ada/pets")
    front = yaml.safe_load(card.split("---")[1])
    assert front["license"] == "apache-2.0"
    assert front["library_name"] == "seedbed"
    assert {"gan", "seedbed", "unconditional-image-generation"} <= set(front["tags"])
    for words in (
        "gan.load('ada/pets')",
        "python -m gan generate --model",
        "2,251 pictures of the set emoji",
        "Apache-2.0 (Google Inc.)",
        "120,000",
        "| diversity | 0.9877 |",
        "cats, dogs",
        "machine-made",
        "preview.png",
    ):
        assert words in card


@pytest.mark.parametrize(
    ("licence", "known"),
    [
        (None, "unknown"),
        ("Apache-2.0", "apache-2.0"),
        ("CC BY-SA 3.0, LeCun et al.", "cc-by-sa-3.0"),
        ("CC BY-SA 3.00", "other"),
        ("mine", "other"),
        ("other\nlicense: mit", "other"),
    ],
)
def test_a_licence_is_named_as_the_hub_names_it(licence: str | None, known: str, model: Path) -> None:
    front = yaml.safe_load(model_card(config_with(model, licence=licence), "x").split("---")[1])
    assert front["license"] == known


def test_words_of_strangers_stay_words_in_the_card(model: Path) -> None:
    card = model_card(config_with(model, dataset="<script>\n# [x](http://evil)", metrics={"a|b": 1.0}), "x")
    assert "<script>" not in card.replace("\\<", "")
    assert "\\# \\[x\\](http://evil)" in card
    assert "| a\\|b | 1 |" in card


def test_a_card_of_ours_gets_the_new_name_and_one_by_hand_is_kept(server: LoopbackHub, model: Path) -> None:
    (model / "README.md").write_bytes(model_card(read_config(model), "mine").encode())
    push(model, "ada/pets")
    assert b"gan.load('ada/pets')" in server.repos["ada/pets"].files["README.md"]
    by_hand = b"---\nlicense: mit\ntags: [gan]\n---\nMy cats.\n"
    (model / "README.md").write_bytes(by_hand)
    push(model, "ada/pets")
    assert server.repos["ada/pets"].files["README.md"] == by_hand


def test_a_card_that_the_hub_refuses_is_said(server: LoopbackHub, model: Path) -> None:
    (model / "README.md").write_bytes(b"---\nlicense: nonsense\n---\n")
    with pytest.raises(HubError, match="refused ada/pets: front matter is not valid"):
        push(model, "ada/pets")


def test_the_card_of_a_fine_tuned_model_names_its_parents_licence_and_source(model: Path) -> None:
    config = config_with(model, parent="digits", licence="CC0-1.0; digits: CC-BY-SA-3.0 (MNIST)")
    card = model_card(config, "mine")
    assert yaml.safe_load(card.split("---")[1])["license"] == "other"
    assert "- Licence of the data: CC0-1.0." in card
    assert "fine-tuned from: digits: CC-BY-SA-3.0 (MNIST)." in card
    assert "- Fine-tuned from: digits." in card


def test_the_card_holds_no_control_or_direction_characters(model: Path) -> None:
    card = model_card(config_with(model, dataset="cats\u202e\x1b[31m", licence="\u2066mine"), "x")
    assert not set(card) & {"\u202e", "\x1b", "\u2066"}
