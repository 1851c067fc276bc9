"""What a training leaves behind: samples, snapshots and the model. It changes nothing that training depends on."""

import numpy as np
import torch

from gan.checkpoint import prune_snapshots, snapshot_name, write_model, write_snapshot
from gan.config import ModelConfig, RunConfig, TrainingRecord
from gan.game import Game
from gan.hub import model_card
from gan.images import grid, to_uint8
from gan.runs import Run
from gan.sampler import full_precision, latents

SAMPLE_SEEDS = range(16)
SAMPLE_PSI = 0.7


class Keeper:
    """Writes into a run's folder what its game is at."""

    def __init__(self, run: Run, config: RunConfig, game: Game) -> None:
        self.run = run
        self.config = config
        self.game = game

    def pictures(self) -> np.ndarray:
        """The averaged generator's pictures of the same seeds each time, uint8 (16, H, W, C)."""
        generator = self.game.averaged
        generator.eval()
        z, classes = latents(list(SAMPLE_SEEDS), generator.z_dim, generator.num_classes)
        device = self.game.device
        with torch.no_grad(), full_precision(device):
            generator.calibrate()
            return to_uint8(generator.sample(z.to(device), None if classes is None else classes.to(device), SAMPLE_PSI))

    def write_sample(self, images_seen: int) -> None:
        """A grid of the fixed seeds."""
        self.run.write_sample(images_seen, grid(self.pictures(), columns=4))

    def save(self, images_seen: int, seconds: float) -> None:
        """A snapshot to go on from, and the model as it is; none in the midst of trouble, so that a rollback finds a good one."""
        networks = (self.game.generator, self.game.discriminator)
        finite = all(torch.isfinite(parameter).all() for network in networks for parameter in network.parameters())
        if not finite or self.game.skipped_in_a_row.any():
            return
        pictures = self.pictures()  # calibrates the averaged generator too
        tensors, numbers = self.game.state()
        meta = {"images_seen": images_seen, "seconds": seconds, "numbers": numbers}
        write_snapshot(self.run.snapshots_folder / snapshot_name(images_seen), tensors, meta)
        prune_snapshots(self.run.snapshots_folder)
        config = self._model_config(images_seen)
        preview = grid(pictures, columns=4)
        write_model(self.run.model_folder, config, self.game.averaged, self.game.discriminator, preview, model_card(config))

    def _model_config(self, images_seen: int) -> ModelConfig:
        config = self.config
        shared = {name: getattr(config, name) for name in ("family", "resolution", "channels", "z_dim", "classes", "network")}
        record = TrainingRecord(
            dataset=config.dataset,
            images=config.pictures,
            images_seen=images_seen,
            objective=config.objective if config.penalty == "none" else f"{config.objective} with {config.penalty}",
            parent=config.parent,
            licence=config.licence,
        )
        return ModelConfig(training=record, **shared)
