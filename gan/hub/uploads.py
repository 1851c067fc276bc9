"""Counts the bytes of files on their way to the Hub as they are read, since the client does not report the progress of
uploads.
"""

import io
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Lock

from huggingface_hub import CommitOperationAdd

from gan.hub.client import Progress

COUNTED_BYTES = 2**20  # smaller files are sent with the commit itself
WEIGHTS = (".safetensors", ".onnx")


class _CountedFile(io.BufferedReader):
    """A file that counts the bytes read from it."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self.furthest = 0
        self.report: Callable[[], None] | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if self.report:
            self.furthest = max(self.furthest, self.tell())
            self.report()
        return data


def additions(files: Mapping[str, Path], stack: ExitStack, progress: Progress | None) -> list[CommitOperationAdd]:
    """Return the operations that add files to a commit under the given names; `progress` receives bytes sent and bytes in all.

    `stack` holds weights and large files open. Small files count as sent from the beginning.
    """
    sizes = {name: path.stat().st_size for name, path in files.items()}
    large = [name for name, path in files.items() if sizes[name] >= COUNTED_BYTES or path.suffix in WEIGHTS]
    opened = {name: stack.enter_context(_CountedFile(files[name])) for name in large}
    total, small = sum(sizes.values()), sum(sizes[name] for name in files if name not in opened)
    operations = [CommitOperationAdd(name, opened.get(name, path)) for name, path in files.items()]
    lock = Lock()  # the client sends several files at a time

    def report() -> None:
        if progress:
            with lock:
                progress(small + sum(file.furthest for file in opened.values()), total)

    for file in opened.values():
        file.report = report  # set after the operation is made, because making the operation reads the file once to hash it
    return operations
