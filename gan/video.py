"""Writes a sequence of pictures as a film: H.264 in MP4, or a GIF, frame by frame, with a mark that a machine made it."""

import io
import json
import math
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

import av
import numpy as np
import numpy.typing as npt
from PIL import GifImagePlugin, Image

from gan.errors import CheckpointError, ConfigError
from gan.files import replace
from gan.images import RECIPE_KEY, XMP
from gan.limits import MAX_FRAMES

Kind = Literal["mp4", "gif"]
Picture = npt.NDArray[np.uint8]

SIDES = (16, 2048)
RATES = (1, 60)
GIF_MOST = 50  # frames a second: browsers play frames shorter than 2/100 s at a tenth of the speed
MADE_BY_A_MACHINE = "Made by a machine, with Seedbed: trainedAlgorithmicMedia"
XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # XMP specification part 3, 1.1.3: the uuid of the XMP box in MP4
BT709 = 1  # ITU-T H.273: one number for primaries, transfer and matrix
LIMITED_RANGE = 1


def write_video(
    path: Path,
    frames: Iterable[Picture],
    fps: float,
    kind: Kind = "mp4",
    side: int | None = 512,
    recipe: dict[str, Any] | None = None,
) -> int:
    """Write a film of uint8 (H, W, C) pictures, C 1 or 3, all of one size; return the number of frames.

    The longer side becomes `side` pixels, 16 … 2048, enlarged smoothly. With None the size stays the same, except that MP4 needs
    even sides. A GIF loops for ever. `recipe` is stored as JSON, and both formats carry XMP that states that a trained algorithm
    made the film. Frames are taken and written one by one; the file appears when it is complete.

    Raises ConfigError for 0 or more than 3,600 frames, a rate outside 1 … 60 (50 for GIF) or a side out of bounds, and
    CheckpointError where the system cannot write.
    """
    most = RATES[1] if kind == "mp4" else GIF_MOST
    if not (math.isfinite(fps) and RATES[0] <= fps <= most):
        raise ConfigError("config_field", field="fps", found=fps, expected=f"{RATES[0]} … {most}")
    if side is not None and not SIDES[0] <= side <= SIDES[1]:
        raise ConfigError("config_field", field="side", found=side, expected=f"{SIDES[0]} … {SIDES[1]}")
    films = _counted(frames)
    first = next(films, None)
    if first is None:
        raise _wrong_count(0)
    size = _size(first, side, 2 if kind == "mp4" else 1)
    write = _write_mp4 if kind == "mp4" else _write_gif
    with _finished(path) as unfinished:
        return write(unfinished, chain([first], films), fps, size, recipe)


def encode_video(
    frames: Iterable[Picture],
    fps: float,
    kind: Kind = "mp4",
    side: int | None = 512,
    recipe: dict[str, Any] | None = None,
) -> bytes:
    """Encode a film as `write_video` does, and return the file's content."""
    with tempfile.TemporaryDirectory(prefix="seedbed-") as folder:
        path = Path(folder) / f"film.{kind}"
        write_video(path, frames, fps, kind, side, recipe)
        return path.read_bytes()


def _counted(frames: Iterable[Picture]) -> Iterator[Picture]:
    """Yield the frames, and raise an error if they are too many or differ in size."""
    iterator = iter(frames)
    shape = None
    for frame in islice(iterator, MAX_FRAMES):
        shape = shape or frame.shape
        if frame.shape != shape:
            raise ValueError(f"a frame of {frame.shape} among frames of {shape}")
        yield frame
    if next(iterator, None) is not None:
        raise _wrong_count(MAX_FRAMES + 1)


def _wrong_count(found: int) -> ConfigError:
    return ConfigError("config_field", field="frames", found=found, expected=f"1 … {MAX_FRAMES:,}")


def _size(frame: Picture, side: int | None, multiple: int) -> tuple[int, int]:
    """Return the width and height of the film, each a multiple of `multiple`."""
    height, width = frame.shape[:2]
    scale = 1 if side is None else side / max(height, width)
    width, height = (max(multiple, round(length * scale / multiple) * multiple) for length in (width, height))
    return width, height


@contextmanager
def _finished(path: Path) -> Iterator[Path]:
    """Yield a temporary name to write to. The file is renamed to `path` on success and removed on failure."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        yield unfinished
        replace(unfinished, path)
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(path), reason=error.strerror or str(error)) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _image(frame: Picture) -> Image.Image:
    return Image.fromarray(frame[:, :, 0] if frame.shape[2] == 1 else frame).convert("RGB")


def _write_mp4(path: Path, frames: Iterable[Picture], fps: float, size: tuple[int, int], recipe: dict[str, Any] | None) -> int:
    # The table of contents comes first, so that a browser can play the film while it loads. Metadata may use custom names.
    options = {"movflags": "faststart+use_metadata_tags"}
    count = 0
    with av.open(str(path), "w", format="mp4", options=options) as container:
        container.metadata["comment"] = MADE_BY_A_MACHINE
        if recipe is not None:
            container.metadata[RECIPE_KEY] = _json(recipe)
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"  # the format that every player shows
        stream.options = {"crf": "16", "preset": "veryfast"}
        coder = stream.codec_context
        coder.color_primaries = coder.color_trc = coder.colorspace = BT709
        coder.color_range = LIMITED_RANGE
        for frame in frames:
            image = _image(frame).resize(size, Image.Resampling.BICUBIC)
            picture = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")
            picture = picture.reformat(format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED_RANGE)
            picture.pts = count
            container.mux(stream.encode(picture))
            count += 1
        container.mux(stream.encode(None))
    xmp = XMP.encode()
    with path.open("ab") as file:
        file.write((24 + len(xmp)).to_bytes(4, "big") + b"uuid" + XMP_BOX + xmp)
    return count


def _write_gif(path: Path, frames: Iterable[Picture], fps: float, size: tuple[int, int], recipe: dict[str, Any] | None) -> int:
    """Write a GIF frame by frame. Pillow encodes each frame; if Pillow also wrote the file, it would hold all frames in
    memory.
    """
    count = 0
    with path.open("wb") as file:
        _write_gif_head(file, size, recipe)
        for frame in frames:
            small = _image(frame)
            # Each frame has its own palette of 256 colours, since the pictures of a walk have few colours in common.
            palette = small.quantize(256, Image.Quantize.MEDIANCUT)
            image = small.resize(size, Image.Resampling.BICUBIC).quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
            hundredths = round(100 * (count + 1) / fps) - round(100 * count / fps)  # rounded so that errors do not add up
            file.writelines(GifImagePlugin.getdata(image, (0, 0), duration=10 * hundredths, include_color_table=True))
            count += 1
        file.write(b";")
    return count


def _write_gif_head(file: BinaryIO, size: tuple[int, int], recipe: dict[str, Any] | None) -> None:
    """Write the start of the file (GIF89a specification; loop and XMP as their authors define them)."""
    file.write(b"GIF89a" + size[0].to_bytes(2, "little") + size[1].to_bytes(2, "little") + b"\x70\x00\x00")
    file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")  # a count of 0 loops for ever
    # XMP is plain text. A decoder without XMP reads its bytes as lengths of blocks, until a length of 0 ends them.
    file.write(b"\x21\xff\x0bXMP DataXMP" + XMP.encode() + b"\x01" + bytes(range(255, -1, -1)) + b"\x00")
    for text in (MADE_BY_A_MACHINE, *([f"{RECIPE_KEY}={_json(recipe)}"] if recipe is not None else [])):
        content = io.BytesIO(text.encode())
        file.write(b"\x21\xfe")
        while block := content.read(255):
            file.write(bytes([len(block)]) + block)
        file.write(b"\x00")


def _json(recipe: dict[str, Any]) -> str:
    return json.dumps(recipe, allow_nan=False, separators=(",", ":"))
