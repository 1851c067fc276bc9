"""The models a visitor can choose from, by keys that are safe to take from a browser, and the few that are kept open."""

from collections import OrderedDict
from pathlib import Path
from threading import Lock

from gan.errors import CheckpointError, ModelError
from gan.hub import Entry, list_models
from gan.limits import MOST_OPEN_MODELS
from gan.models import read_config
from gan.sampler import Model
from gan.words import Language, say

FIRST_STARTER = "emoji"


def key_of(entry: Entry) -> str:
    """`run:flowers`, `kept:user/repo` or `starter:emoji`: what a browser says for a model."""
    return f"{entry.kind}:{entry.name}"


class Shelf:
    """Models by key. Nothing is opened but what `list_models` lists, whatever a browser sends."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._open: OrderedDict[str, Model] = OrderedDict()
        self._lock = Lock()

    def entries(self) -> list[Entry]:
        """All models on this machine."""
        return list_models(self.home)

    def first_key(self) -> str | None:
        """The model to begin with: the first starter, else the first there is."""
        entries = sorted(self.entries(), key=lambda entry: (entry.kind != "starter", entry.name != FIRST_STARTER))
        return key_of(entries[0]) if entries else None

    def choices(self, language: Language) -> list[tuple[str, str]]:
        """(label, key) of every model, starters first."""
        entries = sorted(self.entries(), key=lambda entry: ("starter", "kept", "run").index(entry.kind))
        return [(f"{entry.name} · {say(language, f'kind_{entry.kind}')}", key_of(entry)) for entry in entries]

    def entry(self, key: str | None) -> Entry:
        """The model of a key. Raises ModelError where there is none."""
        entries = self.entries()
        for entry in entries:
            if key_of(entry) == key:
                return entry
        name = str(key or "").partition(":")[2]
        raise ModelError("model_not_found", model=name or "-", known=", ".join(entry.name for entry in entries) or "-")

    def key_of_weights(self, weights_sha256: str, name: str) -> str | None:
        """The key of a model with these very weights, if it is here; one of this name before others."""
        found = [entry for entry in self.entries() if _weights_of(entry) == weights_sha256]
        found.sort(key=lambda entry: entry.name != name)
        return key_of(found[0]) if found else None

    def open(self, key: str | None) -> Model:
        """The model of a key, ready to make pictures; opened again only where its weights have changed."""
        entry = self.entry(key)
        weights = read_config(entry.folder).weights_sha256
        with self._lock:
            model = self._open.get(key_of(entry))
            if model is None or model.config.weights_sha256 != weights:
                model = Model.open(entry.folder)
                self._open[key_of(entry)] = model
            self._open.move_to_end(key_of(entry))
            while len(self._open) > MOST_OPEN_MODELS:
                self._open.popitem(last=False)
            return model


def _weights_of(entry: Entry) -> str | None:
    """The weights that a model says it has; None where its folder is damaged, which is no trouble of the others."""
    try:
        return read_config(entry.folder).weights_sha256
    except CheckpointError:
        return None
