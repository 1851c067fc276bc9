"""Defaults and bounds, each written once: Python imports them, and the browser is sent all of them."""

from typing import Any

DEFAULT_PSI = 0.7  # truncation of pictures to look at
MAX_PSI = 2.0  # to either side
MAX_SEED = 2**32 - 1
FIRST_SEEDS = "0-7"  # what the page shows first
MAX_PICTURES = 64  # on a page at once
MAX_FILE_BYTES = 16 << 20  # of a file that is dropped

PLANE_RINGS = 32_767  # around the middle of Explore's plane with seeds of their own: (2 · 32,767 + 1)² seeds are fewer than 2³²
MAX_MIX_LINES = 8  # rows, and columns, of a mixing table
MAX_FRAMES = 3600  # of a walk
MAX_DIRECTIONS_FOUND = 32  # of each kind
MAX_STRIPS = 8  # directions whose effect one answer shows: more would keep the large picture waiting

CHILDREN = 8  # of a generation
MAX_PARENTS = 8
MAX_GENERATIONS = 60  # of a family
DEFAULT_MUTATION = 0.2


def for_browser() -> dict[str, Any]:
    """All of them, as the page's modules know them: `MAX_SEED` is `maxSeed`."""
    return {_camel(name): value for name, value in globals().items() if name.isupper()}


def _camel(name: str) -> str:
    first, *rest = name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)
