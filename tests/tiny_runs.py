"""Runs that train in seconds: 16 to 32 pixels, the smallest networks, pictures of the test fixture."""

import functools
import shutil
import tempfile
from pathlib import Path
from typing import Any

from gan import data
from gan.order import Order
from gan.runs import Run

TEMPORARY = tempfile.TemporaryDirectory(prefix="seedbed-tests-")  # removed when the process ends
FIXTURE = Path(__file__).parent / "fixtures" / "emoji32.zip"
TINY: dict[str, dict[str, Any]] = {
    "style": {
        "w_dim": 16,
        "maps": 2,
        "generator_width": 16,
        "generator_capacity": 64,
        "discriminator_width": 16,
        "discriminator_capacity": 64,
    },
    "dcgan": {"width": 4, "dropout": 0.2},
    "mlp": {"generator_widths": [32], "discriminator_widths": [32], "dropout": 0.2},
}
TINY_HEADS = {"width": 8, "side": 32}
SIZES = {"style": 16, "dcgan": 28, "mlp": 28}


@functools.cache
def prepared_home(size: int) -> Path:
    """Return a home with the fixture prepared at a size; it is made once in a session, and tests copy it."""
    home = Path(TEMPORARY.name) / str(size)
    data.prepare(FIXTURE, home=home, size=size)
    return home


ORDERED = frozenset(Order.model_fields)


def tiny_run(home: Path, name: str = "tiny", family: str = "style", size: int | None = None, **chosen: Any) -> Run:
    """Create a run that waits to be trained, with its data prepared in `home`. `chosen` are choices of an Order, or RunConfig
    fields.
    """
    size = size or SIZES[family]
    shutil.copytree(prepared_home(size), home, dirs_exist_ok=True)
    parent = chosen.get("parent")
    defaults: dict[str, Any] = {"device": "cpu", "batch": 8, "size": size, "network": family}
    if parent is None:
        defaults["z_dim"] = 8
    if chosen.get("minutes") is None:
        defaults["images"] = 64
    values = defaults | chosen
    settings = {key: value for key, value in values.items() if key not in ORDERED}
    order = Order.of(source=FIXTURE, name=name, settings=settings, **{key: values[key] for key in values.keys() & ORDERED})
    config = order.resolve(order.prepare(home))
    tiny = {"network": TINY[family] if parent is None else config.network.model_dump(), "threads": 1, "fit_threads": False}
    return Run.create(home, name, config.model_dump(mode="json") | tiny)
