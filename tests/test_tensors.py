"""Safetensors files: the checks before anything is read."""

from pathlib import Path

import pytest
import safetensors.torch
import torch

from gan.errors import CheckpointError
from gan.tensors import expected_tensors, verify_safetensors


def test_tensors_are_compared_with_the_header_alone(tmp_path: Path) -> None:
    layer = torch.nn.Linear(3, 2)
    safetensors.torch.save_file(layer.state_dict(), tmp_path / "x.safetensors")
    verify_safetensors(tmp_path / "x.safetensors", expected_tensors(layer))
    with pytest.raises(CheckpointError) as caught:
        verify_safetensors(tmp_path / "x.safetensors", {"weight": ((3, 2), torch.float32), "bias": ((2,), torch.float32)})
    assert caught.value.values["found"] == "F32 [2, 3]"
    assert caught.value.values["expected"] == "F32 [3, 2]"
