"""The report on a source: the pictures that can be used, and the files that cannot, each with its reason."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from gan.errors import DataError
from gan.words import sentence

MIN_PICTURES = 16
FEW_PICTURES = 100
MAX_CLASSES = 1000
FEW_IN_CLASS = 8
CLASSES_NAMED = 5  # classes that one warning names


@dataclass(frozen=True)
class Skipped:
    """A file that is not used, and the reason: the key `code` of a sentence in `gan/words` with its `values`, so that a page can
    show it in another language.
    """

    name: str
    reason_code: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        return sentence("en", self.reason_code, self.values).format(**self.values)


class Unusable(Exception):  # noqa: N818  (it becomes a line of the report, never an error on screen)
    """Raised for one file that cannot be used, with a reason from ERRORS["en"]."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def skip(self, name: str) -> Skipped:
        return Skipped(name, self.code, self.values)


@dataclass(frozen=True)
class Report:
    """The findings in a source. `usable` counts the pictures for training, without duplicates (equal bytes or equal pixels)."""

    usable: int
    skipped: list[Skipped]
    classes: dict[str, int]  # pictures a class; empty without classes
    duplicates: int
    median_side: int  # pixels, of the shorter sides
    grey: bool  # True if every picture is grey
    folders: int = 0  # number of folders that could be classes
    labels_from: str | None = None  # source of the classes: dataset.json, metadata.csv, metadata.jsonl or folders
    level: int | None = None  # level of the folders that are the classes, 1 being the outermost
    example: str | None = None  # a picture's folders up to that level
    copies: list[tuple[str, str]] = field(default_factory=list)  # name of each duplicate, and of the picture used instead
    left_out: int = 0  # usable pictures that the user left out

    @property
    def warnings(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the report's warnings, as codes of ERRORS["en"] with their values."""
        found: list[tuple[str, dict[str, Any]]] = []
        if MIN_PICTURES <= self.usable < FEW_PICTURES:  # fewer pictures than MIN_PICTURES raise an error instead
            found.append(("few_pictures", {"found": self.usable, "advised": FEW_PICTURES}))
        if self.folders > MAX_CLASSES:
            found.append(("many_classes", {"found": self.folders, "limit": MAX_CLASSES}))
        small = [f"{name} ({count})" for name, count in self.classes.items() if count < FEW_IN_CLASS]
        if small:
            named = ", ".join(small[:CLASSES_NAMED]) + (" …" if len(small) > CLASSES_NAMED else "")
            found.append(("few_in_classes", {"found": len(small), "classes": named, "advised": FEW_IN_CLASS}))
        slow = sum(each.reason_code == "skip_out_of_time" for each in self.skipped)
        if slow:
            found.append(("out_of_time", {"found": slow}))
        return found

    def as_json(self) -> dict[str, Any]:
        """Return the content that `inspect --json` prints."""
        return {
            "usable": self.usable,
            "skipped": [{"name": each.name, "reason": each.reason} for each in self.skipped],
            "classes": self.classes,
            "duplicates": self.duplicates,
            "labels_from": self.labels_from,
            "level": self.level,
            "example": self.example,
            "warnings": [sentence("en", code, values).format(**values) for code, values in self.warnings],
        }

    def as_stored(self) -> dict[str, Any]:
        """Return the whole report in the form that `from_stored` reads."""
        return asdict(self)

    @classmethod
    def from_stored(cls, values: dict[str, Any]) -> Self:
        copies = [(str(name), str(of)) for name, of in values.get("copies", [])]  # early reports have no copies
        return cls(**{**values, "skipped": [Skipped(**each) for each in values["skipped"]], "copies": copies})


def most_frequent(reasons: list[str]) -> str:
    """Return the reason that most files were skipped for; of equally frequent ones, the first."""
    return Counter(reasons).most_common(1)[0][0]


class TooFewPicturesError(DataError):
    """Raised for a source with too few pictures to train on; `report` lists what it holds."""

    def __init__(self, path: str, report: Report) -> None:
        self.report = report
        values: dict[str, Any] = {"path": path, "found": report.usable, "needed": MIN_PICTURES}
        if report.duplicates > len(report.skipped):
            super().__init__("too_few_different", **values, copies=report.duplicates)
            return
        if not report.skipped:
            super().__init__("too_few_pictures", **values)
            return
        most = most_frequent([each.reason for each in report.skipped])
        super().__init__("too_few_of_many", **values, skipped=len(report.skipped), reason=most)
