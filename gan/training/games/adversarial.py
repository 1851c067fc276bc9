"""The adversarial game (Goodfellow et al. 2014): a generator learns to draw pictures that its judges score as real.

Random numbers are drawn on the CPU for the whole batch, from a generator seeded by (seed, images_seen); processes then divide the
batch. A step is therefore the same in an unbroken training and after a resume, and, up to rounding, in one process and in
several.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, cast

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from gan.config import RunConfig, batch_multiple, new_generator
from gan.data import Dataset
from gan.families import Discriminator, Generator
from gan.families.layers import clip
from gan.losses import augmentation as augment
from gan.models import read_discriminator, read_generator
from gan.training import schedules
from gan.training.draws import Draws, draw_step
from gan.training.feed import PictureFeed, PictureSource
from gan.training.games.average import Average, draw, shrink
from gan.training.games.base import Game, Inside, Note, add
from gan.training.games.inside import look_inside
from gan.training.games.judges import HEADS, OWN, Judge, Seen, build_adam, build_judges, to_device
from gan.training.transfer import transfer

LOOK_EVERY = 4  # steps from one scoring of held-out pictures to the next
ADJUST_EVERY = 64  # steps from one change of the augmentation's strength to the next


@dataclass(frozen=True)
class Piece:
    """Results of the discriminator's turn on a piece of the batch, for the generator's turn."""

    seen: Seen
    generated: Tensor | None  # (n, C, r, r) with their graph; None to save memory


class AdversarialGame(Game):
    """A generator, its moving average, and one or several judges."""

    tells: ClassVar[tuple[str, ...]] = (
        "discriminator_loss", "generator_loss", "real_score", "fake_score", "held_out_score", "penalty", "augmentation",
        "overfitting", "heads_discriminator_loss", "heads_real_score", "heads_fake_score",
    )  # fmt: skip

    def __init__(self, config: RunConfig, accelerator: Accelerator) -> None:
        super().__init__(config, accelerator)
        self.batch_multiple = batch_multiple(config)
        self.period_steps = config.penalty_every
        torch.manual_seed(config.seed)
        generator = new_generator(config)
        if config.growth:
            generator.begin_at(config.growth[0][0])
        self.judges: list[Judge] = build_judges(config, accelerator)
        self.generator: Generator = to_device(generator, self.device)
        self.generator_adam = build_adam(self.generator, config)
        self.average = Average(config, self.generator, self.device)
        self.strength = augment.AdaptiveStrength(config.augment_target or 0.0, self.device)
        self.watch({name: adam for name, (_, adam) in self.optimisers().items()})

    # The parts of the game

    @property
    def own(self) -> Judge | None:
        """The family's own discriminator as a judge; None where heads on pretrained features are the only judge."""
        return next((judge for judge in self.judges if judge.name == OWN), None)

    @property
    def discriminator(self) -> Discriminator:
        """The family's own discriminator. The model folder stores this network, and the augmentation's strength adapts to its
        scores.
        """
        assert self.own is not None
        return cast(Discriminator, self.own.network)

    def networks(self) -> dict[str, nn.Module]:
        judges = {judge.name: judge.network for judge in self.judges}
        return {"generator": self.generator, **judges, "average": self.average.generator}

    def optimisers(self) -> dict[str, tuple[nn.Module, torch.optim.Adam]]:
        judges = {f"{judge.name}_adam": (judge.network, judge.adam) for judge in self.judges}
        return {**judges, "generator_adam": (self.generator, self.generator_adam)}

    def begin(self, parent_folder: Path | None) -> list[Note]:
        notes: list[Note] = []
        if parent_folder is not None:
            parent, generator = read_generator(parent_folder)
            fresh = transfer(generator, self.generator, parent.classes, self.config.classes)
            discriminator = read_discriminator(parent_folder) if self.own is not None else None
            if discriminator is not None:
                fresh += transfer(discriminator, self.discriminator, parent.classes, self.config.classes)
            elif self.own is not None:
                notes.append(Note("parent_without_discriminator", {"parent": self.config.parent}))
            if any(judge.name == HEADS for judge in self.judges):  # model folders do not hold heads
                notes.append(Note("heads_fresh", {}))
            notes.append(Note("transferred", {"parent": self.config.parent, "fresh": ", ".join(fresh) or "-"}))
        self.average.restart()
        return notes

    # One step

    def step(self, images_seen: int, images_total: int, data: PictureFeed, side: int | None = None) -> dict[str, Tensor]:
        # The scheduled values and all random numbers of this step
        config, now = self.config, (images_seen, images_total)
        self.side = side if side is not None else schedules.side_at(config, *now)
        self._set_rates(*now)
        draws = draw_step(config, images_seen).to(self.device)
        torch.manual_seed(draws.seed + self.accelerator.process_index)
        adapts = config.augment_target is not None
        strength = self.strength.value if adapts else schedules.augmentation_strength(config, *now)
        step, told = images_seen // config.batch, dict[str, Tensor]()
        self.generator.train()
        for judge in self.judges:
            judge.begin_step(draws.seed)
        if adapts and data.held_out is not None and step % LOOK_EVERY == LOOK_EVERY - 1:
            told["held_out_score"] = self._score_held_out(images_seen, draws, data.held_out, strength)

        # The judges learn to separate real pictures from generated ones
        weights = [judge.penalty_weight(config, *now, self.side) for judge in self.judges]
        pieces = self._discriminator_turn(images_seen, draws, data.training, strength, weights, told)
        if adapts:
            self._adapt(step, told)

        # The generator learns to draw pictures that the judges score as real
        self._generator_turn(draws, strength, pieces, [judge.weight(config, *now) for judge in self.judges], told)

        # The average moves towards the generator
        self.average.follow(schedules.ema_decay(config, *now))
        return told

    def _discriminator_turn(
        self,
        images_seen: int,
        draws: Draws,
        source: PictureSource,
        strength: float,
        penalty_weights: list[float],
        told: dict[str, Tensor],
    ) -> list[Piece]:
        keep = self.micro_batches == 1  # whether to store the generator's graph until the generator's own turn
        pieces, losses = list[Piece](), dict[str, Tensor]()
        for judge in self.judges:
            judge.adam.zero_grad(set_to_none=True)
        for rows, share in self._parts():
            real, classes = self._real(source, images_seen, rows)
            with torch.set_grad_enabled(keep), self.accelerator.autocast():
                generated = self._generate(draws.z[rows], classes)
            drawn = torch.cat([draws.real_augment[rows], draws.fake_augment[0, rows]])
            seen = Seen(self._augment(torch.cat([real, generated.detach()]), drawn, strength), classes)
            for judge, weight in zip(self.judges, penalty_weights, strict=True):
                add(losses, judge.name, judge.learn(seen, draws.mix[rows], weight, share, told))
            pieces.append(Piece(seen, generated if keep else None))
        for judge in self.judges:
            self.apply(f"{judge.name}_adam", losses[judge.name])
        return pieces

    def _generator_turn(
        self, draws: Draws, strength: float, pieces: list[Piece], judge_weights: list[float], told: dict[str, Tensor]
    ) -> None:
        losses: dict[str, Tensor] = {}
        self.generator_adam.zero_grad(set_to_none=True)
        for judge in self.judges:
            judge.freeze(True)
        try:
            for (rows, share), piece in zip(self._parts(), pieces, strict=True):
                fake = piece.generated
                if fake is None:  # released to save memory: generate the same pictures again
                    with self.accelerator.autocast():
                        fake = self._generate(draws.z[rows], piece.seen.classes)
                fake = self._augment(fake, draws.fake_augment[1, rows], strength)
                heard = [(judge, weight) for judge, weight in zip(self.judges, judge_weights, strict=True) if weight]
                loss = torch.stack([weight * judge.teach(fake, piece.seen) for judge, weight in heard]).sum()
                (loss * share).backward()
                add(told, "generator_loss", loss.detach() * share)
                add(losses, "generator", loss.detach())
        finally:
            for judge in self.judges:
                judge.freeze(False)
        self.apply("generator_adam", losses["generator"])

    # Augmentation that adapts to held-out pictures

    @torch.no_grad()
    def _score_held_out(self, images_seen: int, draws: Draws, held_out: PictureSource, strength: float) -> Tensor:
        """Return the own discriminator's mean score of held-out pictures, augmented like the training pictures."""
        told: dict[str, Tensor] = {}
        self.discriminator.eval()  # no dropout, so that no random number is drawn
        for rows, share in self._parts():
            pictures, classes = self._real(held_out, images_seen, rows)
            pictures = self._augment(pictures, draws.held_out_augment[rows], strength)
            with self.accelerator.autocast():
                add(told, "score", self.discriminator(pictures, classes).float().mean() * share)
        self.discriminator.train()
        return told["score"]

    def _adapt(self, step: int, told: dict[str, Tensor]) -> None:
        """Collect the first judge's scores, and at intervals adapt the strength to them, which waits for the device."""
        if "held_out_score" in told:
            scores = torch.stack([told["real_score"], told["held_out_score"], told["fake_score"]])
            if self.accelerator.num_processes > 1:
                scores = self.accelerator.reduce(scores, reduction="mean")
            self.strength.look(scores)
        if step % ADJUST_EVERY == ADJUST_EVERY - 1:
            overfitting = self.strength.adjust(ADJUST_EVERY * self.config.batch)
            told["augmentation"] = torch.tensor(self.strength.value)
            if overfitting is not None:
                told["overfitting"] = torch.tensor(overfitting)

    # Parts of a step

    def _parts(self) -> Iterator[tuple[slice, float]]:
        """Yield this process's rows of the batch in pieces that fit into memory, each with its fraction of the process's mean."""
        own = self.config.batch // self.accelerator.num_processes
        first = own * self.accelerator.process_index
        group = self.batch_multiple
        size = math.ceil(own / self.micro_batches / group) * group
        for start in range(0, own, size):
            stop = min(own, start + size)
            yield slice(first + start, first + stop), (stop - start) / own

    def _real(self, source: PictureSource, images_seen: int, rows: slice) -> tuple[Tensor, Tensor | None]:
        """Return the rows' pictures at the present side, and their classes, which the generated pictures share."""
        pictures, classes = source(np.arange(images_seen + rows.start, images_seen + rows.stop))
        return shrink(pictures.float() / 127.5 - 1, self.side, softened=self.config.growth_softened), classes

    def _generate(self, z: Tensor, classes: Tensor | None) -> Tensor:
        """Return generated pictures at the present side, float32, clipped to [-1, 1] as when they are shown. Without clipping,
        black and white backgrounds would not become pure.
        """
        return clip(draw(self.generator, z, classes, self.side).float())

    def _augment(self, pictures: Tensor, draws: Tensor, strength: float) -> Tensor:
        pictures = augment.apply(pictures, draws, strength, self.config.augmentations)
        return pictures.contiguous(memory_format=torch.channels_last)

    def _set_rates(self, images_seen: int, images_total: int) -> None:
        factor = self.lr_factor * schedules.learning_rate_factor(self.config, images_seen, images_total)
        self.generator_adam.param_groups[0]["lr"] = self.config.generator_lr * factor
        for judge in self.judges:
            judge.adam.param_groups[0]["lr"] = judge.learning_rate * factor

    # Samples and saved files

    def sample(self) -> np.ndarray:
        return self.average.sample()

    def measure(self, dataset: Dataset, side: int) -> dict[str, float]:
        return self.average.measure(dataset, side)

    def make(self, dataset: Dataset) -> np.ndarray:
        return self.average.make(dataset, self.config.resolution, of_small_set=True)[0]

    def look_inside(self, dataset: Dataset, side: int) -> Inside:
        return look_inside(self.config, self.generator, self.judges[0], dataset, side)

    def write_model(self, folder: Path, images_seen: int) -> None:
        self.average.write_model(folder, images_seen, self.own.network if self.own else None)

    def state(self) -> tuple[dict[str, Tensor], dict[str, float]]:
        self.average.finish()
        tensors, numbers = super().state()
        return tensors | {"augmentation/sums": self.strength.sums}, numbers | {"augment_strength": self.strength.value}

    def restore(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, float]) -> None:
        super().restore(tensors, numbers)
        self.average.calibrated = None
        self.strength.value = float(numbers["augment_strength"])
        self.strength.sums.copy_(tensors["augmentation/sums"])
