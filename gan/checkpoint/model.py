"""A model folder: read, write, verify."""

import hashlib
import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import safetensors.torch
import torch
from pydantic import ValidationError
from safetensors import SafetensorError
from torch import Tensor, nn

from gan.config import FORMAT, ModelConfig
from gan.errors import CheckpointError
from gan.files import open_plain, parse_json, read_json, replace, shorten, stage, sync_folder
from gan.images import encode_png
from gan.networks import Discriminator, Generator, build_discriminator, build_generator

CONFIG, WEIGHTS = "config.json", "model.safetensors"
DISCRIMINATOR, DIRECTIONS = "discriminator.safetensors", "directions.safetensors"
PREVIEW, CARD = "preview.png", "README.md"

MAX_HEADER_BYTES = 4 << 20
# A writer replaces weights and config within milliseconds of each other; a reader that came between the two waits this long.
REPLACEMENT_SECONDS = 0.1
REPLACEMENTS_AWAITED = 20

DTYPES = {
    "BOOL": torch.bool,
    "U8": torch.uint8,
    "I32": torch.int32,
    "I64": torch.int64,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F32": torch.float32,
    "F64": torch.float64,
}

Expected = Mapping[str, tuple[tuple[int, ...], torch.dtype]]


# Safetensors


def expected_tensors(module: nn.Module) -> Expected:
    """Name -> (shape, dtype) of all a module stores; it may be on the meta device."""
    return {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in module.state_dict().items()}


def _read_header(file: BinaryIO, path: Path) -> tuple[bytes, dict[str, Any], int]:
    """The raw start of a safetensors file, its parsed header (`__metadata__` too), and how many bytes of data follow."""
    size = os.fstat(file.fileno()).st_size
    prefix = file.read(8)
    length = int.from_bytes(prefix, "little")
    if len(prefix) < 8 or not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
        raise CheckpointError("weights_damaged", path=str(path))
    raw = file.read(length)
    return prefix + raw, parse_json(raw, path), size - 8 - length


def _check_header(path: Path, header: dict[str, Any], data_bytes: int, expected: Expected) -> None:
    """The tensors are those expected, and lie one after the other without holes over exactly the bytes that are there."""
    header = {name: entry for name, entry in header.items() if name != "__metadata__"}
    for name in sorted(expected.keys() - header.keys()):
        raise CheckpointError("tensor_missing", path=str(path), name=name)
    for name in sorted(header.keys() - expected.keys()):
        raise CheckpointError("tensor_unknown", path=str(path), name=shorten(name))
    spans: list[tuple[int, int, int]] = []  # begin, end, and the bytes that should lie between
    for name, (shape, dtype) in expected.items():
        match header[name]:
            case {"dtype": str(found_dtype), "shape": [*found_shape], "data_offsets": [int(begin), int(end)], **rest} if not rest:
                spans.append((begin, end, math.prod(shape) * dtype.itemsize))
            case _:
                raise CheckpointError("weights_damaged", path=str(path))
        if found_shape != list(shape) or DTYPES.get(found_dtype) != dtype:
            found = shorten(f"{found_dtype} {[side if type(side) is int else None for side in found_shape]}")
            wanted = f"{next(key for key, value in DTYPES.items() if value == dtype)} {list(shape)}"
            raise CheckpointError("tensor_wrong", path=str(path), name=name, found=found, expected=wanted)
    reached = 0
    for begin, end, length in sorted(spans):
        if (begin, end) != (reached, reached + length):
            raise CheckpointError("weights_damaged", path=str(path))
        reached = end
    if reached != data_bytes:
        raise CheckpointError("weights_damaged", path=str(path))


def verify_safetensors(path: Path, expected: Expected) -> None:
    """Compare a file's header with what is expected, reading nothing else. Raises CheckpointError."""
    with open_plain(path) as file:
        _, header, data_bytes = _read_header(file, path)
        _check_header(path, header, data_bytes, expected)


def _read_tensors(file: BinaryIO, path: Path, expected: Expected) -> tuple[dict[str, Tensor], str]:
    """Verified tensors on the CPU, and the sha256 of the very bytes they came from."""
    head, header, data_bytes = _read_header(file, path)
    _check_header(path, header, data_bytes, expected)
    return _load(file, path, head, data_bytes)


def _load(file: BinaryIO, path: Path, head: bytes, data_bytes: int) -> tuple[dict[str, Tensor], str]:
    """The tensors behind a header that has been checked."""
    content = head + file.read(data_bytes + 1)
    if len(content) != len(head) + data_bytes:
        raise CheckpointError("weights_damaged", path=str(path))
    try:
        return safetensors.torch.load(content), hashlib.sha256(content).hexdigest()
    except SafetensorError as error:
        raise CheckpointError("weights_damaged", path=str(path)) from error


def read_described(
    path: Path, limit: int, describe: Callable[[dict[str, str]], Expected]
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a safetensors file that tells itself, in its metadata, what it holds; and that metadata.

    `describe` turns the metadata, a stranger's texts, into what the file must then hold. `limit` bounds the file's bytes; nothing
    is allocated before all of it is checked. Raises CheckpointError.
    """
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise CheckpointError("file_too_large", path=str(path), found=size, limit=limit)
        head, header, data_bytes = _read_header(file, path)
        metadata = header.get("__metadata__", {})
        if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
            raise CheckpointError("weights_damaged", path=str(path))
        _check_header(path, header, data_bytes, describe(metadata))
        tensors, _ = _load(file, path, head, data_bytes)
    return tensors, metadata


def storable(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Contiguous tensors on the CPU, no two of which share memory: what safetensors can store."""
    stored: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, tensor in tensors.items():
        kept = tensor.detach().cpu().contiguous()
        if kept.untyped_storage().data_ptr() in seen or kept.untyped_storage().nbytes() != kept.nbytes:
            kept = kept.clone()
        seen.add(kept.untyped_storage().data_ptr())
        stored[name] = kept
    return stored


# Model folders


def check_format(path: Path, found: Any, known: int) -> None:
    if type(found) is not int or found != known:
        shown = found if type(found) is int else type(found).__name__
        raise CheckpointError("format_unknown", path=str(path), found=shown, known=known)


def read_config(folder: Path) -> ModelConfig:
    """A model folder's checked `config.json`. Raises CheckpointError."""
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


def _fill(module: nn.Module, tensors: dict[str, Tensor], device: str | torch.device) -> None:
    """Give a module on the meta device its verified tensors."""
    module.to_empty(device=device)
    module.load_state_dict(tensors, strict=True)
    module.eval()


def _identity(path: Path) -> tuple[int, int, int] | None:
    """Changes whenever the file is replaced."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _read_generator_once(folder: Path) -> tuple[ModelConfig, Generator, dict[str, Tensor]]:
    read_config(folder)  # what is wrong with it is said first
    with open_plain(folder / WEIGHTS) as file:
        config = read_config(folder)  # in the same instant: an open file stays as it is while another takes its name
        with torch.device("meta"):
            generator = build_generator(
                config.family,
                resolution=config.resolution,
                channels=config.channels,
                z_dim=config.z_dim,
                num_classes=len(config.classes),
                network=config.network,
            )
        tensors, digest = _read_tensors(file, folder / WEIGHTS, expected_tensors(generator))
    if digest != config.weights_sha256:
        raise CheckpointError("weights_changed", path=str(folder / WEIGHTS))
    return config, generator, tensors


def read_generator(folder: Path, device: str | torch.device = "cpu") -> tuple[ModelConfig, Generator]:
    """The config and the averaged generator of a model folder, verified before anything is allocated.

    A folder that is being replaced in this moment is read again. Raises CheckpointError.
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
    """The discriminator of a model folder, or None where it holds none. Raises CheckpointError."""
    path = folder / DISCRIMINATOR
    config = read_config(folder)
    if not os.path.lexists(path):
        return None
    with torch.device("meta"):
        discriminator = build_discriminator(
            config.family,
            resolution=config.resolution,
            channels=config.channels,
            num_classes=len(config.classes),
            network=config.network,
        )
    with open_plain(path) as file:
        tensors, _ = _read_tensors(file, path, expected_tensors(discriminator))
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
    """Write or replace a model folder; `generator` is the averaged one. Returns the config as written, with the weights' sha256.

    Every file is first written in full under a temporary name; then they are put in place in one quick row, config last. What an
    older model left there and this one does not bring (discriminator, preview) goes. Directions stay: a person named them, and
    each says on which weights it was found. Raises CheckpointError.
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
    contents[WEIGHTS] = weights  # side by side with the config, so that a reader hardly ever comes between the two
    contents[CONFIG] = config.model_dump_json(indent=2).encode() + b"\n"
    staged: dict[str, Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(".*.tmp"):
            if not leftover.name.startswith(f".{DIRECTIONS}."):  # those another process may be writing in this moment
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
