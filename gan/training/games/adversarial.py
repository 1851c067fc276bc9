"""The game itself: two networks, their optimisers, and one step of each, as a function of the recipe and of `images_seen` alone.

Chance is drawn on the CPU, for the whole batch, from a generator seeded by (seed, images_seen); processes then share the batch.
So a step is the same whether it is reached at once or after a resume and, but for rounding, in one process or several.
"""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from accelerate import Accelerator
from torch import Tensor, nn

from gan.config import RunConfig
from gan.families import FAMILIES, Discriminator, Generator, build_discriminator, build_generator
from gan.families.layers import clip, smooth
from gan.losses import augmentation as augment
from gan.losses.objectives import OBJECTIVES
from gan.losses.penalties import PENALTIES
from gan.training.draws import Draws, draw_step

PictureSource = Callable[[np.ndarray], tuple[Tensor, Tensor | None]]
"""Positions in the stream of training pictures -> uint8 (n, C, H, W) on the device, and int64 classes (n,) or None."""

LOOK_EVERY = 4  # of so many steps, one in which the discriminator scores pictures that are held out …
ADJUST_EVERY = 64  # … and of so many, one after which the strength of augmentation follows


@dataclass(frozen=True)
class Played:
    """What the discriminator's turn on a piece of the batch leaves to the generator's."""

    real: Tensor  # (n, C, r, r), augmented
    classes: Tensor | None  # int64 (n,)
    generated: Tensor | None  # (n, C, r, r) with their graph; None where memory is to be saved


def cosine(start: float, end: float, progress: float) -> float:
    """From `start` at progress 0 to `end` at 1 along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * min(1.0, progress))) / 2


def side_at(config: RunConfig, images_seen: int, images_total: int) -> int:
    """The side that pictures are played at: `growth` goes from coarse to fine, and the rest of a training is at full size."""
    planned = config.growth_images or images_total
    return next((side for side, share in config.growth if images_seen < share * planned), config.resolution)


class Game:
    """Both networks in training, on one device, and the averaged generator."""

    def __init__(self, config: RunConfig, accelerator: Accelerator) -> None:
        self.config = config
        self.accelerator = accelerator
        self.device = accelerator.device
        self.lr_factor = 1.0  # lowered by each rollback
        self.micro_batches = 1  # raised when the device runs out of memory
        self.ema_decay = 0.0
        family = FAMILIES[config.family]
        self.separate_passes = family.separate_passes(config.network)
        torch.manual_seed(config.seed)
        sizes = {"resolution": config.resolution, "channels": config.channels, "num_classes": len(config.classes)}
        generator = build_generator(config.family, z_dim=config.z_dim, network=config.network, **sizes)
        discriminator = build_discriminator(config.family, network=config.network, **sizes)
        self.side = config.resolution
        self.strength = augment.AdaptiveStrength(config.augment_target or 0.0, self.device)
        if config.growth:
            generator.begin_at(config.growth[0][0])
            discriminator.begin_at(config.growth[0][0])
        layout = {"device": self.device, "memory_format": torch.channels_last}
        self.generator: Generator = generator.to(**layout)
        self.discriminator: Discriminator = discriminator.to(**layout)
        self.averaged: Generator = copy.deepcopy(self.generator)
        """The generator whose weights are the moving average: the one that is sampled and kept."""
        self._weights: list[Tensor] = list(self.generator.parameters())
        self._averaged_weights: list[Tensor] = list(self.averaged.parameters())
        betas = (config.beta1, config.beta2)
        # Fused Adam skips a step by itself where `found_inf` is set, without asking the host.
        self.generator_adam = torch.optim.Adam(self.generator.parameters(), betas=betas, fused=True)
        self.discriminator_adam = torch.optim.Adam(self.discriminator.parameters(), betas=betas, fused=True)
        self.batch_multiple = family.batch_multiple
        # Of the discriminator and of the generator: one may be in trouble while the other learns on.
        self.skipped_in_a_row = torch.zeros(2, device=self.device)

    def restart_average(self) -> None:
        """Let the average begin at the generator's present weights."""
        self.averaged.load_state_dict(self.generator.state_dict())

    # One step

    def step(
        self,
        images_seen: int,
        images_total: int,
        source: PictureSource,
        side: int | None = None,
        held_out: PictureSource | None = None,
    ) -> dict[str, Tensor]:
        """Play one turn of each network on the batch that begins at `images_seen`; returns what can be told of it.

        `held_out` gives pictures that are never trained on, for augmentation that adapts.
        `side` plays at another side than the schedule's, to measure how long that takes.
        Values are scalars on the device: reading them waits for it, so read them seldom.
        """
        config = self.config
        step, progress = images_seen // config.batch, images_seen / images_total
        self.side = side if side is not None else side_at(config, images_seen, images_total)
        self._set_rates(images_seen, progress)
        draws = draw_step(config, images_seen).to(self.device)
        torch.manual_seed(draws.seed + self.accelerator.process_index)
        adapts = config.augment_target is not None
        strength = self.strength.value if adapts else cosine(config.augment_strength, config.augment_strength_end, progress)
        # log-linear: the weights of penalties live on a log scale
        start, end = config.penalty_weight, config.penalty_weight_end
        weight = start * (end / start) ** min(1.0, progress) if start > 0 < end else start
        # A picture of half the side holds a quarter of the numbers: the same slope is four times as large in them.
        weight *= (self.side / config.resolution) ** 2
        penalised = config.penalty != "none" and step % config.penalty_every == 0
        self.generator.train()
        self.discriminator.train()
        penalty_weight = weight * config.penalty_every if penalised else 0.0
        told: dict[str, Tensor] = {}
        if adapts and held_out is not None and step % LOOK_EVERY == LOOK_EVERY - 1:
            told["held_out_score"] = self._score_held_out(images_seen, draws, held_out, strength)
        told_by_discriminator, played = self._discriminator_turn(images_seen, draws, source, strength, penalty_weight)
        told |= told_by_discriminator
        if adapts:
            self._adapt(step, told)
        told |= self._generator_turn(draws, strength, played)
        half_life = float(config.ema_half_life_images)
        if config.ema_ramp:
            half_life = min(half_life, config.ema_ramp * images_seen)
        self.ema_decay = 0.5 ** (config.batch / half_life) if half_life > 0 else 0.0
        with torch.no_grad():
            torch._foreach_lerp_(self._averaged_weights, self._weights, 1 - self.ema_decay)
        return told

    def _discriminator_turn(
        self, images_seen: int, draws: Draws, source: PictureSource, strength: float, weight: float
    ) -> tuple[dict[str, Tensor], list[Played]]:
        """What can be told, and what each piece of the batch leaves to the generator's turn."""
        objective, penalty = OBJECTIVES[self.config.objective], PENALTIES[self.config.penalty]
        keep = self.micro_batches == 1
        played: list[Played] = []
        told: dict[str, Tensor] = {}
        self.discriminator_adam.zero_grad(set_to_none=True)
        for rows, share in self._parts():
            real, classes = self._real(source, images_seen, rows)
            with torch.set_grad_enabled(keep), self.accelerator.autocast():
                generated = self._generate(draws.z[rows], classes)
            drawn = torch.cat([draws.real_augment[rows], draws.fake_augment[0, rows]])
            both = self._augment(torch.cat([real, generated.detach()]), drawn, strength)
            real, fake = both.chunk(2)
            scorer = Scorer(self.discriminator, len(real), classes, self.accelerator)
            value = penalty.fn(scorer, real, fake, draws.mix[rows]) if weight else None
            # A penalty that looks at the very pictures has had them scored.
            real_logits, fake_logits = scorer.of_pair or self._score(both, classes)
            loss = objective.discriminator(real_logits, fake_logits)
            played.append(Played(real, classes, generated if keep else None))
            add(told, "discriminator_loss", loss.detach() * share)
            add(told, "real_score", real_logits.detach().mean() * share)
            add(told, "fake_score", fake_logits.detach().mean() * share)
            if value is not None:
                loss = loss + weight * penalty.factor * value
                add(told, "penalty", value.detach() * share)
            (loss * share).backward()
            add(told, "_watch", loss.detach())
        self._apply(self.discriminator, self.discriminator_adam, told, skipped=0)
        return told, played

    @torch.no_grad()
    def _score_held_out(self, images_seen: int, draws: Draws, held_out: PictureSource, strength: float) -> Tensor:
        """The mean score of pictures that are never trained on, augmented as the others are."""
        told: dict[str, Tensor] = {}
        self.discriminator.eval()  # dropout must not draw
        for rows, share in self._parts():
            pictures, classes = self._real(held_out, images_seen, rows)
            pictures = self._augment(pictures, draws.held_out_augment[rows], strength)
            with self.accelerator.autocast():
                add(told, "score", self.discriminator(pictures, classes).float().mean() * share)
        self.discriminator.train()
        return told["score"]

    def _adapt(self, step: int, told: dict[str, Tensor]) -> None:
        """Take note of the scores of one discriminator; now and then adapt the strength to them, which waits for the device."""
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

    def _generator_turn(self, draws: Draws, strength: float, played: list[Played]) -> dict[str, Tensor]:
        """What can be told. Pairs need real pictures: they are those of the discriminator's turn, augmented alike."""
        objective = OBJECTIVES[self.config.objective]
        told: dict[str, Tensor] = {}
        self.generator_adam.zero_grad(set_to_none=True)
        self.discriminator.requires_grad_(False)
        try:
            for (rows, share), piece in zip(self._parts(), played, strict=True):
                real_logits, fake = None, piece.generated
                if fake is None:  # let go, to save memory: the same again
                    with self.accelerator.autocast():
                        fake = self._generate(draws.z[rows], piece.classes)
                fake = self._augment(fake, draws.fake_augment[1, rows], strength)
                with self.accelerator.autocast():
                    fake_logits = self.discriminator(fake, piece.classes).float()
                    if objective.paired:
                        with torch.no_grad():
                            real_logits = self.discriminator(piece.real, piece.classes).float()
                loss = objective.generator(fake_logits, real_logits)
                (loss * share).backward()
                add(told, "generator_loss", loss.detach() * share)
                add(told, "_watch", loss.detach())
        finally:
            self.discriminator.requires_grad_(True)
        self._apply(self.generator, self.generator_adam, told, skipped=1)
        return told

    # Its parts

    def _parts(self) -> Iterator[tuple[slice, float]]:
        """This process's rows of the batch in pieces that fit into memory, each with its share of the process's mean."""
        own = self.config.batch // self.accelerator.num_processes
        first = own * self.accelerator.process_index
        group = self.batch_multiple
        size = math.ceil(own / self.micro_batches / group) * group
        for start in range(0, own, size):
            stop = min(own, start + size)
            yield slice(first + start, first + stop), (stop - start) / own

    def _real(self, source: PictureSource, images_seen: int, rows: slice) -> tuple[Tensor, Tensor | None]:
        """The rows' training pictures at the side that is played at, and their classes, which the generated ones share."""
        pictures, classes = source(np.arange(images_seen + rows.start, images_seen + rows.stop))
        return self.shrink(pictures.float() / 127.5 - 1, self.side), classes

    def draw(self, generator: nn.Module, z: Tensor, classes: Tensor | None, side: int) -> Tensor:
        """What a generator makes of latents at a side: only those that grow know of smaller ones."""
        growing = {"side": side} if side < self.config.resolution else {}
        return cast(Tensor, generator(z, classes, **growing))

    def shrink(self, pictures: Tensor, side: int) -> Tensor:
        """Pictures (N, C, R, R) as the discriminator sees them while `side` is played at."""
        if side == self.config.resolution:
            return pictures
        pictures = F.avg_pool2d(pictures, self.config.resolution // side)
        # As sharp as its pixels allow, a small picture has stairs for edges once it is enlarged. A smooth one only lacks detail.
        return smooth(pictures) if self.config.growth_softened else pictures

    def _generate(self, z: Tensor, classes: Tensor | None) -> Tensor:
        """Pictures of the side that is played at, float32, as they will be shown: clipped, or backgrounds would stay a haze."""
        return clip(self.draw(self.generator, z, classes, self.side).float())

    def _augment(self, pictures: Tensor, draws: Tensor, strength: float) -> Tensor:
        pictures = augment.apply(pictures, draws, strength, self.config.augmentations)
        return pictures.contiguous(memory_format=torch.channels_last)

    def _score(self, pictures: Tensor, classes: Tensor | None) -> tuple[Tensor, Tensor]:
        """Logits of real pictures and of the generated after them: in one pass, or in two where batch norm must not mix them."""
        with self.accelerator.autocast():
            if self.separate_passes:
                real_logits, fake_logits = (self.discriminator(half, classes) for half in pictures.chunk(2))
            else:
                twice = None if classes is None else torch.cat([classes, classes])
                real_logits, fake_logits = self.discriminator(pictures, twice).chunk(2)
        return real_logits.float(), fake_logits.float()

    def _apply(self, network: nn.Module, adam: torch.optim.Adam, told: dict[str, Tensor], *, skipped: int) -> None:
        """Average the gradients over the processes, then step, unless the loss was not finite."""
        watch = told.pop("_watch")
        if self.accelerator.num_processes > 1:
            gradients = [p.grad for p in network.parameters() if p.grad is not None]
            flat = torch.cat([gradient.flatten() for gradient in gradients] + [watch.reshape(1)])
            flat = self.accelerator.reduce(flat, reduction="mean")
            watch = flat[-1]
            for gradient, part in zip(gradients, flat[:-1].split([g.numel() for g in gradients]), strict=True):
                gradient.copy_(part.view_as(gradient))
        bad = (~torch.isfinite(watch)).float()
        self.skipped_in_a_row[skipped] = (self.skipped_in_a_row[skipped] + 1) * bad
        adam.grad_scale, adam.found_inf = None, bad  # type: ignore[attr-defined]
        adam.step()

    def _set_rates(self, images_seen: int, progress: float) -> None:
        warm = min(1.0, (images_seen + self.config.batch) / self.config.warmup_images) if self.config.warmup_images else 1.0
        fall = max(0.0, progress - self.config.lr_falls_from) / (1 - self.config.lr_falls_from)
        factor = warm * self.lr_factor * cosine(1.0, self.config.lr_end, fall)
        self.generator_adam.param_groups[0]["lr"] = self.config.generator_lr * factor
        self.discriminator_adam.param_groups[0]["lr"] = self.config.discriminator_lr * factor

    # Everything needed to go on

    def state(self) -> tuple[dict[str, Tensor], dict[str, float]]:
        """All tensors by name, and the few numbers beside them."""
        tensors: dict[str, Tensor] = {}
        for name, module in self._modules().items():
            tensors |= {f"{name}/{key}": value for key, value in module.state_dict().items()}
        for name, (module, adam) in self._adams().items():
            for parameter_name, parameter in module.named_parameters():
                tensors |= {f"{name}/{parameter_name}/{key}": value for key, value in adam.state.get(parameter, {}).items()}
        tensors["augmentation/sums"] = self.strength.sums
        numbers = {"lr_factor": self.lr_factor, "micro_batches": self.micro_batches, "augment_strength": self.strength.value}
        return tensors, numbers

    def restore(self, tensors: dict[str, Tensor], numbers: dict[str, float]) -> None:
        """Go back to a state that `state` gave."""
        for name, module in self._modules().items():
            prefix = f"{name}/"
            module.load_state_dict({key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)})
        for name, (module, adam) in self._adams().items():
            adam.state.clear()
            for parameter_name, parameter in module.named_parameters():
                prefix = f"{name}/{parameter_name}/"
                kept = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
                if kept:
                    # copies in the parameter's own layout, or the optimiser would round differently
                    adam.state[parameter] = {
                        key: torch.empty_like(parameter).copy_(value) if value.ndim else value.to(self.device).clone()
                        for key, value in kept.items()
                    }
        self.lr_factor = float(numbers["lr_factor"])
        self.micro_batches = int(numbers["micro_batches"])
        self.strength.value = float(numbers["augment_strength"])
        self.strength.sums.copy_(tensors["augmentation/sums"])
        self.skipped_in_a_row.zero_()

    def _modules(self) -> dict[str, nn.Module]:
        return {"generator": self.generator, "discriminator": self.discriminator, "average": self.averaged}

    def _adams(self) -> dict[str, tuple[nn.Module, torch.optim.Adam]]:
        return {
            "generator_adam": (self.generator, self.generator_adam),
            "discriminator_adam": (self.discriminator, self.discriminator_adam),
        }


class Scorer:
    """The discriminator with the classes of `count` pictures bound: what a penalty sees."""

    def __init__(self, discriminator: Discriminator, count: int, classes: Tensor | None, accelerator: Accelerator) -> None:
        self.discriminator = discriminator
        self.count = count
        self.classes = classes
        self.accelerator = accelerator
        self.of_pair: tuple[Tensor, Tensor] | None = None
        """Logits of real and of generated pictures, once a penalty has looked at both."""

    def __call__(self, pictures: Tensor) -> Tensor:
        pair = len(pictures) == 2 * self.count
        classes = torch.cat([self.classes, self.classes]) if pair and self.classes is not None else self.classes
        with self.accelerator.autocast():
            logits: Tensor = self.discriminator(pictures, classes)
        if pair:
            self.of_pair = cast(tuple[Tensor, Tensor], logits.float().chunk(2))
        return logits


def add(told: dict[str, Tensor], name: str, value: Tensor) -> None:
    """Sum up over the pieces of a batch."""
    told[name] = told[name] + value if name in told else value
