"""Schedules: pure functions from a training's config and `images_seen` to everything that changes during the training.

`images_total` is the training's present total of pictures. Schedules run over `schedule_total`, which stays the same when a
finished run is extended, so that the learning rates keep their final values.
"""

import math

from gan.config import RunConfig


def cosine(start: float, end: float, progress: float) -> float:
    """Return half a cosine from `start` at progress 0 to `end` at 1."""
    return end + (start - end) * (1 + math.cos(math.pi * min(1.0, progress))) / 2


def log_linear(start: float, end: float, progress: float) -> float:
    """Interpolate on a logarithmic scale from `start` at progress 0 to `end` at 1; linearly where one of them is 0."""
    progress = min(1.0, progress)
    return start * (end / start) ** progress if start > 0 and end > 0 else start + (end - start) * progress


def schedule_total(config: RunConfig, images_total: int) -> int:
    """Return the number of pictures over which schedules run."""
    return config.schedule_images or images_total


def progress_of(config: RunConfig, images_seen: int, images_total: int) -> float:
    """Return the completed fraction of the schedules: 0 at the beginning, 1 at their end, above 1 in an extension."""
    return images_seen / schedule_total(config, images_total)


def side_at(config: RunConfig, images_seen: int, images_total: int) -> int:
    """Return the side of the pictures in training: `growth` lists the smaller sides from coarse to fine, and the remaining steps
    use the full side.
    """
    planned = config.growth_images or images_total
    return next((side for side, share in config.growth if images_seen < share * planned), config.resolution)


def learning_rate_factor(config: RunConfig, images_seen: int, images_total: int) -> float:
    """Return warm-up times decay, 0 … 1: the factor on each optimiser's full learning rate."""
    warm = min(1.0, (images_seen + config.batch) / config.warmup_images) if config.warmup_images else 1.0
    progress = progress_of(config, images_seen, images_total)
    fall = max(0.0, progress - config.lr_falls_from) / (1 - config.lr_falls_from)
    return warm * cosine(1.0, config.lr_end, fall)


def augmentation_strength(config: RunConfig, images_seen: int, images_total: int) -> float:
    """Return the strength of augmentation with a fixed schedule, 0 … 1."""
    return cosine(config.augment_strength, config.augment_strength_end, progress_of(config, images_seen, images_total))


def penalty_weight(config: RunConfig, images_seen: int, images_total: int, side: int) -> float:
    """Return the weight of the gradient penalty in this step: 0 where it is not applied, else multiplied by `penalty_every`.

    At half the side a picture has a quarter of the pixels, and the same change of the score gives a squared gradient four times
    as large. The weight is therefore proportional to the square of the side.
    """
    if config.penalty == "none" or images_seen // config.batch % config.penalty_every:
        return 0.0
    progress = progress_of(config, images_seen, images_total)
    weight = log_linear(config.penalty_weight, config.penalty_weight_end, progress)
    return weight * (side / config.resolution) ** 2 * config.penalty_every


def ema_decay(config: RunConfig, images_seen: int, images_total: int) -> float:
    """Return the fraction of the average that one step keeps, by the average's half-life in pictures.

    From scratch the half-life ramps up with the pictures seen, at most `ema_ramp` of them (Karras et al. 2020b, appendix C). A
    fine-tuned model begins with its parent's average, which must not be lost, so its half-life has the final value of the ramp
    from the start.
    """
    half_life = float(config.ema_half_life_images)
    if config.ema_ramp:
        ramped = images_seen if config.parent is None else schedule_total(config, images_total)
        half_life = min(half_life, config.ema_ramp * ramped)
    return 0.5 ** (config.batch / half_life) if half_life > 0 else 0.0


def constant(config: RunConfig, images_seen: int, images_total: int) -> float:
    """Return 1 throughout: the weight of a judge that always counts fully."""
    return 1.0
