"""Closed, bounded schemas of a model and of a run, and the resolution of a run's config.

schemas.py    ModelConfig, RunConfig
licence.py    the licences of a model's training pictures
networks.py   untrained networks of a config
presets.py    defaults, PRESETS
resolving.py  combines all of them into a RunConfig

Later values replace earlier ones: DEFAULTS, the family's plan, the preset, the user's choices. The resulting `RunConfig` holds
everything a training depends on; nothing is looked up later. The plan of a family is in its `plan.py` in `gan.families`.
"""

from gan.config.licence import NOT_STATED, own_and_inherited, with_inherited, with_parent
from gan.config.networks import new_discriminator, new_generator
from gan.config.presets import DEFAULTS, PRESETS, preset_values
from gan.config.resolving import choose_channels, choose_size, resolve_run
from gan.config.schemas import FORMAT, ModelConfig, RunConfig, TrainingRecord, batch_multiple, check_combination, parse_run

__all__ = [
    "DEFAULTS",
    "FORMAT",
    "NOT_STATED",
    "PRESETS",
    "ModelConfig",
    "RunConfig",
    "TrainingRecord",
    "batch_multiple",
    "check_combination",
    "choose_channels",
    "choose_size",
    "new_discriminator",
    "new_generator",
    "own_and_inherited",
    "parse_run",
    "preset_values",
    "resolve_run",
    "with_inherited",
    "with_parent",
]
