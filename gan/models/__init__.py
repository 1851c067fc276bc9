"""Model folders: reading, writing, verifying, finding by name, pulling from the Hub, packing, and the model card.

folder.py      a model folder, and the checks of its weights
directions.py  directions.safetensors: the latent directions that the user named
origin.py      the name of a model folder, and where it was pulled from
verifying.py   the checks of a folder of unknown origin
pulling.py     downloads from the Hugging Face Hub into home/models
packing.py     a model as a zip, and back
keeping.py     a copy of a run's model, which later training does not change
finding.py     models by name: a folder, a run, a kept model, a starter, the Hub
removing.py    moves a model into home/trash, and back
renaming.py    renames a model
card.py        the model card
"""

from gan.models.card import model_card
from gan.models.directions import (
    Direction,
    Source,
    carry_over,
    keep_fitting,
    read_directions,
    write_directions,
)
from gan.models.finding import Entry, find, find_entry, list_models, not_found, starters_folder
from gan.models.folder import (
    CARD,
    CONFIG,
    DIRECTIONS,
    DISCRIMINATOR,
    MODEL_FILES,
    PREVIEW,
    WEIGHTS,
    folder_bytes,
    has_model,
    read_config,
    read_discriminator,
    read_generator,
    write_model,
)
from gan.models.keeping import keep_model
from gan.models.origin import Origin, origin_path, read_origin
from gan.models.packing import add_beside, add_model, export_model
from gan.models.pulling import pull
from gan.models.removing import Removed, bytes_of, folders_of, remove_model, restore_model
from gan.models.renaming import rename_model
from gan.models.verifying import verify

__all__ = [
    "CARD",
    "CONFIG",
    "DIRECTIONS",
    "DISCRIMINATOR",
    "MODEL_FILES",
    "PREVIEW",
    "WEIGHTS",
    "Direction",
    "Entry",
    "Origin",
    "Removed",
    "Source",
    "add_beside",
    "add_model",
    "bytes_of",
    "carry_over",
    "export_model",
    "find",
    "find_entry",
    "folder_bytes",
    "folders_of",
    "has_model",
    "keep_fitting",
    "keep_model",
    "list_models",
    "model_card",
    "not_found",
    "origin_path",
    "pull",
    "read_config",
    "read_directions",
    "read_discriminator",
    "read_generator",
    "read_origin",
    "remove_model",
    "rename_model",
    "restore_model",
    "starters_folder",
    "verify",
    "write_directions",
    "write_model",
]
