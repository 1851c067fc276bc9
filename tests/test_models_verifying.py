"""Values are checked as well as shapes: weights that are not finite or absurd, and names with characters that change the text
around them.
"""

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from gan.errors import CheckpointError, HubError
from gan.limits import MAX_WEIGHT
from gan.models import CONFIG, DISCRIMINATOR, WEIGHTS, pull, read_discriminator, read_generator, verify
from gan.models.folder import check_values
from gan.words import printable
from tests.loopback_hub import LoopbackHub
from tests.offered_models import offered

ABSURD = [float("nan"), float("inf"), float("-inf"), 2 * MAX_WEIGHT, -3e38]


def poison(folder: Path, value: float, file: str = WEIGHTS) -> None:
    """Give one weight a value, and the config the new hash."""
    tensors = safetensors.torch.load_file(folder / file)
    name = next(name for name, tensor in tensors.items() if tensor.is_floating_point() and tensor.ndim > 1)
    tensors[name].view(-1)[-1] = value
    content = safetensors.torch.save(tensors)
    (folder / file).write_bytes(content)
    if file == WEIGHTS:
        edit(folder, weights_sha256=hashlib.sha256(content).hexdigest())


def edit(folder: Path, **changes: Any) -> None:
    values = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    (folder / CONFIG).write_text(json.dumps(values | changes), encoding="utf-8")


@pytest.mark.parametrize("value", ABSURD)
def test_weights_that_no_training_makes_are_refused(model: Path, value: float) -> None:
    poison(model, value)
    with pytest.raises(CheckpointError, match="weights are finite and at most 1,000,000") as caught:
        read_generator(model)
    assert caught.value.code == "weights_absurd"


def test_the_largest_weight_that_is_allowed_is_read(model: Path) -> None:
    poison(model, MAX_WEIGHT)
    _, generator = read_generator(model)
    assert max(float(tensor.abs().max()) for tensor in generator.state_dict().values()) == MAX_WEIGHT


def test_a_discriminator_of_nan_is_refused_too(model: Path) -> None:
    poison(model, float("nan"), DISCRIMINATOR)
    with pytest.raises(CheckpointError, match="nan"):
        read_discriminator(model)
    read_generator(model)


@pytest.mark.parametrize("value", ABSURD)
def test_a_pulled_model_of_such_weights_is_not_kept(server: LoopbackHub, model: Path, home: Path, value: float) -> None:
    poison(model, value)
    server.add("eve/trap", offered(model))
    with pytest.raises(CheckpointError, match=r"^eve/trap/model\.safetensors"):
        pull("eve/trap", home)
    assert list((home / "models").iterdir()) == []


def test_finite_weights_that_draw_what_is_not_finite_are_not_taken(model: Path) -> None:
    tensors = safetensors.torch.load_file(model / WEIGHTS)
    for tensor in tensors.values():
        if tensor.is_floating_point():
            tensor.fill_(MAX_WEIGHT)
    content = safetensors.torch.save(tensors)
    (model / WEIGHTS).write_bytes(content)
    edit(model, weights_sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(CheckpointError, match="cannot draw a picture"):
        verify(model, "eve/trap")


@pytest.mark.parametrize("name", ["cats\u202egnp", "\x1b[2Jcats", "ca\u2066ts"])
def test_class_names_that_act_on_the_text_around_them_are_not_pulled(
    server: LoopbackHub, model: Path, home: Path, name: str
) -> None:
    edit(model, classes=[name, "dogs"])
    server.add("eve/trap", offered(model))
    with pytest.raises(CheckpointError, match="holds control or direction characters") as caught:
        pull("eve/trap", home)
    assert printable(str(caught.value)) == str(caught.value)


def test_a_config_key_with_terminal_escapes_does_not_reach_the_terminal(server: LoopbackHub, model: Path, home: Path) -> None:
    edit(model, **{"\x1b]0;owned\x07\x1b[31m": 1})
    server.add("eve/trap", offered(model))
    with pytest.raises(CheckpointError, match="owned") as caught:
        pull("eve/trap", home)
    assert str(caught.value).isprintable()


def test_a_revision_of_5000_letters_is_said_short(server: LoopbackHub, model: Path, home: Path) -> None:
    server.add("ada/pets", offered(model))
    with pytest.raises(HubError) as caught:
        pull("ada/pets", home, "r" * 5000)
    assert len(str(caught.value)) < 250


def test_checking_a_model_of_ten_million_weights_takes_a_fraction_of_hashing_them() -> None:
    tensors = {str(number): torch.randn(1_000_000) for number in range(10)}

    def seconds(work: Callable[[], object]) -> float:
        """Return the least CPU time of several attempts, since other programs on the machine only add to it."""
        begun = [(time.process_time(), work(), time.process_time()) for _ in range(5)]
        return min(end - begin for begin, _, end in begun)

    hashing = seconds(lambda: hashlib.sha256(safetensors.torch.save(tensors)).hexdigest())
    assert seconds(lambda: check_values(Path("weights"), tensors)) < 0.5 * hashing
