"""What runs the networks on their device, in their precision."""

import os

from accelerate import Accelerator
from accelerate.state import AcceleratorState

from gan.config import RunConfig


def accelerator_for(config: RunConfig) -> Accelerator:
    """The accelerator of a config's device and precision.

    Accelerate keeps one state a process and refuses a second: a training before this one may have had another device or
    precision. What several processes found out of each other is kept.
    """
    AcceleratorState._reset_state(reset_partial_state=int(os.environ.get("WORLD_SIZE", "1")) == 1)
    return Accelerator(cpu=config.device == "cpu", mixed_precision="bf16" if config.precision == "bfloat16" else "no")
