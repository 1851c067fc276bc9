"""Previews of strangers' models that were made to break or to burden the program that shows them."""

import io
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.images import encode_png
from gan.models.verifying import MAX_PREVIEW_CHUNKS, has_usable_preview
from gan.playing.shelf import Shelf
from gan.ui.models.cards import cards_html, thumbnail
from gan.words import LANGUAGES
from tests.test_data_hostile import within_mebibytes
from tests.tiny_models import write_tiny_model

GOOD = encode_png(np.full((8, 8, 3), 200, np.uint8))
AFTER_HEADER = 33  # the signature and IHDR


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunk(kind: bytes, data: bytes) -> bytes:
    return GOOD[:AFTER_HEADER] + chunk(kind, data) + GOOD[AFTER_HEADER:]


def claiming(width: int, height: int, rows: bytes = b"") -> bytes:
    """Return a PNG of a size, whose pixels are `rows`, deflated."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return GOOD[:8] + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def animated(frames: int) -> bytes:
    file = io.BytesIO()
    pictures = [Image.new("RGB", (64, 64), (number, 0, 0)) for number in range(frames)]
    pictures[0].save(file, "PNG", save_all=True, append_images=pictures[1:])
    return file.getvalue()


def bomb() -> bytes:
    """Return 96 MB of zeros, deflated to 96 KB."""
    return zlib.compress(bytes(96 << 20))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a billion pixels": lambda: claiming(2**15, 2**15),
    "no pixels": lambda: claiming(0, 8),
    "rows without end": lambda: claiming(8, 8, bytes(64 << 20)),
    "a text that unpacks to 96 MB": lambda: with_chunk(b"zTXt", b"Comment\0\0" + bomb()),
    "a profile that unpacks to 96 MB": lambda: with_chunk(b"iCCP", b"profile\0\0" + bomb()),
    "an international text that unpacks to 96 MB": lambda: with_chunk(b"iTXt", b"Comment\0\1\0\0\0" + bomb()),
    "two hundred frames": lambda: animated(200),
    "a claim of frames that are not there": lambda: with_chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)),
    "a chunk longer than the file": lambda: GOOD[:AFTER_HEADER] + struct.pack(">I", 2**31 - 1) + b"zTXt" + GOOD[AFTER_HEADER:],
}
SECONDS = 5  # each preview takes a fraction of a second on an idle machine


def test_a_preview_of_very_many_chunks_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "preview.png").write_bytes(GOOD)
    assert has_usable_preview(tmp_path)
    many = GOOD[:AFTER_HEADER] + chunk(b"tEXt", b"a\0b") * (MAX_PREVIEW_CHUNKS + 1) + GOOD[AFTER_HEADER:]
    (tmp_path / "preview.png").write_bytes(many)
    assert not has_usable_preview(tmp_path)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_preview_costs_little_and_hides_no_model(name: str, home: Path) -> None:
    write_tiny_model(home / "models" / "fine")
    write_tiny_model(home / "models" / "trap")
    preview = home / "models" / "trap" / "preview.png"
    preview.write_bytes(HOSTILE[name]())
    begun = time.process_time()
    with within_mebibytes(80):
        shown = thumbnail(preview, 0)
        pages = [cards_html(Shelf(home).entries(), language) for language in LANGUAGES]
    assert time.process_time() - begun < SECONDS
    assert shown is None or len(shown) < 100_000
    assert all("fine" in page and "trap" in page for page in pages)
