"""Closed, bounded schemas of a model and of a run, and how a run's recipe is chosen.

schemas.py    ModelConfig, RunConfig
licence.py    whose licences a model's pictures are under
presets.py    defaults, what a family needs, PRESETS
resolving.py  from all of them to a RunConfig

A recipe is laid together in this order: DEFAULTS, what the family needs, the preset, what the user said. The result is a
`RunConfig` that holds everything a training depends on; nothing is looked up later.
"""

from gan.config.licence import NOT_STATED, own_and_inherited, with_parent
from gan.config.presets import DEFAULTS, FAMILY_DEFAULTS, PRESETS, preset_values
from gan.config.resolving import choose_channels, choose_size, resolve_run
from gan.config.schemas import FORMAT, ModelConfig, RunConfig, TrainingRecord, check_combination, parse_run

__all__ = [
    "DEFAULTS",
    "FAMILY_DEFAULTS",
    "FORMAT",
    "NOT_STATED",
    "PRESETS",
    "ModelConfig",
    "RunConfig",
    "TrainingRecord",
    "check_combination",
    "choose_channels",
    "choose_size",
    "own_and_inherited",
    "parse_run",
    "preset_values",
    "resolve_run",
    "with_parent",
]
