"""The errors a user may see. Each carries a code, its values, and a sentence on the problem, what was found, and what to do.

GanError
├── DataError        a zip or a picture that cannot be used
├── ConfigError      a config that cannot work
├── CheckpointError  a model folder or snapshot that is damaged or of another format
├── RunError         a run that cannot be started, resumed or changed
├── ModelError       a model that cannot be found, or lacks a requested property
├── HubError         the Hugging Face Hub refused or cannot be reached
└── AccessError      a request that its sender has no right to make
"""

from typing import Any

from gan.words import Language, error_text, sentence, shown


class GanError(Exception):
    """Base of all errors meant for users.

    `code` names a sentence in `words/en.json` and `values` fill its placeholders, so that a page can show it in another language.
    Values may be of unknown origin: in the sentence they are made printable and are shortened.
    """

    def __init__(self, code: str, **values: Any) -> None:
        self.code = code
        self.values = values
        super().__init__(sentence("en", code, values).format(**shown(values)))

    def translated(self, language: Language) -> str:
        """Return the sentence in a language, as the page shows it: files appear by their names, without folders."""
        return error_text(language, self.code, self.values)


class DataError(GanError):
    """Raised for a zip or a picture that cannot be used."""


class ConfigError(GanError):
    """Raised for a config that cannot work, or a field that is out of its bounds."""


class CheckpointError(GanError):
    """Raised for a model folder, a snapshot or another file that is damaged, of another format, or cannot be written."""


class RunError(GanError):
    """Raised when a run cannot be started, resumed or changed."""


class ModelError(GanError):
    """Raised when a model cannot be found, or lacks a requested property, such as a class."""


class MetricError(GanError):
    """Raised when a metric cannot be measured with the given data or software."""


class HubError(GanError):
    """Raised when the Hugging Face Hub refuses a request, or cannot be reached."""


class AccessError(GanError):
    """Raised for a request that its sender has no right to make, or that exceeds the sender's fair share."""
