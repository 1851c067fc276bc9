"""Reads, writes and verifies a model folder."""

import hashlib
import os
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from gan.config import FORMAT, ModelConfig, new_discriminator, new_generator
from gan.errors import CheckpointError
from gan.families import Discriminator, Generator
from gan.files import open_plain, read_json, replace, stage, sync_folder
from gan.images import encode_png
from gan.limits import MAX_WEIGHT
from gan.tensors import check_format, expected_tensors, read_tensors, storable
from gan.words import shorten

CONFIG, WEIGHTS = "config.json", "model.safetensors"
DISCRIMINATOR, DIRECTIONS = "discriminator.safetensors", "directions.safetensors"
PREVIEW, CARD = "preview.png", "README.md"
# All files that a model folder may hold, each with the MB accepted if the folder's origin is unknown. config.json comes last,
# because it is replaced last.
MODEL_FILES = {WEIGHTS: 2048, DISCRIMINATOR: 2048, DIRECTIONS: 1, PREVIEW: 32, CARD: 1, CONFIG: 1}
REQUIRED_FILES = (CONFIG, WEIGHTS)

# A writer replaces weights and config within milliseconds of each other. A reader that finds only one of them replaced waits this
# long.
REPLACEMENT_SECONDS = 0.1
REPLACEMENTS_AWAITED = 20


def read_config(folder: Path) -> ModelConfig:
    """Return a model folder's checked `config.json`. Raises CheckpointError."""
    path = folder / CONFIG
    values = read_json(path)
    check_format(path, values.get("format"), FORMAT)
    try:
        return ModelConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = shorten(".".join(map(str, first["loc"]))) or CONFIG
        problem = shorten(first["msg"].removeprefix("Value error, "))
        raise CheckpointError("model_config_invalid", path=str(path), where=where, problem=problem) from error


def has_model(folder: Path) -> bool:
    """Return whether a folder holds a model; False while its first files are still being written."""
    return all(os.path.isfile(f"{folder}{os.sep}{name}") for name in REQUIRED_FILES)  # noqa: PTH113 - quick for a thousand runs


def folder_bytes(folder: Path) -> int:
    """Return the size of a model's files."""
    return sum((folder / name).stat().st_size for name in MODEL_FILES if (folder / name).is_file())


def check_values(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Raise CheckpointError for weights that are not finite or so large that no training makes them."""
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and tensor.numel():
            low, high = (float(end) for end in torch.aminmax(tensor))
            if not -MAX_WEIGHT <= low <= high <= MAX_WEIGHT:  # also true if one of them is nan
                found = low if abs(low) > abs(high) else high
                raise CheckpointError(
                    "weights_absurd", path=str(path), name=name, found=f"{found:.3g}", most=f"{MAX_WEIGHT:,.0f}"
                )


def _fill(module: nn.Module, tensors: dict[str, Tensor], device: str | torch.device) -> None:
    """Replace the tensors of a module on the meta device by verified ones.

    The given tensors are used themselves: `to_empty` would allocate the module's tensors once more, and imports sympy.
    """
    module.load_state_dict({name: tensor.to(device, copy=True) for name, tensor in tensors.items()}, strict=True, assign=True)
    module.eval()


def _identity(path: Path) -> tuple[int, int, int] | None:
    """Return a value that changes whenever the file is replaced."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _read_generator_once(folder: Path) -> tuple[ModelConfig, Generator, dict[str, Tensor]]:
    read_config(folder)  # errors in the config are reported before errors in the weights
    with open_plain(folder / WEIGHTS) as file:
        # read while the weights are open, because an open file stays the same when another file takes its name
        config = read_config(folder)
        with torch.device("meta"):
            generator = new_generator(config)
        tensors, digest = read_tensors(file, folder / WEIGHTS, expected_tensors(generator))
    if digest != config.weights_sha256:
        raise CheckpointError("weights_changed", path=str(folder / WEIGHTS))
    check_values(folder / WEIGHTS, tensors)
    return config, generator, tensors


def read_generator(folder: Path, device: str | torch.device = "cpu") -> tuple[ModelConfig, Generator]:
    """Return the config and the averaged generator of a model folder, verified before anything is allocated.

    A folder that is replaced during the reading is read again. Raises CheckpointError.
    """
    for _ in range(REPLACEMENTS_AWAITED):
        identities = [_identity(folder / name) for name in (CONFIG, WEIGHTS)]
        try:
            config, generator, tensors = _read_generator_once(folder)
            break
        except CheckpointError:
            time.sleep(REPLACEMENT_SECONDS)
            if [_identity(folder / name) for name in (CONFIG, WEIGHTS)] == identities:
                raise
    else:
        config, generator, tensors = _read_generator_once(folder)
    _fill(generator, tensors, device)
    return config, generator


def read_discriminator(folder: Path, device: str | torch.device = "cpu") -> Discriminator | None:
    """Return the discriminator of a model folder, or None where it holds none. Raises CheckpointError."""
    path = folder / DISCRIMINATOR
    config = read_config(folder)
    if not os.path.lexists(path):
        return None
    with torch.device("meta"):
        discriminator = new_discriminator(config)
    with open_plain(path) as file:
        tensors, _ = read_tensors(file, path, expected_tensors(discriminator))
    check_values(path, tensors)
    _fill(discriminator, tensors, device)
    return discriminator


def write_model(
    folder: Path,
    config: ModelConfig,
    generator: nn.Module,
    discriminator: nn.Module | None = None,
    preview: np.ndarray | None = None,
    card: str | None = None,
) -> ModelConfig:
    """Write or replace a model folder; `generator` is the averaged one. Return the config as written, with the weights' sha256.

    Every file is first written in full under a temporary name; then all are put in place in quick succession, config last. A
    discriminator or preview of the older model is removed where the new model has none. Directions are kept, because the user
    named them and each records the weights it was found on. Raises CheckpointError.
    """
    weights = safetensors.torch.save(storable(generator.state_dict()))
    config = config.model_copy(update={"weights_sha256": hashlib.sha256(weights).hexdigest()})
    contents: dict[str, bytes] = {}
    if discriminator is not None:
        contents[DISCRIMINATOR] = safetensors.torch.save(storable(discriminator.state_dict()))
    if preview is not None:
        contents[PREVIEW] = encode_png(preview)
    if card is not None:
        contents[CARD] = card.encode()
    contents[WEIGHTS] = weights  # written just before the config, so that a reader rarely finds only one of them replaced
    contents[CONFIG] = config.model_dump_json(indent=2).encode() + b"\n"
    staged: dict[str, Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(".*.tmp"):
            if not leftover.name.startswith(f".{DIRECTIONS}."):  # another process may be writing directions now
                leftover.unlink()
        for name, content in contents.items():
            staged[name] = stage(folder / name, content, durable=True)
        for name in {DISCRIMINATOR, PREVIEW} - contents.keys():
            (folder / name).unlink(missing_ok=True)
        for name, temporary in staged.items():
            replace(temporary, folder / name)
        sync_folder(folder)
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(folder), reason=error.strerror or str(error)) from error
    finally:
        for temporary in staged.values():
            temporary.unlink(missing_ok=True)
    return config
