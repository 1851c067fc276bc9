"""FID and KID: the known weights are fetched once, and torch-fidelity gets the right arguments."""

import hashlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from gan.errors import MetricError
from gan.metrics import inception
from tests.test_metrics import Painter, Real, blobs

CONTENT = b"weights" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Library:
    """Replaces torch-fidelity: records its arguments, and answers with known numbers."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def calculate_metrics(self, **asked: Any) -> dict[str, float]:
        self.asked = asked
        return {"frechet_inception_distance": 12.5, "kernel_inception_distance_mean": 0.01, "kernel_inception_distance_std": 0.1}


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library()
    monkeypatch.setitem(sys.modules, "torch_fidelity", SimpleNamespace(calculate_metrics=library.calculate_metrics))
    return library


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """Serve the weights."""
    path = tmp_path / "served.pth"
    path.write_bytes(CONTENT)
    return path


def fetch(home: Path, server: Path, **changes: Any) -> Path:
    return inception.fetch_inception(home, **{"url": server.as_uri(), "sha256": SHA256, "size": len(CONTENT), **changes})


def test_weights_are_fetched_once_and_kept(tmp_path: Path, server: Path, library: Library) -> None:
    told: list[tuple[int, int]] = []
    path = fetch(tmp_path, server, progress=lambda *place: told.append(place))
    assert path == tmp_path / "inception" / inception.FILE
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    server.unlink()
    assert fetch(tmp_path, server) == path


def test_a_file_put_there_by_hand_is_taken_without_any_request(tmp_path: Path, server: Path, library: Library) -> None:
    path = tmp_path / "inception" / inception.FILE
    path.parent.mkdir()
    server.rename(path)
    assert fetch(tmp_path, server) == path


def test_another_file_is_refused_and_not_kept(tmp_path: Path, server: Path, library: Library) -> None:
    server.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(MetricError) as raised:
        fetch(tmp_path, server)
    assert raised.value.code == "inception_changed"
    assert list((tmp_path / "inception").iterdir()) == []


def test_an_endless_answer_is_cut_off_and_refused(tmp_path: Path, server: Path, library: Library) -> None:
    server.write_bytes(b"x" * (3 * inception.CHUNK_BYTES))
    with pytest.raises(MetricError, match="SHA-256"):
        fetch(tmp_path, server)


def test_offline_the_error_says_where_the_file_could_be_put(tmp_path: Path, server: Path, library: Library) -> None:
    server.unlink()
    with pytest.raises(MetricError) as raised:
        fetch(tmp_path, server)
    assert raised.value.code == "inception_not_fetched"
    assert str(tmp_path / "inception" / inception.FILE) in str(raised.value)


def test_without_the_library_nothing_is_fetched(tmp_path: Path, server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(MetricError, match="torch-fidelity"):
        fetch(tmp_path, server)
    assert not (tmp_path / "inception").exists()


@pytest.mark.parametrize("channels", [1, 3])
def test_both_numbers_come_from_pictures_as_the_library_takes_them(channels: int, library: Library, tmp_path: Path) -> None:
    real, samples = blobs(40, 0, channels=channels), blobs(30, 1, channels=channels)
    assert inception.inception_distances(samples, real, tmp_path / "w.pth") == {"fid": 12.5, "kid": 0.01}
    first = library.asked["input1"][3]
    assert first.dtype == torch.uint8
    assert first.shape == (3, 16, 16)
    np.testing.assert_array_equal(first[0].numpy(), samples[3, :, :, 0])
    assert (len(library.asked["input1"]), len(library.asked["input2"]), library.asked["kid_subset_size"]) == (30, 40, 30)
    assert library.asked["feature_extractor_weights_path"] == str(tmp_path / "w.pth")


def test_a_model_is_measured_untruncated_against_what_it_was_trained_on(library: Library, tmp_path: Path) -> None:
    painter, real = Painter(blobs(50, 1)), Real(blobs(100, 0))
    assert inception.evaluate_inception(painter, real, tmp_path / "w.pth", count=20)["fid"] == 12.5
    assert painter.psis == {1.0}
    assert (len(library.asked["input1"]), len(library.asked["input2"])) == (20, len(real.train_indices))
