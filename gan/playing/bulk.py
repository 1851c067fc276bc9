"""Makes many pictures as one zip with a manifest, after a preview of the first ones. The command line makes still larger zips."""

import tempfile
import zipfile
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import Field

from gan.bulk import BulkOrder, CopyGuard, make_bulk
from gan.errors import CheckpointError, ConfigError, ModelError
from gan.limits import FULL_PSI, MAX_PSI, MAX_SEED, MOST_BULK, MOST_BULK_ON_PAGE
from gan.playing.likeness import training_set
from gan.playing.studio import Answer, Call, Studio
from gan.playing.tasks import Task
from gan.sampler import Model
from gan.words import Language, number, say

MOST_BYTES = 512 << 20  # bytes of all pictures before packing, which limits the number of large pictures
SHOWN = 8


class BulkCall(Call):
    """An order. Numbers are texts as the visitor typed them, so that an error can quote them."""

    count: str = Field(max_length=40)
    first_seed: str = Field("0", max_length=40)
    psi: float = Field(FULL_PSI, ge=-MAX_PSI, le=MAX_PSI)
    class_name: str = Field("", alias="class", max_length=200)
    per_class: bool = False
    drop_copies: bool = False


def look(studio: Studio, call: BulkCall, language: Language) -> Answer:
    """Return the first pictures of an order, its total, the page's limit, and whether copies can be recognised."""
    model = studio.open(call.model)
    order = _order(model, call, None, language)
    classes = model.config.classes
    total = order.total(classes)
    first = [model.recipe(seed, order.psi, name) for seed, name in islice(order.candidates(classes), min(SHOWN, total))]
    dataset = training_set(studio, call.model, model)
    answer: Answer = {"tiles": studio.tiles(model, first), "total": total, "most": most_on_page(model)}
    return answer | {"training": None if dataset is None else {"name": dataset.name, "pictures": len(dataset.train_indices)}}


def start(studio: Studio, call: BulkCall, language: Language) -> Answer:
    """Start to make a zip. When the task is stopped, the zip holds the pictures made so far."""
    model = studio.open(call.model)
    total, most = _order(model, call, None, language).total(model.config.classes), most_on_page(model)
    if total > most:
        raise ModelError("bulk_too_many", found=number(total), most=number(most))
    dataset = training_set(studio, call.model, model) if call.drop_copies else None
    if call.drop_copies and dataset is None:
        raise ModelError("bulk_no_training_set", model=model.name)

    def work(task: Task) -> dict[str, Any]:
        guard = CopyGuard(dataset) if dataset is not None else None
        with tempfile.TemporaryDirectory(prefix="bulk-", dir=task.folder) as folder:
            made = make_bulk(
                model,
                _order(model, call, guard, language),
                Path(folder),
                guard=guard,
                progress=task.report,
                stop=lambda: task.stopped,
            )
            path = task.file("pictures.zip")
            _pack(Path(folder), path)
        return {"pictures": made.pictures, "dropped": made.dropped, "stopped": made.pictures < total}

    return {"id": studio.tasks.start(work).id}


def most_on_page(model: Model) -> int:
    """Return how many pictures a page makes at once."""
    return min(MOST_BULK_ON_PAGE, MOST_BYTES // (model.config.resolution**2 * model.config.channels))


def _order(model: Model, call: BulkCall, guard: CopyGuard | None, language: Language) -> BulkOrder:
    """Return the order of a call. Raises ConfigError, ModelError."""
    return BulkOrder.of(
        model,
        _whole(say(language, "create_count"), call.count, 1, MOST_BULK),
        first_seed=_whole(say(language, "create_bulk_first"), call.first_seed, 0, MAX_SEED),
        psi=call.psi,
        class_name=None if call.per_class else call.class_name or None,
        per_class=call.per_class,
        guard=guard,
        drop_copies=guard is not None,
    )


def _whole(label: str, text: str, least: int, most: int) -> int:
    """Parse a whole number as people write it, 2,000 or 2000. Raises ConfigError, which names the field by its label on the
    page.
    """
    plain = text.strip().replace(",", "")
    if not (plain.isascii() and plain.isdigit() and least <= int(plain) <= most):
        raise ConfigError("config_field", field=f"“{label}”", found=text.strip() or "–", expected=f"{least:,} … {most:,}")
    return int(plain)


def _pack(folder: Path, target: Path) -> None:
    """Store all files of a folder in a zip without packing: PNG files are already compressed. Raises CheckpointError."""
    try:
        with zipfile.ZipFile(target, "w") as packed:
            for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")):
                packed.write(path, path.relative_to(folder))
                path.unlink()  # removed at once, so that the disk never holds every file twice
    except OSError as error:
        raise CheckpointError("file_not_written", path=str(target), reason=error.strerror or str(error)) from error
