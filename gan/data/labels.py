"""Reads labels from label files: StyleGAN's dataset.json, and an imagefolder's metadata.csv or metadata.jsonl."""

import codecs
import csv
import io
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gan.data.report import MAX_CLASSES, Skipped, Unusable
from gan.data.sources import Opened
from gan.data.sources.base import basename
from gan.data.sources.names import guess_encoding
from gan.words import printable

FILE_COLUMNS = ("file_name", "filename", "file", "image", "image_path", "path", "name")
LABEL_COLUMNS = ("label", "labels", "class", "class_name", "category", "target", "class_id", "label_name")
MOST = 0.5  # labels that apply to a smaller fraction of the pictures are taken to belong to another set
MAX_FIELD_LETTERS = 1 << 20

Label = str | int


@dataclass(frozen=True)
class Labels:
    """The content of label files: a label for each picture by its path; `origin` names the file they came from."""

    origin: str
    by_path: dict[str, Label]


def read_labels(opened: Opened, names: Sequence[str]) -> tuple[Labels | None, list[Skipped]]:
    """Return the labels of a source that apply to most of its pictures, and the unused label files, each with its reason.

    dataset.json takes precedence over metadata.csv, and a file in an outer folder over one in an inner folder. An imagefolder may
    have a metadata file in each of its folders.
    """
    skipped: list[Skipped] = []
    found: dict[str, dict[str, Label]] = {}
    for member in opened.listing.labels:
        kind = basename(member).lower()
        try:
            labels = READERS[kind](opened.read(member, label=True))
        except Unusable as reason:
            skipped.append(reason.skip(printable(member.name)))
            continue
        except (ValueError, KeyError, TypeError, RecursionError, csv.Error):
            skipped.append(Unusable("skip_labels").skip(printable(member.name)))
            continue
        inside = "/".join(member.folders)
        for path, label in labels:
            whole = unicodedata.normalize("NFC", "/".join(part for part in (inside, *path.replace("\\", "/").split("/")) if part))
            found.setdefault(kind, {}).setdefault(whole.replace("/./", "/"), label)
    for kind, by_path in found.items():
        if sum(name in by_path for name in names) >= max(1, MOST * len(names)):
            return Labels(kind, by_path), skipped
    return None, skipped


def _from_json(content: bytes) -> list[tuple[str, Label]]:
    """Read dataset.json: {"labels": [["00000/img00000000.png", 3], …]}, or null labels. A one-hot label becomes the position of
    its 1.
    """
    whole = json.loads(content)
    labels = whole["labels"] if isinstance(whole, dict) else whole
    if labels is None:
        return []
    pairs = labels.items() if isinstance(labels, dict) else labels
    return [(str(path), label) for path, given in pairs if (label := _label(given)) is not None]


def _label(given: Any) -> Label | None:
    if isinstance(given, list):
        if sum(given) != 1 or set(given) - {0, 1}:
            raise ValueError("a label of several numbers is no class")
        return given.index(1)
    if isinstance(given, bool) or given is None:
        return None if given is None else str(given)
    if isinstance(given, float):
        if not given.is_integer():  # infinity and NaN included, which JSON in Python may hold
            raise ValueError("a label that is no whole number is no class")
        return int(given)
    return given if isinstance(given, int) else str(given)


def _from_csv(content: bytes) -> list[tuple[str, Label]]:
    text = _text(content)
    csv.field_size_limit(MAX_FIELD_LETTERS)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    return _from_rows(list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)))


def _text(content: bytes) -> str:
    """Decode text as UTF-16 if it has that byte order mark, else as UTF-8 if it is valid, else by a guessed code page, as
    spreadsheet programs in some countries write.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(guess_encoding(content.splitlines()), errors="replace")


def _from_lines(content: bytes) -> list[tuple[str, Label]]:
    # str.splitlines would also break at separators of Unicode, which captions hold unescaped
    return _from_rows([json.loads(line) for line in re.split(r"\r\n|\r|\n", _text(content)) if line.strip()])


READERS: dict[str, Callable[[bytes], list[tuple[str, Label]]]] = {
    "dataset.json": _from_json,
    "metadata.csv": _from_csv,
    "metadata.jsonl": _from_lines,
}


def _from_rows(rows: list[dict[str, Any]]) -> list[tuple[str, Label]]:
    """Read the file and label columns of a table. The result is empty where no column sorts the pictures into classes, as with
    captions.
    """
    columns = list(dict.fromkeys(column for row in rows for column in row if isinstance(column, str)))
    by_lower = {column.strip().lower(): column for column in reversed(columns)}
    file_column = next((by_lower[name] for name in FILE_COLUMNS if name in by_lower), None)
    if file_column is None:
        raise ValueError("no column names the files")
    candidates = [by_lower[name] for name in LABEL_COLUMNS if name in by_lower]
    candidates += [column for column in columns if column not in (file_column, *candidates)]
    for column in candidates:
        if _sorts(row.get(column) for row in rows):
            return [(str(row[file_column]).strip(), _cell(row[column])) for row in rows if row.get(column) not in (None, "")]
    return []


def _sorts(cells: Iterable[Any]) -> bool:
    """Return whether a column holds classes: at least two, nearly all with several pictures."""
    values = [cell for cell in cells if cell not in (None, "")]
    if not all(isinstance(cell, str | int) for cell in values):
        return False
    counts = Counter(values)
    return 2 <= len(counts) <= MAX_CLASSES and 2 * len(counts) <= len(values)


def _cell(cell: str | int) -> Label:
    text = str(cell).strip()
    return int(text) if text.isascii() and text.isdigit() and str(int(text)) == text else text
