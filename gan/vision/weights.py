"""The feature network's weights: checked by their hash, loaded once for each device."""

import functools
from pathlib import Path

import torch

from gan.errors import CheckpointError
from gan.files import open_plain
from gan.tensors import Expected, expected_tensors, read_tensors
from gan.vision.network import FeatureNetwork

PATH = Path(__file__).parent / "efficientnet_lite0.safetensors"
SHA256 = "733d00726775b48bfec5f10c75ea9225ae55f265c0a49f38faea6f9e796d74de"


def load_features(device: torch.device | str = "cpu") -> FeatureNetwork:
    """Return the network, frozen, in float32 on a device: the same object each time. Raises CheckpointError if the file has
    changed.
    """
    return _kept(torch.device(device))


@functools.cache
def _kept(device: torch.device) -> FeatureNetwork:
    return read_features(PATH, device)


def read_features(path: Path, device: torch.device) -> FeatureNetwork:
    """Return the network with the weights in a file, which must be the file that came with this version."""
    with torch.device("meta"):
        network = FeatureNetwork()
    expected: Expected = {name: (shape, torch.float16) for name, (shape, _) in expected_tensors(network).items()}
    with open_plain(path) as file:
        tensors, sha256 = read_tensors(file, path, expected)
    if sha256 != SHA256:
        raise CheckpointError("features_changed", path=str(path))
    network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, assign=True)
    return network.to(device, memory_format=torch.channels_last).requires_grad_(False).eval()  # type: ignore[call-overload]
