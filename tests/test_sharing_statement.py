"""The owner's statement on the training pictures: in the shared copy, in its card, and never replacing an ancestor's licence."""

from pathlib import Path

import pytest

from gan.config import with_inherited
from gan.models import model_card, pull, read_config
from gan.models.folder import CARD, CONFIG
from gan.sharing import Statement, copy_stated, push, restate
from tests.loopback_hub import LoopbackHub

# The Hub's client passes its uploads to its HTTP library by a deprecated parameter.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

OWN = Statement("photographs by Ada", "CC BY 4.0")


def test_a_statement_goes_into_the_config_and_the_generated_card(model: Path) -> None:
    (model / CARD).write_text(model_card(read_config(model), "mine"), encoding="utf-8")
    stated = restate(model, OWN)
    assert stated == read_config(model)
    assert (stated.training.dataset, stated.training.licence) == ("photographs by Ada", "CC BY 4.0")
    card = (model / CARD).read_text(encoding="utf-8")
    assert card.startswith("---\nlicense: cc-by-4.0\n")
    assert "photographs by Ada" in card
    assert Statement.of(stated) == OWN


def test_a_card_that_a_person_wrote_stays_as_it_is(model: Path) -> None:
    (model / CARD).write_text("# Mine", encoding="utf-8")
    restate(model, OWN)
    assert (model / CARD).read_text(encoding="utf-8") == "# Mine"


def test_the_licences_of_ancestors_cannot_be_stated_away(model: Path) -> None:
    config = read_config(model)
    licence = with_inherited(None, ["digits: CC-BY-SA-3.0 (MNIST)"])
    training = config.training.model_copy(update={"licence": licence})
    (model / CONFIG).write_text(config.model_copy(update={"training": training}).model_dump_json(), encoding="utf-8")
    assert restate(model, OWN).training.licence == "CC BY 4.0; digits: CC-BY-SA-3.0 (MNIST)"
    assert restate(model, Statement()).training.licence == "–; digits: CC-BY-SA-3.0 (MNIST)"


def test_a_copy_carries_the_statement_and_the_name_and_the_model_stays_as_it_was(model: Path, tmp_path: Path) -> None:
    before = (model / CONFIG).read_bytes()
    copy = copy_stated(model, tmp_path / "home", OWN)
    assert copy.name == "mine"
    assert read_config(copy).training.licence == "CC BY 4.0"
    assert (model / CONFIG).read_bytes() == before


def test_a_push_carries_the_statement_and_the_same_again_changes_nothing(server: LoopbackHub, model: Path, home: Path) -> None:
    assert push(model, "ada/pets", statement=OWN).changed
    assert not push(model, "ada/pets", statement=OWN).changed
    assert read_config(pull("ada/pets", home)).training.dataset == "photographs by Ada"
    assert b"Licence of the data: CC BY 4.0." in server.repos["ada/pets"].files["README.md"]
