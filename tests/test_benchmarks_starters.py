"""Starters: what they are trained on, and what their card says."""

import zipfile
from pathlib import Path

import pytest

from benchmarks import starters
from gan.sampler import Model
from gan.trainer import train
from tests.tiny_runs import tiny_run
from tests.zips import encoded, noise, write_zip


def test_a_starter_of_some_classes_is_trained_on_their_folders_alone(tmp_path: Path) -> None:
    write_zip(tmp_path / "emoji.zip", {f"set/{folder}/a.png": encoded(noise(0)) for folder in ("people", "food", "hands")})
    path = starters.zip_of(starters.STARTERS["emoji"], tmp_path, tmp_path / "home")
    with zipfile.ZipFile(path) as chosen:
        assert chosen.namelist() == ["set/hands/a.png", "set/people/a.png"]
    assert starters.zip_of(starters.STARTERS["digits"], tmp_path, tmp_path / "home") == tmp_path / "digits.zip"


def test_a_starter_keeps_the_runs_weights_and_says_how_it_was_trained(home: Path, tmp_path: Path) -> None:
    run = tiny_run(home)
    assert train(run).state == "done"
    starters.keep("digits", run, {"diversity": 0.512345, "judge_frechet": 1.5}, tmp_path / "digits")
    kept, own = (Model.open(folder, "cpu") for folder in (tmp_path / "digits", run.model_folder))
    assert (kept.generate([0, 1]) == own.generate([0, 1])).all()
    assert kept.config.training.metrics == {"diversity": 0.5123}, "the judge is no part of the product"
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
