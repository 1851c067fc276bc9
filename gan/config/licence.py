"""The licence of a model's training pictures, together with those of the models it was fine-tuned from.

A run states its own pictures' licence; what its parent was trained on goes on applying. Both stand in the one text `licence` of a
training record, from the newest to the oldest: "CC0-1.0; digits: CC-BY-SA-3.0 (MNIST)"; "–" is a licence that is not stated.
"""

from collections.abc import Sequence

from gan.config.schemas import TrainingRecord

NOT_STATED = "–"
SEPARATOR = "; "
LICENCE_LENGTH = 2000


def with_parent(own: str | None, parent_name: str, parent: TrainingRecord) -> str | None:
    """The licence text of a model that was fine-tuned from another one; None where neither states anything."""
    if not (parent.licence or parent.dataset):
        return own
    licence, inherited = own_and_inherited(parent.licence)
    source = f" ({parent.dataset.replace(SEPARATOR, ', ')})" if parent.dataset else ""
    of_parent = f"{parent_name}: {licence or NOT_STATED}{source}"
    return with_inherited(own, [of_parent, *inherited])


def with_inherited(own: str | None, inherited: Sequence[str]) -> str | None:
    """The licence text of a model's own pictures and those of its ancestors, as `own_and_inherited` takes it apart."""
    return SEPARATOR.join([own or NOT_STATED, *inherited])[:LICENCE_LENGTH] if inherited else own


def own_and_inherited(text: str | None) -> tuple[str | None, list[str]]:
    """The licence of a model's own pictures, None where it is not stated, and "NAME: LICENCE (SET)" of each of its ancestors."""
    own, *others = (text or NOT_STATED).split(SEPARATOR)
    while others and ": " not in others[0]:  # a semicolon of the text itself
        own = SEPARATOR.join([own, others.pop(0)])
    return None if own == NOT_STATED else own, others
