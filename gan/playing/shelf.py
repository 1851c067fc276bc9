"""The models that a visitor can choose from, by keys that a browser may send, and the few models that stay open."""

from collections import OrderedDict
from pathlib import Path
from threading import Lock

from gan.errors import CheckpointError
from gan.limits import MOST_OPEN_MODELS
from gan.models import Entry, find_entry, list_models, not_found, read_config
from gan.sampler import Model
from gan.words import Language, printable, say

FIRST_STARTER = "emoji"


class Shelf:
    """Models by key. Only models that `list_models` lists are opened, whatever a browser sends."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._open: OrderedDict[str, Model] = OrderedDict()
        self._lock = Lock()

    def entries(self) -> list[Entry]:
        """Return all models on this machine."""
        return list_models(self.home)

    def first_key(self) -> str | None:
        """Return the key of the default model: the first starter, else the first model."""
        entries = sorted(self.entries(), key=lambda entry: (entry.kind != "starter", entry.name != FIRST_STARTER))
        return entries[0].key if entries else None

    def choices(self, language: Language) -> list[tuple[str, str]]:
        """Return (label, key) of every model, starters first."""
        entries = sorted(self.entries(), key=lambda entry: ("starter", "kept", "run").index(entry.kind))
        return [(f"{printable(entry.name)} · {say(language, f'kind_{entry.kind}')}", entry.key) for entry in entries]

    def entry(self, key: str | None) -> Entry:
        """Return the model of a key or name. Raises ModelError where no model has it."""
        return find_entry(str(key or ""), self.home)

    def named(self, name: str) -> Entry:
        """Return the model of a key or name; the default model for None. Raises ModelError."""
        key = name or self.first_key()
        if key is None:
            raise not_found("", [])
        return self.entry(key)

    def key_of_weights(self, weights_sha256: str, name: str) -> str | None:
        """Return the key of a model on this machine with exactly these weights, or None; a model of this name takes
        precedence.
        """
        found = [entry for entry in self.entries() if _weights_of(entry) == weights_sha256]
        found.sort(key=lambda entry: entry.name != name)
        return found[0].key if found else None

    def open(self, key: str | None) -> Model:
        """Return the model of a key, ready to make pictures. It is read again only when its weights have changed."""
        return self.open_entry(self.entry(key))

    def open_entry(self, entry: Entry) -> Model:
        """Return the model of an entry, as `open` does."""
        weights = read_config(entry.folder).weights_sha256
        with self._lock:
            model = self._open.get(entry.key)
            if model is None or model.config.weights_sha256 != weights:
                model = Model.open(entry.folder)
                self._open[entry.key] = model
            self._open.move_to_end(entry.key)
            while len(self._open) > MOST_OPEN_MODELS:
                self._open.popitem(last=False)
            return model


def _weights_of(entry: Entry) -> str | None:
    """Return the sha256 of the weights that a model's config states; None for a damaged folder, so that it does not hide other
    models.
    """
    try:
        return read_config(entry.folder).weights_sha256
    except CheckpointError:
        return None
