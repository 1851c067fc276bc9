"""The licence of a model's training pictures, together with those of the models it was fine-tuned from.

A run states the licence of its own pictures; the licence of its parent's pictures continues to apply. Both are written in the
text `licence` of a training record, newest first: "CC0-1.0; digits: CC-BY-SA-3.0 (MNIST)". A licence that is not stated is
written "–".
"""

from collections.abc import Sequence

from gan.config.schemas import TrainingRecord

NOT_STATED = "–"
SEPARATOR = "; "
LICENCE_LENGTH = 2000


def with_parent(own: str | None, parent_name: str, parent: TrainingRecord) -> str | None:
    """Return the licence text of a model fine-tuned from another one; None where neither model states a licence."""
    if not (parent.licence or parent.dataset):
        return own
    licence, inherited = own_and_inherited(parent.licence)
    source = f" ({parent.dataset.replace(SEPARATOR, ', ')})" if parent.dataset else ""
    of_parent = f"{parent_name}: {licence or NOT_STATED}{source}"
    return with_inherited(own, [of_parent, *inherited])


def with_inherited(own: str | None, inherited: Sequence[str]) -> str | None:
    """Return the licence text of a model's own pictures and those of its ancestors, in the format that `own_and_inherited`
    splits.
    """
    return SEPARATOR.join([own or NOT_STATED, *inherited])[:LICENCE_LENGTH] if inherited else own


def own_and_inherited(text: str | None) -> tuple[str | None, list[str]]:
    """Return the licence of a model's own pictures, None where it is not stated, and "NAME: LICENCE (SET)" for each of its
    ancestors.
    """
    own, *others = (text or NOT_STATED).split(SEPARATOR)
    while others and ": " not in others[0]:  # this semicolon belongs to the licence's own text
        own = SEPARATOR.join([own, others.pop(0)])
    return None if own == NOT_STATED else own, others
