"""The usual plan of the dcgan family, and its presets."""

from typing import Any

from gan.families.plan import CLASSIC, Plan, Values


def network_under(values: Values) -> dict[str, Any]:
    """Return settings without batch norm in the discriminator if there is a gradient penalty, which needs scores independent of
    the batch.
    """
    return {} if values["penalty"] == "none" else {"discriminator_batch_norm": False}


PRESETS: dict[str, dict[str, Any]] = {
    # Radford et al. 2015, with dropout in the discriminator. Unlike many tutorials, this preset passes real and generated
    # pictures through batch norm in separate batches, detaches generated pictures in the discriminator's step, and samples with
    # running statistics, so that a picture does not depend on its batch.
    "tutorial-dcgan": {
        "minutes": 4,
        "resolution": 28,
        "network": {"width": 32, "dropout": 0.25},
        "objective": "non-saturating",
        "penalty": "none",
        "generator_lr": 1e-3,
        "discriminator_lr": 4e-4,
        "lr_end": 0.1,
        "batch": 64,
    },
    # A convolutional critic in colour (Gulrajani et al. 2017). Tutorials often use the Wasserstein loss without bounding the
    # critic's slope. Here a penalty bounds it, and a plan without a penalty is refused with the reason. `--objective
    # least-squares --penalty none` also keeps scores bounded. The critic has no batch norm, which would defeat the penalty.
    "tutorial-wgan": {
        "minutes": 10,
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

DCGAN_PLAN = Plan(scratch=CLASSIC, presets=PRESETS, network_under=network_under)
