"""What a recipe begins with: defaults, what a family needs, and the presets."""

from typing import Any

from gan.errors import ConfigError

# What a recipe begins with, then what a family needs by its nature. Presets and the user's own words are laid over these.
DEFAULTS: dict[str, Any] = {"family": "style", "seed": 0}

CLASSIC: dict[str, Any] = {  # the settings of Radford et al. 2015, which the first convolutional GANs shared
    "objective": "non-saturating",
    "penalty": "none",
    "generator_lr": 2e-4,
    "discriminator_lr": 2e-4,
    "beta1": 0.5,
    "beta2": 0.999,
    "batch": 64,
    "z_dim": 100,
    "ema_half_life_images": 5_000,
}
FAMILY_DEFAULTS: dict[str, dict[str, Any]] = {
    "style": {
        "objective": "relativistic",
        "penalty": "r1+r2",
        "penalty_every": 4,
        "generator_lr": 1e-2,
        "discriminator_lr": 3e-3,
        "lr_falls_from": 0.6,
        "lr_end": 0.1,
        "batch": 16,
        "ema_half_life_images": 10_000,
        "augment_target": 0.4,
        "growth_softened": True,
    },
    "dcgan": CLASSIC,
    "mlp": CLASSIC,
}

GAMMA_AT_32 = 0.4
SMALLEST_GROWING_SIDE = 16
GROWING_SHARE = 0.45  # of all pictures are seen smaller than full size, in equal parts for each smaller side

# What is done to pictures so that the discriminator cannot learn them by heart, as often as it tries to. Below LEAST_HELD_OUT
# pictures it cannot be told how hard it tries, and FIXED_STRENGTH stands in: a guess, after Zhao et al. 2020, who always augment.
AUGMENTATIONS = ("colour", "translation", "cutout")
LEAST_HELD_OUT = 16
FIXED_STRENGTH = 0.3

# Adam knows nothing of a parent's weights at first, and its first steps are as long as any: they must not undo what was learnt.
# A generator that can draw already outruns its discriminator at the rate of one that cannot yet, and a training so short gains
# more by many small steps than by few large ones: see benchmarks/SEARCH.md.
FINE_TUNING: dict[str, Any] = {"warmup_images": 2000}
FAMILY_FINE_TUNING: dict[str, dict[str, Any]] = {"style": {"generator_lr": 3.5e-3, "discriminator_lr": 2.1e-3, "batch": 8}}

# A small discriminator costs a third of a step less than one of the generator's size, and leaves the generator more to win by.
SMALL_NETWORK = {
    "class_gain": 0.1,
    "deviation_parts": 64,
    "maps": 2,
    "narrowest": 32,
    "generator_capacity": 1024,
    "discriminator_width": 64,
    "discriminator_capacity": 512,
}
LARGE_NETWORK = {
    "class_gain": 0.1,
    "deviation_parts": 64,
    "maps": 2,
    "narrowest": 32,
    "generator_capacity": 2048,
    "discriminator_capacity": 1024,
}

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"minutes": 10, "network": SMALL_NETWORK},
    "good": {"minutes": 60, "network": SMALL_NETWORK},
    "best": {"minutes": 480, "network": LARGE_NETWORK},
    # What introductions to GANs build first, at the size of its digits. Slips of such texts that are put right here: the sigmoid
    # is part of the loss, which is then stable; pictures are scaled to the range of tanh; and the generator maximises
    # log D(G(z)), whose gradient does not vanish when the discriminator wins. Networks so small bear five times the usual rate.
    "tutorial-mlp": {
        "minutes": 5,
        "family": "mlp",
        "resolution": 28,
        "network": {"generator_widths": [256, 512], "discriminator_widths": [512, 256], "dropout": 0.3},
        "objective": "non-saturating",
        "penalty": "none",
        "generator_lr": 1e-3,
        "discriminator_lr": 1e-3,
        "lr_end": 0.1,
        "batch": 64,
    },
    # Radford et al. 2015, with dropout in the discriminator. Put right: real and generated pictures pass through batch norm in
    # batches of their own; generated pictures are detached in the discriminator's turn; and pictures are made with running
    # statistics, so that one does not depend on its neighbours in a batch.
    "tutorial-dcgan": {
        "minutes": 4,
        "family": "dcgan",
        "resolution": 28,
        "network": {"width": 32, "dropout": 0.25},
        "objective": "non-saturating",
        "penalty": "none",
        "generator_lr": 1e-3,
        "discriminator_lr": 4e-4,
        "lr_end": 0.1,
        "batch": 64,
    },
    # A convolutional critic in colour (Gulrajani et al. 2017). Texts often take the Wasserstein loss without anything that holds
    # the critic's slope: here the penalty does, and leaving it out is refused with the reason. `--objective least-squares
    # --penalty none` shows the other way to keep scores in bounds. The critic has no batch norm, which would undo the penalty.
    "tutorial-wgan": {
        "minutes": 10,
        "family": "dcgan",
        "resolution": 64,
        "channels": 3,
        "network": {"width": 16, "discriminator_batch_norm": False},
        "objective": "wasserstein",
        "penalty": "wgan-gp",
        "penalty_weight": 10.0,
        "penalty_weight_end": 10.0,
        "penalty_every": 2,
        "generator_lr": 5e-4,
        "discriminator_lr": 1e-3,
        "beta1": 0.0,
        "beta2": 0.9,
        "lr_end": 0.1,
        "batch": 32,
    },
}


def preset_values(preset: str) -> dict[str, Any]:
    """What a preset fixes; ConfigError for one that is unknown."""
    if preset not in PRESETS:
        raise ConfigError("config_field", field="preset", found=preset, expected="one of " + ", ".join(PRESETS))
    return PRESETS[preset]
