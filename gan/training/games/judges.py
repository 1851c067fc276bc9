"""Judges of pictures in an adversarial game: each is a discriminator with its optimiser, its loss, its penalty and its weight.

The generator's loss is the sum of its judges' losses, each times a weight λ. `build_judges` builds the judges that the config
names: the family's own discriminator, heads on pretrained features, or both.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.func import functional_call

from gan.config import RunConfig, new_discriminator
from gan.discriminators import DISCRIMINATORS, FeatureDiscriminator, weight_at
from gan.families import FAMILIES
from gan.losses.objectives import OBJECTIVES, Objective
from gan.losses.penalties import PENALTIES, Penalty
from gan.training import schedules
from gan.training.games.base import add

PenaltySchedule = Callable[[RunConfig, int, int, int], float]
"""Maps (config, images_seen, images_total, side) to the weight of the gradient penalty in this step."""
OWN, HEADS = "discriminator", "heads"  # the judges' names
WeightSchedule = Callable[[RunConfig, int, int], float]
"""Maps (config, images_seen, images_total) to λ, the judge's weight in the generator's loss."""

Network = TypeVar("Network", bound=nn.Module)


@dataclass
class Judge:
    """A network that learns to separate real pictures from generated ones: pictures (N, C, r, r), classes -> logits (N,)."""

    name: str  # its name in snapshots
    network: nn.Module
    adam: torch.optim.Adam
    learning_rate: float  # the full rate, before schedules
    objective: Objective
    penalty: Penalty
    accelerator: Accelerator
    penalty_weight: PenaltySchedule = schedules.penalty_weight
    weight: WeightSchedule = schedules.constant
    separate_passes: bool = False
    """Whether real and generated pictures pass through the network in separate batches, because batch norm must not mix them."""
    prefix: str = ""
    """Prefix of the names of its reported values, where there are several judges."""
    trained: list[nn.Parameter] = field(init=False)

    def __post_init__(self) -> None:
        self.trained = [parameter for parameter in self.network.parameters() if parameter.requires_grad]

    def begin_step(self, seed: int) -> None:
        """Prepare for the pieces of a batch. `seed` is the step's seed, the same in all processes."""
        self.network.train()

    def learn(self, seen: "Seen", mix: Tensor, penalty_weight: float, share: float, told: dict[str, Tensor]) -> Tensor:
        """Add the gradients of one piece of the batch, whose fraction of the batch is `share`; return the loss, for `Game.apply`.

        `mix` places the points of WGAN-GP; values for the report are added to `told`.
        """
        scorer = Scorer(self, len(seen.real), seen.classes)
        value = self.penalty.fn(scorer, seen.real, seen.fake, mix) if penalty_weight else None
        # a penalty on both real and generated pictures has already scored them
        real_logits, fake_logits = scorer.of_pair or self.score_both(seen.both, seen.classes)
        loss = self.objective.discriminator(real_logits, fake_logits)
        add(told, f"{self.prefix}discriminator_loss", loss.detach() * share)
        add(told, f"{self.prefix}real_score", real_logits.detach().mean() * share)
        add(told, f"{self.prefix}fake_score", fake_logits.detach().mean() * share)
        if value is not None:
            loss = loss + penalty_weight * self.penalty.factor * value
            add(told, f"{self.prefix}penalty", value.detach() * share)
        (loss * share).backward()
        return loss.detach()

    def teach(self, fake: Tensor, seen: "Seen") -> Tensor:
        """Return the generator's loss by this judge, unweighted. Paired objectives compare with the real pictures of the judge's
        own turn.
        """
        real_logits: Tensor | None = None
        with self.accelerator.autocast():
            fake_logits = self.network(fake, seen.classes).float()
            if self.objective.paired:
                with torch.no_grad():
                    real_logits = self.network(seen.real, seen.classes).float()
        return self.objective.generator(fake_logits, real_logits)

    def score_both(self, both: Tensor, classes: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the logits of real pictures, followed by those of the generated ones."""
        with self.accelerator.autocast():
            if self.separate_passes:
                real_logits, fake_logits = (self.network(half, classes) for half in both.chunk(2))
            else:
                twice = None if classes is None else torch.cat([classes, classes])
                real_logits, fake_logits = self.network(both, twice).chunk(2)
        return real_logits.float(), fake_logits.float()

    def score(self, pictures: Tensor, classes: Tensor | None, buffers: dict[str, Tensor]) -> Tensor:
        """Return logits (N,) of unaugmented pictures, with `buffers` in place of the network's own."""
        logits: Tensor = functional_call(self.network, buffers, (pictures, classes))
        return logits.float()

    def freeze(self, frozen: bool) -> None:
        """Stop gradients at the judge's weights, or let them pass again."""
        for parameter in self.trained:
            parameter.requires_grad_(not frozen)


class FeatureJudge(Judge):
    """Heads on pretrained features. The features of the real pictures are computed once for both turns."""

    @property
    def heads(self) -> FeatureDiscriminator:
        return cast(FeatureDiscriminator, self.network)

    def begin_step(self, seed: int) -> None:
        super().begin_step(seed)
        self.heads.renew_norms()
        self.heads.move(seed)

    def learn(self, seen: "Seen", mix: Tensor, penalty_weight: float, share: float, told: dict[str, Tensor]) -> Tensor:
        """Add the gradients of one piece of the batch, without a penalty and without gradients of the pretrained network's
        weights.
        """
        with self.accelerator.autocast():
            with torch.no_grad():
                described = self.heads.describe(seen.both)
            twice = None if seen.classes is None else torch.cat([seen.classes, seen.classes])
            logits = self.heads(described, twice).float()
        if self.objective.paired:
            seen.described = [half.chunk(2)[0].clone() for half in described]
        real_logits, fake_logits = logits.chunk(2)
        loss = self.objective.discriminator(real_logits, fake_logits)
        add(told, f"{self.prefix}discriminator_loss", loss.detach() * share)
        add(told, f"{self.prefix}real_score", real_logits.detach().mean() * share)
        add(told, f"{self.prefix}fake_score", fake_logits.detach().mean() * share)
        (loss * share).backward()
        return loss.detach()

    def score(self, pictures: Tensor, classes: Tensor | None, buffers: dict[str, Tensor]) -> Tensor:
        """Return the mean of the heads' logits, (N,)."""
        logits: Tensor = functional_call(self.heads, buffers, (self.heads.describe(pictures), classes))
        return logits.float().mean(1)

    def teach(self, fake: Tensor, seen: "Seen") -> Tensor:
        """Return the generator's loss by the heads, with the weights after the heads' own turn in this step."""
        real_logits: Tensor | None = None
        with self.accelerator.autocast():
            fake_logits = self.heads(self.heads.describe(fake), seen.classes).float()
            if self.objective.paired:
                with torch.no_grad():
                    real_logits = self.heads(seen.described, seen.classes).float()
        return self.objective.generator(fake_logits, real_logits)


@dataclass
class Seen:
    """The judges' input in their turn: real pictures, then generated ones, augmented, float32 (2n, C, r, r)."""

    both: Tensor
    classes: Tensor | None  # int64 (n,), which the generated pictures share
    described: list[Tensor] = field(default_factory=list)
    """Features of the real pictures, which `FeatureJudge` stores for the generator's turn."""

    @property
    def real(self) -> Tensor:
        """The real pictures, (n, C, r, r)."""
        return self.both.chunk(2)[0]

    @property
    def fake(self) -> Tensor:
        """The generated pictures, (n, C, r, r), detached from the generator."""
        return self.both.chunk(2)[1]


class Scorer:
    """A judge with the classes of `count` pictures bound, in the form that a penalty calls."""

    def __init__(self, judge: Judge, count: int, classes: Tensor | None) -> None:
        self.judge = judge
        self.count = count
        self.classes = classes
        self.of_pair: tuple[Tensor, Tensor] | None = None
        """Logits of real and of generated pictures, if a penalty has scored both."""

    def __call__(self, pictures: Tensor) -> Tensor:
        pair = len(pictures) == 2 * self.count
        classes = torch.cat([self.classes, self.classes]) if pair and self.classes is not None else self.classes
        with self.judge.accelerator.autocast():
            logits: Tensor = self.judge.network(pictures, classes)
        if pair:
            self.of_pair = cast(tuple[Tensor, Tensor], logits.float().chunk(2))
        return logits


def build_judges(config: RunConfig, accelerator: Accelerator) -> list[Judge]:
    """Return the judges of a training on its device, each with fresh weights from torch's random state.

    The family's own comes first: only this judge is saved in the model folder, and augmentation adapts to its scores.
    """
    kind = DISCRIMINATORS[config.discriminator]
    own = [build_own(config, accelerator)] if kind.own else []
    return own + ([build_heads(config, accelerator, alone=not kind.own)] if kind.features else [])


def build_own(config: RunConfig, accelerator: Accelerator) -> Judge:
    """Return the family's discriminator as a judge, with the plan's objective and penalty."""
    discriminator = new_discriminator(config)
    if config.growth:
        discriminator.begin_at(config.growth[0][0])
    to_device(discriminator, accelerator.device)
    return Judge(
        OWN,
        discriminator,
        build_adam(discriminator, config),
        config.discriminator_lr,
        OBJECTIVES[config.objective],
        PENALTIES[config.penalty],
        accelerator,
        separate_passes=FAMILIES[config.family].separate_passes(config.network),
    )


def build_heads(config: RunConfig, accelerator: Accelerator, *, alone: bool) -> FeatureJudge:
    """Return heads on pretrained features as a judge, with their own objective and rate, and without a penalty.

    If `alone`, they have full weight throughout, and their values are reported under the names of the own discriminator's values.
    """
    heads = FeatureDiscriminator(
        resolution=config.resolution, num_classes=len(config.classes), settings=config.features, seed=config.seed
    )
    to_device(heads, accelerator.device)
    return FeatureJudge(
        HEADS,
        heads,
        build_adam(heads, config),
        config.features.lr,
        OBJECTIVES[config.features.objective],
        PENALTIES["none"],
        accelerator,
        penalty_weight=without_penalty,
        weight=schedules.constant if alone else heads_weight,
        prefix="" if alone else f"{HEADS}_",
    )


def without_penalty(config: RunConfig, images_seen: int, images_total: int, side: int) -> float:
    """Return 0 as the penalty's weight: spectral norm keeps the heads smooth."""
    return 0.0


def heads_weight(config: RunConfig, images_seen: int, images_total: int) -> float:
    """Return the weight of the heads in the generator's loss when the own discriminator is also a judge, by the pictures seen."""
    return weight_at(config.features, schedules.progress_of(config, images_seen, images_total))


def build_adam(network: nn.Module, config: RunConfig) -> torch.optim.Adam:
    """Return fused Adam over the network's trainable weights; it skips a step where `found_inf` is set."""
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    return torch.optim.Adam(trained, betas=(config.beta1, config.beta2), fused=True)


def to_device(network: Network, device: torch.device) -> Network:
    """Move the network to its device, in the memory layout in which convolutions are fastest."""
    layout: dict[str, Any] = {"device": device, "memory_format": torch.channels_last}
    return network.to(**layout)
