"""A generator as ONNX makes the same pictures in another runtime as PyTorch does, for any seeds, classes and variety."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from gan.families import FAMILIES
from gan.images import to_uint8
from gan.models import read_generator
from gan.models.export import export_onnx, page_graphs
from gan.sampler.seeds import latents
from tests.tiny_models import write_tiny_model

CLASSES = ("cats", "dogs", "owls")
TOLERANCE = 1e-5
SEEDS = [0, 7, 4_294_967_295, 123_456]
SESSION_OPTIONS = onnxruntime.SessionOptions()
SESSION_OPTIONS.intra_op_num_threads = 1


def session(graph: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(graph, SESSION_OPTIONS, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module", params=[*((family, CLASSES) for family in FAMILIES), ("mlp", ())], ids=str)
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a tiny model's folder, and its ONNX file."""
    family, classes = request.param
    folder = tmp_path_factory.mktemp("model")
    write_tiny_model(folder, family=family, classes=classes, discriminator=False)
    target = folder / "model.onnx"
    export_onnx(folder, target)
    return folder, target


@pytest.mark.parametrize("psi", [1.0, 0.7, 0.0, -1.0])
def test_the_exported_graph_makes_the_same_pictures(exported: tuple[Path, Path], psi: float) -> None:
    folder, target = exported
    config, generator = read_generator(folder)
    run = session(target.read_bytes())
    for seeds in (SEEDS, SEEDS[:1]):
        z, class_index = latents(seeds, config.z_dim, len(config.classes))
        with torch.inference_mode():
            expected = generator.sample(z, class_index, psi).clamp(-1, 1).numpy()
        feeds: dict[str, Any] = {"z": z.numpy(), "psi": np.array(psi, np.float32)}
        if class_index is not None:
            feeds["class_index"] = class_index.numpy()
        (pictures,) = run.run(["pictures"], feeds)
        assert pictures.dtype == np.float32
        assert np.abs(pictures - expected).max() <= TOLERANCE


def test_the_file_says_what_it_is_and_nothing_of_this_machine(exported: tuple[Path, Path]) -> None:
    folder, target = exported
    told = session(target.read_bytes()).get_modelmeta().custom_metadata_map
    config = read_generator(folder)[0]
    assert json.loads(told["seedbed"])["weights_sha256"] == config.weights_sha256
    assert "RandomState(seed)" in json.loads(told["seedbed"])["seed_to_latent"]
    assert told["licence"] == "not stated"
    assert str(Path(torch.__file__).parents[1]).encode() not in target.read_bytes()
    assert str(Path(__file__).parents[1]).encode() not in target.read_bytes()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_graphs_of_the_page_paint_the_levels_that_a_png_holds(family: str, tmp_path: Path) -> None:
    write_tiny_model(tmp_path, family=family, classes=CLASSES, discriminator=False)
    config, generator = read_generator(tmp_path)
    graphs = {name: session(graph) for name, graph in page_graphs(config, generator).items()}
    z, class_index = latents(SEEDS, config.z_dim, len(CLASSES))
    assert class_index is not None
    classes = {"class_index": class_index.numpy()}
    with torch.inference_mode():
        expected = to_uint8(generator.sample(z, class_index, 1.0))
    if "mapping.onnx" in graphs:
        (latent,) = graphs["mapping.onnx"].run(["latents"], {"z": z.numpy(), **classes})
        network: Any = generator
        (pictures,) = graphs["synthesis.onnx"].run(None, {"values": np.repeat(latent[:, None], network.num_layers, 1)})
    else:
        (pictures,) = graphs["synthesis.onnx"].run(None, {"values": z.numpy(), **classes})
    assert pictures.dtype == np.uint8
    assert np.abs(pictures.astype(int) - expected).max() <= 1
