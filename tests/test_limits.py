"""Defaults and bounds are defined once, and the browser receives those it needs."""

import inspect
import json
import re
from pathlib import Path

from gan import limits
from gan.bulk import write_seeds
from gan.playing.studio import Taste
from gan.recipes import Start
from gan.sampler import Model, explore

PACKAGE = Path(limits.__file__).parent


def test_every_place_that_makes_pictures_takes_the_same_truncation_unless_told_otherwise() -> None:
    assert Taste(model="any").psi == Start(seed=0).psi == limits.PSI
    for make in (Model.generate, Model.generate_batches, Model.generate_from_z, Model.recipe, explore, write_seeds):
        assert inspect.signature(make).parameters["psi"].default == limits.PSI, make


def test_no_other_module_writes_the_default_truncation_or_the_highest_seed_again() -> None:
    again = re.compile(r"psi\w*(: float( \| None)?)? ?= ?0\.7\b|2 ?\*\* ?32 - 1\b|\b4_?294_?967_?295\b|Field\(0\.7,")
    for path in PACKAGE.rglob("*.py"):
        code = [line.split("#")[0] for line in path.read_text(encoding="utf-8").splitlines()]
        found = [line for line in code if again.search(line) and not re.search(r"generate\(|…", line)]
        assert path.name == "limits.py" or not found, f"{path}: {found}"


def test_the_browser_is_sent_plain_numbers() -> None:
    sent = limits.for_browser()
    assert json.loads(json.dumps(sent)) == sent
    assert (sent["psi"], sent["maxSeed"], sent["mostPictures"]) == (limits.PSI, limits.MAX_SEED, limits.MOST_PICTURES)
    assert sent["maxDroppedBytes"] == limits.MAX_DROPPED_BYTES
