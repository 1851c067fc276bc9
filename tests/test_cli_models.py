"""`models list`, `add`, `export`, `rename`, `remove` and `restore`: their output, and a model that goes from home to home."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan.cli import main
from gan.sampler import Model


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, Any, str]:
    """Return exit status, the JSON object on stdout, and stderr."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main([*map(str, arguments), "--json"])
    written = capsys.readouterr()
    return int(ended.value.code or 0), json.loads(written.out), written.err


def test_every_model_is_listed_with_its_kind_size_and_classes(
    capsys: pytest.CaptureFixture[str], model: Path, home: Path
) -> None:
    shutil.copytree(model, home / "models" / "pets")
    shutil.copytree(model, home / "models" / "broken")
    (home / "models" / "broken" / "config.json").write_text("{")
    status, values, _ = said(capsys, "models", "list", "--home", home)
    rows = {row["name"]: row for row in values["models"]}
    assert status == 0
    assert rows.keys() >= {"pets", "broken", "emoji", "digits"}
    assert (rows["pets"]["kind"], rows["pets"]["classes"], rows["digits"]["kind"]) == ("kept", ["cats", "dogs"], "starter")
    assert rows["pets"]["bytes"] == sum(path.stat().st_size for path in model.iterdir())
    assert "damaged" in rows["broken"]["error"]
    with pytest.raises(SystemExit):
        main(["models", "list", "--home", str(home)])
    assert "2 classes: cats, dogs" in capsys.readouterr().out


def test_a_model_goes_from_one_home_to_another_as_a_zip_and_is_removed(
    capsys: pytest.CaptureFixture[str], model: Path, home: Path, tmp_path: Path
) -> None:
    target = tmp_path / "pets.zip"
    status, values, _ = said(capsys, "models", "export", model, target, "--home", home)
    assert (status, values) == (0, {"file": str(target), "bytes": target.stat().st_size})
    status, values, _ = said(capsys, "models", "add", target, "--name", "gift", "--home", tmp_path / "other")
    assert (status, values["model"]) == (0, "gift")
    kept = Path(values["folder"])
    assert np.array_equal(Model.open(kept, "cpu").generate([4]), Model.open(model, "cpu").generate([4]))
    status, values, _ = said(capsys, "models", "remove", "gift", "--home", tmp_path / "other")
    assert status == 0
    assert not kept.exists()
    assert (Path(values["trash"]) / "gift" / "config.json").is_file()
    status, values, _ = said(capsys, "models", "restore", values["trash"], "--home", tmp_path / "other")
    assert (status, values, kept.is_dir()) == (0, {"model": "gift"}, True)
    status, values, _ = said(capsys, "models", "rename", "gift", "present", "--home", tmp_path / "other")
    assert (status, values) == (0, {"model": "present", "before": "gift"})
    status, values, error = said(capsys, "models", "remove", "gift", "--home", tmp_path / "other")
    assert (status, values["code"], error.count("\n")) == (1, "model_not_found", 1)
