"""Repositories of strangers that no model should be taken from, as files by path, made from the folder of a good model."""

import hashlib
import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import safetensors.torch

from gan.models import read_config
from tests.offered_models import named, offered
from tests.tiny_models import write_tiny_model
from tests.zips import noise

Files = dict[str, bytes]
MEGABYTE = 1 << 20


def with_config(model: Path, **changes: Any) -> Files:
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    return {**offered(model), "config.json": json.dumps(config | changes).encode()}


def with_weights(model: Path, content: bytes) -> Files:
    """Replace the weights, and state their hash in the config as an honest maker does."""
    return with_config(model, weights_sha256=hashlib.sha256(content).hexdigest()) | {"model.safetensors": content}


def pickle_for_weights(model: Path) -> Files:
    return {**offered(model), "model.safetensors": b"\x80\x04\x95" + bytes(200)}


def pickle_alone(model: Path) -> Files:
    return {"config.json": (model / "config.json").read_bytes(), "pytorch_model.bin": b"\x80\x04N."}


def link_for_weights(model: Path) -> Files:
    """Replace the weights by a symbolic link as git stores it: a file with the path of its target."""
    return {**offered(model), "model.safetensors": b"../../../../etc/passwd"}


def pointer_for_weights(model: Path) -> Files:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 1000\n"
    return {**offered(model), "model.safetensors": pointer.encode()}


def other_weights(model: Path) -> Files:
    files = offered(model)
    return {**files, "model.safetensors": files["model.safetensors"][:-4] + bytes(4)}


def other_discriminator(model: Path) -> Files:
    files = offered(model)
    return {**files, "discriminator.safetensors": files["model.safetensors"]}


def foreign_directions(model: Path) -> Files:
    other = model.with_name("other directions")
    write_tiny_model(other, "dcgan")
    named(other, "of z")
    content = (other / "directions.safetensors").read_bytes()
    theirs, ours = (read_config(folder).weights_sha256.encode() for folder in (other, model))
    return {**offered(model), "directions.safetensors": content.replace(theirs, ours)}


def weights_of_nan(model: Path) -> Files:
    tensors = safetensors.torch.load((model / "model.safetensors").read_bytes())
    next(tensor for tensor in tensors.values() if tensor.ndim > 1).view(-1)[0] = float("nan")
    return with_weights(model, safetensors.torch.save(tensors))


def header_of_100_megabytes(model: Path) -> Files:
    return with_weights(model, struct.pack("<Q", 100 * MEGABYTE) + b" " * (100 * MEGABYTE + 8))


def absurd_shape(model: Path) -> Files:
    content = offered(model)["model.safetensors"]
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    next(entry for name, entry in header.items() if name != "__metadata__")["shape"] = [2**40, 2**40]
    raw = json.dumps(header).encode()
    return with_weights(model, struct.pack("<Q", len(raw)) + raw + content[8 + length :])


def other_shapes(model: Path) -> Files:
    network = json.loads((model / "config.json").read_text(encoding="utf-8"))["network"]
    return with_config(model, network=network | {"w_dim": 24})


def huge_network(model: Path) -> Files:
    return with_config(model, z_dim=10**9)


def huge_pictures(model: Path) -> Files:
    return with_config(model, resolution=2**20)


def config_of_200_megabytes(model: Path) -> Files:
    return {**offered(model), "config.json": b'{"format": 1, "classes": [' + b'"a",' * (50 * MEGABYTE) + b'"a"]}'}


def deep_config(model: Path) -> Files:
    return {**offered(model), "config.json": b'{"a":' * 150_000}


def preview_of_a_gigapixel(model: Path) -> Files:
    return {**offered(model), "preview.png": _png(60_000, zlib.compress(bytes(MEGABYTE)))}


def preview_with_a_text_of_200_megabytes(model: Path) -> Files:
    packer = zlib.compressobj()
    packed = b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(200)) + packer.flush()
    return {**offered(model), "preview.png": _png(16, _pixels(), _chunk(b"zTXt", b"Comment\0\0" + packed))}


def paths_that_lead_outside(model: Path) -> Files:
    names = ("../escaped", "../../models/escaped", "/tmp/escaped", "..\\escaped", "config.json/../../escaped", "~/escaped")
    return {**offered(model), **dict.fromkeys(names, b"out")}


def card_with_a_script(model: Path) -> Files:
    card = "---\ntags: [seedbed]\n---\n<script>document.title = 'taken'</script><img src=x onerror=alert(1)>\n" * 50
    return {**offered(model), "README.md": card.encode()}


def hundred_thousand_files(model: Path) -> Files:
    return {**offered(model), **{f"more/{number}.bin": b"" for number in range(100_000)}}


def _pixels() -> bytes:
    file = io.BytesIO()
    noise(1).save(file, "PNG")
    content = file.getvalue()
    start = content.index(b"IDAT")
    return content[start + 4 : start + 4 + struct.unpack(">I", content[start - 4 : start])[0]]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(side: int, data: bytes, *chunks: bytes) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"".join([b"\x89PNG\r\n\x1a\n", head, *chunks, _chunk(b"IDAT", data), _chunk(b"IEND", b"")])


# Repository -> the code of the sentence with which a pull ends.
REFUSED: dict[Callable[[Path], Files], str] = {
    pickle_for_weights: "weights_damaged",
    pickle_alone: "hub_not_a_model",
    link_for_weights: "weights_damaged",
    pointer_for_weights: "weights_damaged",
    other_weights: "weights_changed",
    other_discriminator: "tensor_missing",
    foreign_directions: "directions_damaged",
    weights_of_nan: "weights_absurd",
    header_of_100_megabytes: "weights_damaged",
    absurd_shape: "tensor_wrong",
    other_shapes: "tensor_wrong",
    huge_network: "model_config_invalid",
    huge_pictures: "model_config_invalid",
    config_of_200_megabytes: "hub_file_too_large",
    deep_config: "json_damaged",
    preview_of_a_gigapixel: "hub_preview_unusable",
    preview_with_a_text_of_200_megabytes: "hub_preview_unusable",
}
# Repositories with a good model among files that a pull must not touch or read.
TAKEN: tuple[Callable[[Path], Files], ...] = (paths_that_lead_outside, card_with_a_script, hundred_thousand_files)
