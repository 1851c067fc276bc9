"""A generator as ONNX: one graph from latent to picture for other programs, and the two graphs that the static page runs."""

import json
import warnings
from pathlib import Path
from typing import Any, cast

import onnxscript  # torch's exporter builds its graphs with it; imported here so that its absence is noticed at once
import torch
from torch import Tensor, nn

from gan.config import ModelConfig
from gan.families import NETWORKS, Generator
from gan.files import write_file
from gan.models.folder import read_generator

OPSET = 18  # Resize, Split and the reductions are settled here; every ONNX Runtime since 1.14 reads it
TRACED = 2  # pictures that a graph is traced with; any number may be run
METADATA = "seedbed"
SEED_TO_LATENT = (
    "rng = numpy.random.RandomState(seed); z = rng.standard_normal(z_dim) as float32; "
    "then, for a class that the seed chooses, class_index = int(rng.random_sample() * len(classes))"
)


def export_onnx(folder: Path, target: Path) -> None:
    """Write the generator of a model folder as one ONNX file.

    Inputs: `z` float32 (N, z_dim), `class_index` int64 (N,) where the model has classes, `psi` float32 (). Output: `pictures`
    float32 (N, C, R, R) in [-1, 1]. The metadata `seedbed` holds JSON: the model's config and how a seed becomes a latent.
    Raises CheckpointError for a damaged model, and where the file cannot be written.
    """
    config, generator = read_generator(folder)
    latents = _latents(config)
    inputs = {"z": latents.pop("z"), "psi": torch.tensor(0.7), **latents}
    write_file(target, _graph(Whole(generator), inputs, config), durable=False)


def page_graphs(config: ModelConfig, generator: Generator) -> dict[str, bytes]:
    """What the static page computes with, by file name; both graphs together hold each weight once.

    `synthesis.onnx` paints points: `values` float32 (N, layers, w_dim), or (N, z_dim) with `class_index` in a family without w,
    to `pictures` uint8 (N, R, R, C), rounded as `to_uint8` does. `mapping.onnx`, for families with w: `z`, `class_index` -> `w`.
    """
    if not NETWORKS[config.family].has_w:
        latents = _latents(config)
        inputs = {"values": latents.pop("z"), **latents}
        return {"synthesis.onnx": _graph(PaintingPart(generator), inputs, config)}
    network: Any = generator
    values = torch.zeros(TRACED, network.num_layers, network.w_dim)
    return {
        "mapping.onnx": _graph(MappingPart(generator), _latents(config), config, output="w"),
        "synthesis.onnx": _graph(PaintingPart(generator), {"values": values}, config),
    }


class Whole(nn.Module):
    """z, class and psi to pictures in [-1, 1]."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, z: Tensor, psi: Tensor, class_index: Tensor | None = None) -> Tensor:
        network: Any = self.generator
        if not hasattr(network, "w_mean"):
            return cast(Tensor, network(z * psi, class_index)).clamp(-1, 1)
        w = network.mapping(z, class_index)
        centre = network.w_mean[:1] if class_index is None else network.w_mean[class_index]
        w = centre + psi * (w - centre)  # (N, w_dim)
        return cast(Tensor, network.synthesis(w[:, None].expand(-1, network.num_layers, -1))).clamp(-1, 1)


class MappingPart(nn.Module):
    """z and class to w, before truncation."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, z: Tensor, class_index: Tensor | None = None) -> Tensor:
        return cast(Any, self.generator).mapping(z, class_index)


class PaintingPart(nn.Module):
    """A point of the latent space that pictures are edited in, truncation done, to levels 0 … 255 as a PNG orders them."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, values: Tensor, class_index: Tensor | None = None) -> Tensor:
        network: Any = self.generator
        pictures = network.synthesis(values) if hasattr(network, "w_mean") else network(values, class_index)
        levels = ((pictures.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)  # as gan.images.to_uint8
        return levels.permute(0, 2, 3, 1)  # (N, R, R, C)


def _latents(config: ModelConfig) -> dict[str, Tensor]:
    """Inputs to trace with: z, and classes where the model has them."""
    latents = {"z": torch.zeros(TRACED, config.z_dim)}
    if config.classes:
        latents["class_index"] = torch.zeros(TRACED, dtype=torch.long)
    return latents


def _graph(module: nn.Module, inputs: dict[str, Tensor], config: ModelConfig, output: str = "pictures") -> bytes:
    """A module as ONNX, for any number of pictures at once."""
    module.eval().requires_grad_(False)
    pictures = torch.export.Dim("pictures", min=1, max=2**16)
    dynamic = {name: {0: pictures} if value.ndim else None for name, value in inputs.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own plans
        program = torch.onnx.export(
            module,
            kwargs=inputs,
            dynamo=True,
            input_names=list(inputs),
            output_names=[output],
            dynamic_shapes=dynamic,
            opset_version=OPSET,
            verbose=False,
        )
    assert program is not None
    model: Any = program.model_proto
    for each in [*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer]:
        del each.metadata_props[:]  # lines of the exporter's sources, with the paths of this machine
        each.doc_string = ""
    for name, text in {METADATA: _told(config), "licence": config.training.licence or "not stated"}.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = name, text
    return cast(bytes, model.SerializeToString())


def _told(config: ModelConfig) -> str:
    values = config.model_dump(mode="json")
    return json.dumps({**values, "seed_to_latent": SEED_TO_LATENT}, separators=(",", ":"))
