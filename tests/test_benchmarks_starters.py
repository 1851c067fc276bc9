"""Starters: their training sets, and their cards."""

import zipfile
from pathlib import Path

import pytest
import torch

from benchmarks import starters
from benchmarks.judge import Classifier, Judge
from gan import data
from gan.models import read_discriminator
from gan.sampler import Model
from gan.training import train
from tests.tiny_models import write_tiny_model
from tests.tiny_runs import FIXTURE, tiny_run
from tests.zips import encoded, noise, write_zip


def small_judge() -> Judge:
    torch.manual_seed(0)
    return Judge(Classifier(2, (8, 8, 8, 8, 8)), "0" * 64)


def test_a_starter_of_some_classes_is_trained_on_their_folders_and_those_it_gives_up(tmp_path: Path) -> None:
    folders = ("people", "food", "hands", "travel")
    write_zip(tmp_path / "emoji.zip", {f"set/{folder}/a.png": encoded(noise(0)) for folder in folders})
    with zipfile.ZipFile(starters.zip_of(starters.STARTERS["emoji"], tmp_path, tmp_path / "home")) as chosen:
        assert chosen.namelist() == ["set/food/a.png", "set/hands/a.png", "set/people/a.png"]
    assert starters.zip_of(starters.STARTERS["digits"], tmp_path, tmp_path / "home") == tmp_path / "digits.zip"


def test_it_is_measured_by_the_pictures_of_its_classes_alone(home: Path) -> None:
    whole = data.prepare(FIXTURE, home=home, size=16)
    part = starters.restrict(whole, ("smileys", "animals"))
    assert part.classes == ["smileys", "animals"]
    for before, after in ((whole.train_indices, part.train_indices), (whole.held_out_indices, part.held_out_indices)):
        names = [whole.classes[label] for label in whole.labels[before]]
        assert [part.classes[label] for label in part.labels[after]] == [name for name in names if name != "food"]
    assert starters.restrict(whole, ()) is whole


def test_a_model_that_gives_up_a_class_draws_the_others_as_before(tmp_path: Path) -> None:
    write_tiny_model(tmp_path, classes=("a", "b", "c"), discriminator=True)
    whole = Model.open(tmp_path, "cpu")
    config, generator, discriminator = starters.give_up(("b",), tmp_path)
    assert config.classes == ("a", "c")
    part = Model(config, generator, tmp_path, "cpu")
    for name in config.classes:
        assert (part.generate([0, 1], psi=0.5, class_name=name) == whole.generate([0, 1], psi=0.5, class_name=name)).all()
    assert (part.generate([0], class_name="a") != part.generate([0], class_name="c")).any()
    pictures = torch.randn(2, config.channels, config.resolution, config.resolution)
    before, after = read_discriminator(tmp_path), discriminator
    assert before is not None
    with torch.no_grad():
        expected = before(pictures, torch.tensor([2, 2]))
        assert torch.equal(after(pictures, torch.tensor([1, 1])), expected)
    for names in (("d",), ("a", "b")):
        with pytest.raises(ValueError, match="cannot give up"):
            starters.give_up(names, tmp_path)


def test_a_starter_keeps_the_runs_weights_and_says_how_it_was_trained(home: Path, tmp_path: Path) -> None:
    run = tiny_run(home)
    assert train(run).state == "done"
    figures = starters.keep(
        "digits", run, data.open_dataset(home, run.config["dataset_hash"]), tmp_path / "digits", small_judge()
    )
    kept, own = (Model.open(folder, "cpu") for folder in (tmp_path / "digits", run.model_folder))
    assert (kept.generate([0, 1]) == own.generate([0, 1])).all()
    assert kept.config.training.metrics["diversity"] == round(figures["diversity"], 4)
    assert figures.keys() - kept.config.training.metrics.keys() == {"judge_frechet"}, "the judge is no part of the product"
    assert kept.config.training.licence == starters.STARTERS["digits"].licence
    card = (tmp_path / "digits" / "README.md").read_text(encoding="utf-8")
    assert card.index("# digits") < card.index("## How it was trained") < card.index("## Limits")
    assert "preset `good`" in card
    assert (tmp_path / "digits" / "discriminator.safetensors").is_file(), "it can be fine-tuned"


def test_an_unknown_starter_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["starters", "cats", "--data", "."])
    with pytest.raises(SystemExit):
        starters.main()
    assert "emoji" in capsys.readouterr().err
