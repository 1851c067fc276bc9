"""An order: the single way from a source and choices to a run, for the command line, the page and tests."""

from pathlib import Path
from typing import Any

import pytest

from gan.config import parse_run
from gan.errors import ConfigError, DataError, RunError
from gan.order import Order, Parent, free_name
from gan.playing.shelf import Shelf
from gan.ui.train.form import make_order
from gan.ui.train.pictures import Dropped
from tests.test_ui import form
from tests.tiny_models import write_tiny_model
from tests.tiny_runs import FIXTURE, tiny_run
from tests.zips import pictures, write_zip


def ordered(**choices: Any) -> Order:
    return Order.of(**{"source": FIXTURE, "name": "pets", "size": 16, "images": 64, "device": "cpu"} | choices)


def test_an_order_becomes_a_run_that_waits_with_its_pictures_prepared(home: Path) -> None:
    run = ordered(objective="hinge", batch=16, seed=7, settings={"ema_ramp": 0.0}).create(home)
    config = parse_run(run.config)
    assert (config.objective, config.batch, config.seed, config.ema_ramp, config.images_total) == ("hinge", 16, 7, 0.0, 64)
    assert (home / "data" / config.dataset_hash).is_dir()
    assert run.status().images_total == 64


def test_without_a_size_the_pictures_decide_unless_somebody_has_looked(home: Path) -> None:
    checked: list[int] = []
    by_pictures = ordered(size=None).prepare(home, checking=lambda done, total: checked.append(done))
    assert by_pictures.resolution == 32
    assert checked
    assert ordered(size=None).prepare(home, suited=16, checking=lambda done, total: pytest.fail("looked again")).resolution == 16


def test_a_preset_or_a_parent_decides_the_size_without_a_look_at_the_pictures(home: Path, tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "parent")
    tuned = ordered(size=None, parent=Parent(name="mother", folder=tmp_path / "parent"))
    dataset = tuned.prepare(home, checking=lambda done, total: pytest.fail("looked at the pictures"))
    config = tuned.resolve(dataset)
    assert (dataset.resolution, config.parent, config.parent_folder) == (16, "mother", str(tmp_path / "parent"))
    assert ordered(size=None, preset="tutorial-mlp").prepare(home, suited=64).resolution == 28


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"size": 8}, "size is 8; it must be 16 … 512"),
        ({"minutes": 0.0}, "minutes is 0.0; it must be 0.01 … 100,000"),
        ({"seed": 2**32}, "seed is 4294967296; it must be 0 … 4,294,967,295"),
        ({"batch": 1}, "batch is 1; it must be 2 … 4,096"),
        ({"fit": "stretch"}, "fit is stretch"),
        ({"unheard_of": 1}, "unheard_of is 1"),
    ],
)
def test_a_choice_out_of_bounds_is_named_with_what_is_allowed(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ordered(**wrong)
    assert words in str(caught.value)


def test_a_name_that_is_taken_is_refused_before_pictures_are_prepared(home: Path, tmp_path: Path) -> None:
    tiny_run(home, "pets")
    with pytest.raises(RunError) as caught:
        ordered(source=tmp_path / "nothing.zip").create(home)
    assert caught.value.code == "run_exists"
    with pytest.raises(DataError):
        ordered(source=tmp_path / "nothing.zip", name="cats").create(home)
    assert not (home / "runs" / "cats").exists()


def test_pictures_can_be_padded_instead_of_cropped(home: Path, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "wide.zip", pictures(16))
    crop, pad = (ordered(source=path, fit=fit).prepare(home) for fit in ("crop", "pad"))
    assert crop.hash != pad.hash


def test_page_and_command_line_order_the_same_run(home: Path) -> None:
    shelf = Shelf(home)
    by_page = make_order(
        form(name=" pets ", side=0, minutes=3.0, network="mlp", discriminator="both"), Dropped(str(FIXTURE), "emoji32", 16), shelf
    )
    by_hand = ordered(size=None, images=None, minutes=3.0, network="mlp", discriminator="both", preset="quick", device=None)
    by_page_config, by_hand_config = (each.resolve(each.prepare(home, suited=28)) for each in (by_page, by_hand))
    assert by_page.name == "pets"
    assert by_page_config == by_hand_config


def test_a_run_is_named_after_its_zip_and_never_twice(home: Path) -> None:
    assert free_name(home, "my pets (2)") == "my-pets-2"
    assert free_name(home, "猫") == "run"
    tiny_run(home, "pets")
    assert free_name(home, "pets") == "pets-2"
