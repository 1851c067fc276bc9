"""Every sentence for users: it exists, its values are given, and it is a complete sentence."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from gan import errors
from gan.errors import GanError
from gan.words import ERRORS

PACKAGE = Path(errors.__file__).parent
KINDS = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, GanError)}


def placeholders(code: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(ERRORS["en"][code]) if name}


def raised() -> Iterator[tuple[str, str, set[str] | None]]:
    """Yield (place, code, names of the values) of every GanError in the package's source; the names are None where values are
    passed on.
    """
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and name in KINDS and node.args and isinstance(node.args[0], ast.Constant):
                given = {keyword.arg for keyword in node.keywords}
                place = f"{path.relative_to(PACKAGE)}:{node.lineno}"
                yield place, str(node.args[0].value), None if None in given else {str(value) for value in given}


RAISED = list(raised())


@pytest.mark.parametrize(("place", "code", "given"), RAISED, ids=[f"{place}-{code}" for place, code, _ in RAISED])
def test_an_error_has_a_sentence_and_gives_it_its_values(place: str, code: str, given: set[str] | None) -> None:
    assert code in ERRORS["en"]
    if given is not None:
        assert placeholders(code) <= given


@pytest.mark.parametrize("code", ERRORS["en"])
def test_a_message_is_one_that_somebody_needs_and_ends_properly(code: str) -> None:
    assert re.search(r"([.}]|: (hf|python -m gan|--)[ \w].*)$", ERRORS["en"][code]) or code.startswith("skip_")
    assert any(
        f'"{code.removesuffix("_one")}"' in path.read_text(encoding="utf-8")
        for path in PACKAGE.rglob("*.py")
        if path.name != "errors.py"
    )


def test_an_error_can_be_said_in_another_language_from_its_code_and_values() -> None:
    error = errors.ConfigError("config_field", field="batch", found=1, expected="2 or more")
    assert (error.code, error.values["found"]) == ("config_field", 1)
    assert str(error) == "batch is 1; it must be 2 or more."
