"""A fine-tuned model names its ancestors' licences and data in addition to its own."""

import pytest

from gan.config import TrainingRecord, own_and_inherited, with_parent

DIGITS = TrainingRecord(dataset="MNIST", licence="CC-BY-SA-3.0")


@pytest.mark.parametrize(
    ("own", "parent", "text"),
    [
        (None, DIGITS, "–; digits: CC-BY-SA-3.0 (MNIST)"),
        ("CC0-1.0", DIGITS, "CC0-1.0; digits: CC-BY-SA-3.0 (MNIST)"),
        ("mine", TrainingRecord(), "mine"),
        (None, TrainingRecord(), None),
        (None, TrainingRecord(dataset="cats.zip"), "–; digits: – (cats.zip)"),
    ],
)
def test_the_parents_licence_and_data_stand_behind_the_own_licence(own: str | None, parent: TrainingRecord, text: str) -> None:
    assert with_parent(own, "digits", parent) == text


def test_the_licences_of_all_ancestors_are_carried_on() -> None:
    child = TrainingRecord(dataset="hands.zip", licence=with_parent(None, "digits", DIGITS))
    text = with_parent("CC0-1.0", "hands", child)
    assert text == "CC0-1.0; hands: – (hands.zip); digits: CC-BY-SA-3.0 (MNIST)"
    assert own_and_inherited(text) == ("CC0-1.0", ["hands: – (hands.zip)", "digits: CC-BY-SA-3.0 (MNIST)"])


def test_a_semicolon_of_a_licence_itself_does_not_make_an_ancestor() -> None:
    assert own_and_inherited("CC BY 4.0; see the site") == ("CC BY 4.0; see the site", [])
    assert own_and_inherited(None) == (None, [])
