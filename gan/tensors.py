"""Reads and checks safetensors files: headers are compared with the expected tensors before anything is allocated."""

import hashlib
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from gan.errors import CheckpointError
from gan.files import open_plain, parse_json
from gan.words import shorten

MAX_HEADER_BYTES = 4 << 20

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


def expected_tensors(module: nn.Module) -> Expected:
    """Return name -> (shape, dtype) of all tensors that a module stores; the module may be on the meta device."""
    return {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in module.state_dict().items()}


def _read_header(file: BinaryIO, path: Path) -> tuple[bytes, dict[str, Any], int]:
    """Return the raw header of a safetensors file with its length, the parsed header (with `__metadata__`), and the number of
    data bytes after it.
    """
    size = os.fstat(file.fileno()).st_size
    prefix = file.read(8)
    length = int.from_bytes(prefix, "little")
    if len(prefix) < 8 or not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
        raise CheckpointError("weights_damaged", path=str(path))
    raw = file.read(length)
    return prefix + raw, parse_json(raw, path), size - 8 - length


def _check_header(path: Path, header: dict[str, Any], data_bytes: int, expected: Expected) -> None:
    """Check that the tensors are the expected ones, and that they fill the data without gaps or overlaps."""
    header = {name: entry for name, entry in header.items() if name != "__metadata__"}
    for name in sorted(expected.keys() - header.keys()):
        raise CheckpointError("tensor_missing", path=str(path), name=name)
    for name in sorted(header.keys() - expected.keys()):
        raise CheckpointError("tensor_unknown", path=str(path), name=shorten(name))
    spans: list[tuple[int, int, int]] = []  # begin, end, and the expected number of bytes between
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
    """Compare a file's header with the expected tensors, reading nothing else. Raises CheckpointError."""
    with open_plain(path) as file:
        _, header, data_bytes = _read_header(file, path)
        _check_header(path, header, data_bytes, expected)


def read_tensors(file: BinaryIO, path: Path, expected: Expected) -> tuple[dict[str, Tensor], str]:
    """Return verified tensors on the CPU, and the sha256 of exactly the bytes they were read from."""
    head, header, data_bytes = _read_header(file, path)
    _check_header(path, header, data_bytes, expected)
    return _load(file, path, head, data_bytes)


def _load(file: BinaryIO, path: Path, head: bytes, data_bytes: int) -> tuple[dict[str, Tensor], str]:
    """Return the tensors of a file whose header has been checked."""
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
    """Return the tensors of a safetensors file whose own metadata lists its content, and that metadata.

    `describe` turns the metadata, which is untrusted, into the tensors that the file must then hold. `limit` bounds the file's
    bytes; nothing is allocated before everything is checked. Raises CheckpointError.
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
    """Return contiguous tensors on the CPU, no two of which share memory, as safetensors requires."""
    stored: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, tensor in tensors.items():
        kept = tensor.detach().cpu().contiguous()
        if kept.untyped_storage().data_ptr() in seen or kept.untyped_storage().nbytes() != kept.nbytes:
            kept = kept.clone()
        seen.add(kept.untyped_storage().data_ptr())
        stored[name] = kept
    return stored


def check_format(path: Path, found: Any, known: int) -> None:
    if type(found) is not int or found != known:
        shown = found if type(found) is int else type(found).__name__
        raise CheckpointError("format_unknown", path=str(path), found=shown, known=known)
