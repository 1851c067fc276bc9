"""What a training leaves behind: samples, measurements, snapshots, the model. It changes nothing that training depends on."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from gan import limits
from gan.config import ModelConfig, RunConfig, TrainingRecord
from gan.data import Dataset
from gan.images import grid, to_tensor, to_uint8
from gan.metrics import evenly, observe, take
from gan.models import write_model
from gan.models.card import model_card
from gan.runs import Run, snapshot_name
from gan.sampler import draw_pictures, full_precision, latents
from gan.training.games.adversarial import Game
from gan.training.snapshots import prune_snapshots, write_snapshot

SAMPLE_SEEDS = range(limits.SAMPLE_SEEDS)
BATCH = len(SAMPLE_SEEDS)  # to measure takes no more of the device's memory than the grid does, which has to fit
OBSERVED = 256  # pictures
OBSERVED_BYTES = 64 << 20  # of them, in main memory: fewer where they are larger than 256 pixels


class Keeper:
    """Writes into a run's folder what its game is at."""

    def __init__(self, run: Run, config: RunConfig, game: Game, dataset: Dataset) -> None:
        self.run = run
        self.config = config
        self.game = game
        self.dataset = dataset

    def pictures(self) -> np.ndarray:
        """The averaged generator's pictures of the same seeds each time, uint8 (16, H, W, C)."""
        return self._make(SAMPLE_SEEDS, partial(self.game.averaged.sample, psi=limits.PSI))

    def observe(self, side: int) -> dict[str, float]:
        """How close the averaged generator's pictures are to training pictures, and how varied: see `gan.metrics.observe`.

        Both are the same ones each time: seeds 0, 1, … at psi 1, and as many training pictures at even distances, whose classes
        the seeds take, so that a class is as frequent among them as in the set. `side` is that which is played at while the
        networks grow: larger pictures would tell of lines that nobody learns yet.
        """
        rows = self.dataset.train_indices
        most = min(OBSERVED, OBSERVED_BYTES // self.dataset.pictures[0].nbytes)
        rows = evenly(rows, min(most, len(rows)))
        classes = self.dataset.labels[rows] if self.config.classes else None
        made = self._make(range(len(rows)), partial(self.game.draw, self.game.averaged, side=side), classes)
        parts = [take(self.dataset, rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)]
        return observe(made, np.concatenate([to_uint8(self.game.shrink(to_tensor(part), side)) for part in parts]))

    def _make(self, seeds: Sequence[int], draw: Callable[..., Tensor], classes: np.ndarray | None = None) -> np.ndarray:
        """What the averaged generator draws of seeds, and of `classes` int64 (N,) instead of those that the seeds choose:
        uint8 (N, H, W, C)."""
        generator, device = self.game.averaged, self.game.device
        generator.eval()
        z, class_index = latents(list(seeds), generator.z_dim, generator.num_classes)
        if classes is not None:
            class_index = torch.from_numpy(classes)
        with torch.no_grad(), full_precision(device):
            generator.calibrate()

        def draw_rows(rows: slice) -> Tensor:
            return draw(z[rows].to(device), None if class_index is None else class_index[rows].to(device))

        return draw_pictures(draw_rows, len(z), device, BATCH)

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
