"""The pretrained network: equal to the original, frozen, checked, and loaded once."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from gan.errors import CheckpointError
from gan.files import write_file
from gan.vision import SCALES, WIDTHS, load_features, weights
from gan.vision.network import pad_as_tensorflow

# Values of the original network, with batch norm unfolded and in float32, on `waves`: the first four channels in the middle of
# each map, and the root mean square of the whole map.
GOLDEN = (
    ((6.532, 14.231, 11.225, 11.877), 12.6168),
    ((-13.387, 6.263, -4.280, 9.915), 10.3230),
    ((11.003, -0.858, 9.701, 8.682), 6.5796),
    ((-1.677, -3.476, -0.872, -1.787), 4.0826),
)


def waves(side: int = 64) -> Tensor:
    """Return a picture (1, 3, side, side) that is computed equally on any machine."""
    row = torch.arange(side) / side
    return torch.stack([torch.sin(7 * row[:, None] + c) * torch.cos(11 * row * (1 + row[:, None])) for c in range(3)])[None]


def test_its_maps_are_those_of_the_original_network() -> None:
    maps = load_features()(waves())
    for found, scale, width, (values, size) in zip(maps, SCALES, WIDTHS, GOLDEN, strict=True):
        side = 64 // scale
        assert found.shape == (1, width, side, side)
        torch.testing.assert_close(found[0, :4, side // 2, side // 2], torch.tensor(values), rtol=0, atol=0.01 * size)
        assert float(found.square().mean().sqrt()) == pytest.approx(size, rel=0.005)


def test_a_grey_picture_is_seen_as_its_three_equal_channels() -> None:
    grey = waves()[:, :1]
    for one, three in zip(load_features()(grey), load_features()(grey.expand(-1, 3, -1, -1)), strict=True):
        assert torch.equal(one, three)


@pytest.mark.parametrize("side", [32, 33, 100])
def test_maps_of_any_side_are_rounded_up(side: int) -> None:
    with torch.no_grad():
        maps = load_features()(torch.zeros(1, 3, side, side))
    assert [found.shape[2] for found in maps] == [-(-side // scale) for scale in SCALES]


def test_an_odd_row_of_zeros_goes_below_and_to_the_right() -> None:
    padded = pad_as_tensorflow(torch.ones(1, 1, 4, 5), 3, 2)
    assert padded.shape == (1, 1, 5, 7)
    assert padded[0, 0, :, 3].tolist() == [1, 1, 1, 1, 0]
    assert padded[0, 0, 0].tolist() == [0, 1, 1, 1, 1, 1, 0]


def test_pictures_get_gradients_and_the_network_does_not() -> None:
    pictures = waves().requires_grad_(True)
    network = load_features()
    sum(found.square().mean() for found in network(pictures)).backward()
    assert pictures.grad is not None
    assert float(pictures.grad.abs().max()) > 0
    assert all(parameter.grad is None and not parameter.requires_grad for parameter in network.parameters())
    assert not network.training


def test_it_is_loaded_once() -> None:
    assert load_features() is load_features(torch.device("cpu"))


def test_a_file_that_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "changed.safetensors"
    content = bytearray(weights.PATH.read_bytes())
    content[-1] ^= 1
    write_file(path, bytes(content))
    with pytest.raises(CheckpointError, match="not the file of pretrained weights"):
        weights.read_features(path, torch.device("cpu"))


def test_the_provenance_names_the_very_file() -> None:
    told = (weights.PATH.parent / "PROVENANCE.md").read_text(encoding="utf-8")
    assert weights.SHA256 in told
    assert (weights.PATH.parent / "LICENSE").is_file()
