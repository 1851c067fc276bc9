"""Shows whether a model copied: each sample next to its nearest training picture, and a sentence on the share of copies."""

from collections.abc import Sequence
from html import escape

from gan.runs.looks import Copies, Written
from gan.ui.train.inside import strip
from gan.words import Language, number, say


def copies_html(look: Written, found: Copies, language: Language) -> str:
    """Return each sample next to its nearest training picture, nearest pairs first, and a sentence that explains them."""
    samples, nearest = strip(look, "samples"), strip(look, "nearest")
    if not samples or len(samples) != len(nearest):
        return ""
    order = sorted(range(min(len(samples), len(found.distances))), key=found.distances.__getitem__)
    alike = strip(look, "alike") if len(found.alike_distances) == len(samples) else []

    def shown(at: int) -> str:
        others = [(nearest[at], found.distances[at] < found.closest, "copies_original")]
        if len(alike) == len(samples):
            others.append((alike[at], found.alike_distances[at] < found.alike_closest, "copies_alike"))
        return beside_html(samples[at], others, language)

    pairs = "".join(map(shown, order))
    how = "copies_how_alike" if alike else "copies_how"
    when = escape(say(language, "live_after", count=number(look.images_seen)))
    return (
        f'<div class="copies"><p>{escape(copied_sentence(found, language))}</p><div class="pairs">{pairs}</div>'
        f'<p class="hint">{when}. {escape(say(language, how))}</p></div>'
    )


def copied_sentence(found: Copies, language: Language) -> str:
    """Return the share that counts as copied, with its uncertainty; where no picture is held out, the share that is very near to
    training pictures.
    """
    near = say(language, "copies_near", count=found.measured, near=percent(found.near_share))
    if found.copied_share is None or found.copied_share_low is None or found.copied_share_high is None:
        return near
    values = {"share": found.copied_share, "low": found.copied_share_low, "high": found.copied_share_high}
    shares = {name: percent(min(max(value, 0.0), 1.0)) for name, value in values.items()}
    return f"{say(language, 'copies_share', **shares)} {near}"


def percent(share: float) -> str:
    """Format a share as a number in percent: 0.12 as 12."""
    return str(round(100 * share))


def beside_html(sample: str, others: Sequence[tuple[str, bool, str]], language: Language) -> str:
    """Return a sample next to training pictures, with a verdict. Each of `others` is a picture's address, whether it is too near,
    and its name in the texts.
    """
    near = any(is_near for _, is_near, _ in others)
    verdict = f"<b>{escape(say(language, 'copies_copy'))}</b>" if near else escape(say(language, "copies_no_copy"))
    pictures = [(sample, "copies_sample"), *((address, name) for address, _, name in others)]
    images = "".join(f'<img src="{address}" alt="{escape(say(language, name))}">' for address, name in pictures)
    return f'<figure class="copy-pair{" is-near" * near}"><div>{images}</div><figcaption>{verdict}</figcaption></figure>'
