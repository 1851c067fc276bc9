"""The usual plan of the mlp family, and its preset."""

from typing import Any

from gan.families.plan import CLASSIC, Plan

PRESETS: dict[str, dict[str, Any]] = {
    # The GAN with which most tutorials begin, at 28 pixels, the size of the MNIST digits. Unlike many tutorials, the loss
    # contains the sigmoid, which makes it numerically stable; pictures are scaled to the range of tanh; and the generator
    # maximises log D(G(z)), whose gradient does not vanish when the discriminator is confident. Networks this small train well at
    # five times the usual rate.
    "tutorial-mlp": {
        "minutes": 5,
        "resolution": 28,
        "network": {"generator_widths": [256, 512], "discriminator_widths": [512, 256], "dropout": 0.3},
        "objective": "non-saturating",
        "penalty": "none",
        "generator_lr": 1e-3,
        "discriminator_lr": 1e-3,
        "lr_end": 0.1,
        "batch": 64,
    },
}

MLP_PLAN = Plan(scratch=CLASSIC, presets=PRESETS)
