"""The processes of a training and their device. torchrun starts several processes, which take each step together."""

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast

from gan.errors import ConfigError
from gan.machine import peak_memory
from gan.training.games import Game

STEPS_BETWEEN_TALKS = 8  # steps after which several processes exchange requests and the time


class Processes:
    """The processes of one training, and the device of this process."""

    def __init__(self, accelerator: Accelerator) -> None:
        self.accelerator = accelerator
        self.device = accelerator.device
        self.count = accelerator.num_processes
        self.leads = accelerator.is_main_process

    def check_batch(self, game: Game) -> None:
        """Raise ConfigError where the batch cannot be divided equally."""
        batch, multiple = game.config.batch, self.count * game.batch_multiple
        if batch % multiple:
            raise ConfigError("batch_not_shared", batch=batch, processes=self.count, multiple=multiple)

    def talk(self, step_count: int) -> bool:
        """Return whether the processes exchange requests after this step; a single process does so after every step."""
        return self.count == 1 or step_count % STEPS_BETWEEN_TALKS == 0

    def look(self, step_count: int) -> bool:
        """Return whether to read a number from the device after this step; each reading waits for the device."""
        return self.device.type == "cpu" or step_count % STEPS_BETWEEN_TALKS == 0

    def agree(self, value: int) -> int:
        """Return the first process's value in every process."""
        if self.count == 1:
            return value
        return int(broadcast(torch.tensor(value).to(self.device)).item())

    def wait(self) -> None:
        """Wait until all processes have arrived."""
        self.accelerator.wait_for_everyone()

    def finish_device_work(self, *, empty: bool = False) -> None:
        """Wait for the device; `empty` also releases memory that is cached for reuse."""
        if self.device.type != "cpu":
            module = torch.get_device_module(self.device)
            module.synchronize()
            if empty:
                module.empty_cache()

    def memory_bytes(self) -> int | None:
        """Return the peak memory of the GPU, or of this process."""
        return torch.cuda.max_memory_allocated() if self.device.type == "cuda" else peak_memory()
