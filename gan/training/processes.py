"""The processes of a training and their device: torchrun starts several, which take each step together."""

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast

from gan.errors import ConfigError
from gan.machine import peak_memory
from gan.training.games import Game

STEPS_BETWEEN_TALKS = 8  # of several processes, about requests and the clock


class Processes:
    """This process and its siblings, and their device."""

    def __init__(self, accelerator: Accelerator) -> None:
        self.accelerator = accelerator
        self.device = accelerator.device
        self.count = accelerator.num_processes
        self.leads = accelerator.is_main_process

    def check_batch(self, game: Game) -> None:
        """Raises ConfigError where the batch cannot be shared out equally."""
        batch, multiple = game.config.batch, self.count * game.batch_multiple
        if batch % multiple:
            raise ConfigError("batch_not_shared", batch=batch, processes=self.count, multiple=multiple)

    def talk(self, step_count: int) -> bool:
        """Whether this is a step after which the processes talk: a process alone always does."""
        return self.count == 1 or step_count % STEPS_BETWEEN_TALKS == 0

    def look(self, step_count: int) -> bool:
        """Whether to read a number from the device after this step: each look waits for the device."""
        return self.device.type == "cpu" or step_count % STEPS_BETWEEN_TALKS == 0

    def agree(self, value: int) -> int:
        """The first process's value, in all of them."""
        if self.count == 1:
            return value
        return int(broadcast(torch.tensor(value).to(self.device)).item())

    def wait(self) -> None:
        """Until all are here."""
        self.accelerator.wait_for_everyone()

    def finish_device_work(self, *, empty: bool = False) -> None:
        """Wait for the device; `empty` gives back memory that is kept for reuse."""
        if self.device.type != "cpu":
            module = torch.get_device_module(self.device)
            module.synchronize()
            if empty:
                module.empty_cache()

    def memory_bytes(self) -> int | None:
        """Peak memory: of the GPU, or of this process."""
        return torch.cuda.max_memory_allocated() if self.device.type == "cuda" else peak_memory()
