"""Writes the files of a set under preparation: a folder that becomes visible when complete, and pictures one after another."""

import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from gan.errors import DataError

STALE_SECONDS = 24 * 3600
UNFINISHED = ".preparing-"
COPY_PICTURES = 1024


def check_room(store: Path, needed: int) -> None:
    free = shutil.disk_usage(store).free
    if free < needed:
        raise DataError("dataset_disk", path=str(store), needed=(needed >> 20) + 1, free=free >> 20)


@contextmanager
def unfinished_folder(store: Path) -> Iterator[Path]:
    """Yield a folder to write in. It is removed afterwards unless it was renamed. Raises DataError if the system cannot write."""
    folder = store / f"{UNFINISHED}{secrets.token_hex(8)}"
    try:
        folder.mkdir(parents=True)
        for left in store.glob(f"{UNFINISHED}*"):  # left by a process that was killed
            if left.stat().st_mtime < time.time() - STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
        yield folder
    except OSError as error:
        raise DataError("dataset_not_written", path=str(store), reason=error.strerror or str(error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class PictureFile:
    """An .npy file to which pictures are appended; numpy reserves room in its header for the final count."""

    def __init__(self, file: BinaryIO, shape: tuple[int, int, int]) -> None:
        self._file = file
        self._shape = shape
        self._count = 0
        self._write_header()

    def add(self, pictures: np.ndarray) -> None:
        """Append pictures, uint8 (N, H, W, C), to the file."""
        assert pictures.dtype == np.uint8
        assert pictures.shape[1:] == self._shape
        self._file.write(np.ascontiguousarray(pictures).data)
        self._count += len(pictures)

    def finish(self) -> None:
        end = self._file.tell()
        self._file.seek(0)
        self._write_header()
        assert self._file.tell() + self._count * int(np.prod(self._shape)) == end

    def _write_header(self) -> None:
        header = {"descr": "|u1", "fortran_order": False, "shape": (self._count, *self._shape)}
        np.lib.format.write_array_header_1_0(self._file, header)


@contextmanager
def picture_file(path: Path, size: int, channels: int) -> Iterator[PictureFile]:
    with path.open("wb") as file:
        pictures = PictureFile(file, (size, size, channels))
        yield pictures
        pictures.finish()


def copy_pictures(pictures: np.ndarray, kept: np.ndarray, path: Path) -> None:
    """Write the pictures at some positions of uint8 (N, H, H, C), a part at a time."""
    with picture_file(path, pictures.shape[1], pictures.shape[3]) as file:
        for start in range(0, len(kept), COPY_PICTURES):
            file.add(pictures[kept[start : start + COPY_PICTURES]])
