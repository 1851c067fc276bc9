"""The examples run as written."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.images import read_recipe
from tests.test_layers import ROOT

EXAMPLES = ROOT / "examples"
OUTPUTS = {"generate": "pictures", "morph": "film.mp4", "mix": "sheet.png", "directions": "sheet.png", "project": "nearest.png"}


def test_every_script_has_its_output_listed_here() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(OUTPUTS)


@pytest.mark.parametrize("name", [name for name in OUTPUTS if name != "project"])
def test_a_script_writes_what_it_says(name: str, tmp_path: Path) -> None:
    target = tmp_path / OUTPUTS[name]
    runpy.run_path(str(EXAMPLES / f"{name}.py"))["main"]("emoji", str(target))
    if name == "generate":
        recipes = [read_recipe(target / f"{seed}.png") or {} for seed in range(8)]
        assert [recipe["seed"] for recipe in recipes] == list(range(8))
    elif target.suffix == ".png":
        assert np.asarray(Image.open(target)).std() > 10
    else:
        assert target.stat().st_size > 10_000


def test_the_nearest_picture_to_a_picture_of_the_model_is_close_to_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / "generate.py"))["main"]("emoji", str(tmp_path))
    runpy.run_path(str(EXAMPLES / "project.py"))["main"]("emoji", str(tmp_path / "4.png"), str(tmp_path / "nearest.png"))
    assert "seedbed" in Image.open(tmp_path / "nearest.png").text  # type: ignore[attr-defined]
    assert float(capsys.readouterr().out.split()[1]) < 0.2


def test_the_notebook_trains_and_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = json.loads((EXAMPLES / "first_steps.ipynb").read_text(encoding="utf-8"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    names: dict[str, object] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [], "commit the notebook without outputs"
            exec("".join(cell["source"]).replace("images = 2_000", "images = 64"), names)
    assert np.asarray(Image.open(tmp_path / "first-steps" / "grid.png")).std() > 1
    assert (tmp_path / "first-steps" / "morph.png").is_file()
