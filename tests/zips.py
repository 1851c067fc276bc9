"""Zips for tests: valid ones, and valid ones whose bytes were changed to make them hostile."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

# The position of a field within an entry of the central directory, and its format (APPNOTE.TXT 4.3.12).
INDEX_FIELDS = {
    "flags": (8, "<H"),
    "method": (10, "<H"),
    "packed_bytes": (20, "<I"),
    "file_bytes": (24, "<I"),
    "mode": (40, "<H"),
    "header_offset": (42, "<I"),
}


def noise(number: int, width: int = 16, height: int = 16) -> Image.Image:
    """Return a colour picture that differs from that of any other number."""
    pixels = np.random.RandomState(number).randint(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def pictures(count: int, prefix: str = "", first: int = 0, side: int = 16) -> dict[str, bytes]:
    """Return `count` different PNG files, by name."""
    return {f"{prefix}{number:05d}.png": encoded(noise(number, side, side)) for number in range(first, first + count)}


def write_zip(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as target:
        for name, content in files.items():
            target.writestr(zipfile.ZipInfo(name), content, method)
    return path


def change_index(path: Path, name: str, **fields: int) -> Path:
    """Change a field of a member in the central directory to a false value."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as source:
        at = source.start_dir
    while content[at : at + 4] == b"PK\x01\x02":
        lengths = struct.unpack_from("<HHH", content, at + 28)
        if content[at + 46 : at + 46 + lengths[0]].decode() == name:
            for field, value in fields.items():
                offset, form = INDEX_FIELDS[field]
                struct.pack_into(form, content, at + offset, value)
        at += 46 + sum(lengths)
    path.write_bytes(content)
    return path


def png_claiming(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and holds only a few pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    parts = [struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
