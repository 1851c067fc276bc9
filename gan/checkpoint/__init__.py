"""A model folder and a snapshot: read, write, verify. Nothing is believed before it is checked, nothing is ever half written.

model.py       a model folder, and what a safetensors file must hold
snapshots.py   all that a training needs to go on
"""

from gan.checkpoint.model import (
    CARD,
    CONFIG,
    DIRECTIONS,
    DISCRIMINATOR,
    PREVIEW,
    WEIGHTS,
    Expected,
    check_format,
    expected_tensors,
    read_config,
    read_described,
    read_discriminator,
    read_generator,
    verify_safetensors,
    write_model,
)
from gan.checkpoint.snapshots import (
    discard_snapshots_after,
    good_snapshots,
    latest_snapshot,
    prune_snapshots,
    read_snapshot,
    snapshot_name,
    write_snapshot,
)

__all__ = [
    "CARD",
    "CONFIG",
    "DIRECTIONS",
    "DISCRIMINATOR",
    "PREVIEW",
    "WEIGHTS",
    "Expected",
    "check_format",
    "discard_snapshots_after",
    "expected_tensors",
    "good_snapshots",
    "latest_snapshot",
    "prune_snapshots",
    "read_config",
    "read_described",
    "read_discriminator",
    "read_generator",
    "read_snapshot",
    "snapshot_name",
    "verify_safetensors",
    "write_model",
    "write_snapshot",
]
