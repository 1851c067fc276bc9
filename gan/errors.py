"""The errors a user may see: each carries a code, its values, and one sentence that says what, what was found, what to do.

GanError
├── DataError        a zip or a picture that cannot be used
├── ConfigError      a recipe that makes no sense
├── CheckpointError  a model folder or snapshot that is damaged or foreign
├── RunError         a run that cannot be started, resumed or changed
├── ModelError       a model that cannot be found, or asked for what it has not
├── HubError         the Hugging Face Hub refused or cannot be reached
└── AccessError      a request that its sender has no right to make
"""

from typing import Any

from gan.words import ERRORS, Language, error_text, shown


class GanError(Exception):
    """Base of all errors meant for users.

    `code` names a sentence in `words/en.json` and `values` fill its placeholders, so a page can show it in another language.
    Values may come from anywhere: in a sentence they are printable and cut to length.
    """

    def __init__(self, code: str, **values: Any) -> None:
        self.code = code
        self.values = values
        super().__init__(ERRORS["en"][code].format(**shown(values)))

    def translated(self, language: Language) -> str:
        """The sentence as the page shows it: in a language, with files by their names."""
        return error_text(language, self.code, self.values)


class DataError(GanError):
    """A zip or a picture cannot be used."""


class ConfigError(GanError):
    """A recipe makes no sense, or a field is out of its bounds."""


class CheckpointError(GanError):
    """A model folder or a snapshot is damaged, foreign or of another format."""


class RunError(GanError):
    """A run cannot be started, resumed or changed."""


class ModelError(GanError):
    """A model cannot be found, or was asked for something it does not have."""


class MetricError(GanError):
    """A metric cannot be measured with what is here."""


class HubError(GanError):
    """The Hugging Face Hub refused, or cannot be reached."""


class AccessError(GanError):
    """A request asks for what its sender has no right to, or for more than a fair share."""
