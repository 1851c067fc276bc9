"""Exports a generator as ONNX: one graph from latent to picture for other programs, and the two graphs that the static page
runs.
"""

import json
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from gan.config import ModelConfig
from gan.errors import ModelError
from gan.families import FAMILIES, Generator, LatentSpace
from gan.files import write_file
from gan.models.folder import read_generator

OPSET = 18  # Resize, Split and the reductions are final in this version, which every ONNX Runtime since 1.14 reads
TRACED = 2  # pictures in the trace from which a graph is made; the graph accepts any number
METADATA = "seedbed"
SEED_TO_LATENT = (
    "rng = numpy.random.RandomState(seed); z = rng.standard_normal(z_dim) as float32; "
    "then, for a class that the seed chooses, class_index = int(rng.random_sample() * len(classes))"
)


def export_onnx(folder: Path, target: Path) -> None:
    """Write the generator of a model folder as one ONNX file.

    Inputs: `z` float32 (N, z_dim), `class_index` int64 (N,) where the model has classes, `psi` float32 (). Output: `pictures`
    float32 (N, C, R, R) in [-1, 1]. The metadata `seedbed` holds JSON: the model's config and how a seed becomes a latent.
    Raises CheckpointError for a damaged model, and where the file cannot be written; ModelError for a model without latents.
    """
    config, generator = read_generator(folder)
    latents = _latents(config)
    inputs = {"z": latents.pop("z"), "psi": torch.tensor(0.7), **latents}
    write_file(target, _graph(Whole(generator, latent_of(config, generator)), inputs, config, "pictures"), durable=False)


def page_graphs(config: ModelConfig, generator: Generator) -> dict[str, bytes]:
    """Return the graphs that the static page runs, by file name; the two graphs hold each weight only once.

    `synthesis.onnx`: `values`, final points float32 (N, layers, dim) or (N, dim), and `class_index` where points carry a class ->
    `pictures` uint8 (N, R, R, C), rounded as `to_uint8` does. `mapping.onnx`, where latents are mapped: `z`, `class_index` ->
    `latents` float32 (N, dim), before truncation. Raises ModelError for a model without latents.
    """
    latent = latent_of(config, generator)
    inputs = {"values": torch.zeros(TRACED, *latent.shape)}
    if latent.points_carry_class and config.classes:
        inputs["class_index"] = _latents(config)["class_index"]
    graphs = {"synthesis.onnx": _graph(PaintingPart(generator, latent), inputs, config, "pictures")}
    if not latent.is_normal:
        graphs["mapping.onnx"] = _graph(MappingPart(generator, latent), _latents(config), config, "latents")
    return graphs


def latent_of(config: ModelConfig, generator: Generator) -> LatentSpace:
    """Return the operations on a generator's latents. Raises ModelError where it has none."""
    latent = FAMILIES[config.family].latent
    if latent is None:
        raise ModelError("export_without_latent", family=config.family)
    return latent(generator)


class Part(nn.Module):
    """Base of the exported modules: a generator and its latents."""

    def __init__(self, generator: Generator, latent: LatentSpace) -> None:
        super().__init__()
        self.generator = generator
        self.latent = latent

    def draw(self, points: Tensor, class_index: Tensor | None) -> Tensor:
        """Map final points to pictures (N, C, R, R) in [-1, 1]."""
        carried = class_index if self.latent.points_carry_class else None
        return self.latent.draw(points, carried).clamp(-1, 1)


class Whole(Part):
    """Maps z, class and psi to pictures."""

    centres: Tensor

    def __init__(self, generator: Generator, latent: LatentSpace) -> None:
        super().__init__(generator, latent)
        self.register_buffer("centres", centres_of(generator, latent))

    def forward(self, z: Tensor, psi: Tensor, class_index: Tensor | None = None) -> Tensor:
        latents = self.latent.map(z, class_index)  # (N, dim)
        centre = self.centres[:1] if class_index is None else self.centres[class_index]
        return self.draw(self.latent.spread(centre + psi * (latents - centre)), class_index)


class MappingPart(Part):
    """Maps z and class to latents, before truncation."""

    def forward(self, z: Tensor, class_index: Tensor | None = None) -> Tensor:
        return self.latent.map(z, class_index)


class PaintingPart(Part):
    """Maps final points to levels 0 … 255 in the order of a PNG: (N, R, R, C)."""

    def forward(self, values: Tensor, class_index: Tensor | None = None) -> Tensor:
        pictures = self.draw(values, class_index)
        return ((pictures + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1)  # as in gan.images.to_uint8


def centres_of(generator: Generator, latent: LatentSpace) -> Tensor:
    """Return the latents that truncation gives at psi 0: (classes, dim), or (1, dim) without classes."""
    rows = range(generator.num_classes) if generator.num_classes else [None]
    return torch.stack([latent.centre(row).detach() for row in rows])


def _latents(config: ModelConfig) -> dict[str, Tensor]:
    """Return inputs for the trace: z, and classes where the model has them."""
    latents = {"z": torch.zeros(TRACED, config.z_dim)}
    if config.classes:
        latents["class_index"] = torch.zeros(TRACED, dtype=torch.long)
    return latents


def _graph(module: nn.Module, inputs: dict[str, Tensor], config: ModelConfig, output: str) -> bytes:
    """Export a module as an ONNX graph that accepts any number of pictures at once."""
    import onnx
    import onnxscript  # noqa: F401  torch's exporter needs it: an incomplete installation fails at this line

    module.eval().requires_grad_(False)
    pictures = torch.export.Dim("pictures", min=1, max=2**16)
    dynamic = {name: {0: pictures} if value.ndim else None for name, value in inputs.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own future changes
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
    model: onnx.ModelProto = program.model_proto
    for each in [*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info, *model.graph.initializer]:
        del each.metadata_props[:]  # these properties hold source lines of the exporter, with paths of this machine
        each.doc_string = ""
    onnx.helper.set_model_props(model, {METADATA: _told(config), "licence": config.training.licence or "not stated"})
    return model.SerializeToString()


def _told(config: ModelConfig) -> str:
    values = config.model_dump(mode="json")
    return json.dumps({**values, "seed_to_latent": SEED_TO_LATENT}, separators=(",", ":"))
