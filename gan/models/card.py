"""The model card: README.md of a model's folder and repository, with what the model makes, how to use it, its data, licences and
limits.
"""

import re

from gan.config import ModelConfig, TrainingRecord, own_and_inherited
from gan.limits import FULL_PSI, PSI, SAMPLE_SEEDS
from gan.words import printable

# The Hub's identifiers for common licences. Any other licence is "other" in the front matter; the text names it in full.
LICENCES = {
    "apache-2.0",
    "bsd-2-clause",
    "bsd-3-clause",
    "cc-by-2.0",
    "cc-by-3.0",
    "cc-by-4.0",
    "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0",
    "cc-by-nd-4.0",
    "cc-by-sa-3.0",
    "cc-by-sa-4.0",
    "cc0-1.0",
    "gpl-3.0",
    "mit",
    "mpl-2.0",
    "openrail",
    "unlicense",
}
SHOWN_CLASSES = 30
FEW_PICTURES = 1000

MEASURES = """\
`sliced_wasserstein` is the distance of the samples from real pictures, and `sliced_wasserstein_real` the distance of other real
pictures from these; lower is closer. `diversity` is 1 when samples vary as much as real pictures. `memorisation` is how often a
sample lies nearer to the training pictures than a held-out picture does: ½ is ideal, 1 means that samples are copies, and small
values occur in sets that contain their pictures in several variants. `nearest_training` is the median distance of a sample from
the nearest training picture. `copied_share` estimates the share of samples that are copies. The real picture nearest to an
original sample should be a held-out one as often as held-out pictures occur in the set; a shortfall counts as copying.
`copied_share_low` and `copied_share_high` are the ends of its 95 % interval. If the interval is too wide, the card lists none of
the three."""


def model_card(config: ModelConfig, name: str | None = None) -> str:
    """Return the card in Markdown. `name` is one that `find` accepts: user/repo, a run or a starter; with None, the card's
    example uses the path of a folder.
    """
    title, known_as = name or "A Seedbed model", name or "path/to/this/folder"
    parts = [_front_matter(config.training), _summary(config, title), _use(config, known_as), _training(config), _limits(config)]
    return "\n".join(parts)


def card_licence(training: TrainingRecord) -> str:
    """Return the licence for the Hub's front matter: "other" for pictures of several owners, whose licences the text names one by
    one.
    """
    own, inherited = own_and_inherited(training.licence)
    return "other" if inherited else _known_licence(own)


def _front_matter(training: TrainingRecord) -> str:
    known = card_licence(training)
    licence = f"license: {known}" + ("\nlicense_name: named-in-the-text" if known == "other" else "")
    return f"""---
{licence}
library_name: seedbed
pipeline_tag: unconditional-image-generation
tags:
- gan
- seedbed
- unconditional-image-generation
---
"""


def _known_licence(text: str | None) -> str:
    """Return the Hub's identifier at the start of a licence's text, as in "Apache-2.0 (Google Inc.)" or "CC BY-SA 3.0"."""
    if text is None:
        return "unknown"
    plain = "-".join(text.lower().split())
    return next((licence for licence in LICENCES if re.match(rf"{re.escape(licence)}(?![\w.])", plain)), "other")


def _summary(config: ModelConfig, name: str) -> str:
    kind = "grey" if config.channels == 1 else "colour"
    classes = ""
    if config.classes:
        shown = ", ".join(_plain(label) for label in config.classes[:SHOWN_CLASSES])
        more = f" and {len(config.classes) - SHOWN_CLASSES} more" if len(config.classes) > SHOWN_CLASSES else ""
        classes = f" It has {len(config.classes)} classes: {shown}{more}."
    side = config.resolution
    return f"""# {_plain(name)}

This generative adversarial network (family `{config.family}`) makes {kind} pictures of {side} × {side} pixels.{classes}
It was trained with Seedbed. The same seed gives the same picture on every machine.

![Pictures of the seeds 0 to {SAMPLE_SEEDS - 1}](preview.png)
"""


def _use(config: ModelConfig, name: str) -> str:
    chosen = f", class_name={printable(config.classes[0])!r}" if config.classes else ""
    shape = (3, config.resolution, config.resolution, config.channels)
    return f"""## Use

```python
import gan
model = gan.load({name!r})
pictures = model.generate(seeds=[1, 2, 3], psi={PSI}{chosen})  # uint8 {shape}
```

```
python -m gan generate --model "{name}" --seeds 0-15 --out pictures
```

`psi` sets the variety: 0.5 gives typical pictures, {FULL_PSI} the full variety.
"""


def _training(config: ModelConfig) -> str:
    training = config.training
    data = f"{training.images:,} pictures" if training.images else "An unstated number of pictures"
    lines = ["## Training", ""]
    lines.append(f"- Data: {data}" + (f" of the set {_plain(training.dataset)}." if training.dataset else "."))
    own, inherited = own_and_inherited(training.licence)
    lines.append(f"- Licence of the data: {_plain(own) if own else 'not stated'}.")
    lines += [f"- Licence of the data of a model it was fine-tuned from: {_plain(licence)}." for licence in inherited]
    lines.append(f"- Length: {training.images_seen:,} pictures shown to the discriminator.")
    if training.objective:
        lines.append(f"- Objective: {_plain(training.objective)}.")
    if training.parent:
        lines.append(f"- Fine-tuned from: {_plain(training.parent)}.")
    if training.metrics:
        lines += ["", "| measure | value |", "|---|---|"]
        lines += [f"| {_plain(label)} | {value:.4g} |" for label, value in sorted(training.metrics.items())]
        lines += ["", MEASURES]
    return "\n".join([*lines, ""])


def _limits(config: ModelConfig) -> str:
    is_few = 0 < config.training.images < FEW_PICTURES
    few = " It was trained on few pictures, so some samples may be close to single training pictures." if is_few else ""
    return f"""## Limits

The model can make only what its training pictures show, and it has their gaps and their bias.{few}
Some seeds give malformed pictures; a lower `psi` makes them rarer.

## Provenance

Every picture of this model is machine-made; say so where you show it. The PNG files that Seedbed writes contain the model, the
seed and the settings in a text chunk named `seedbed`.
"""


def _plain(text: str) -> str:
    """Return text of unknown origin as one printable line without characters that Markdown or HTML interpret."""
    line = " ".join(printable(text).split())
    return re.sub(r"([\\`*_\[\]<>|#~!])", r"\\\1", line).replace("&", "&amp;")
