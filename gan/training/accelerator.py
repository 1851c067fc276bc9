"""The accelerator that runs the networks on their device, in their precision."""

import os

from accelerate import Accelerator
from accelerate.state import AcceleratorState

from gan.config import RunConfig


def accelerator_for(config: RunConfig) -> Accelerator:
    """Return the accelerator of a config's device and precision.

    The library Accelerate has one state for the whole process and refuses a second one, but an earlier training in this process
    may have used another device or precision. The state is therefore reset, except for the connections among several processes.
    """
    AcceleratorState._reset_state(reset_partial_state=int(os.environ.get("WORLD_SIZE", "1")) == 1)
    return Accelerator(cpu=config.device == "cpu", mixed_precision="bf16" if config.precision == "bfloat16" else "no")
