"""The usual plan of the style family, with values measured in benchmarks/SEARCH.md."""

from typing import Any

from gan.families.plan import Plan, Values

GAMMA_AT_32 = 0.4
SMALLEST_GROWING_SIDE = 16
GROWING_SHARE = 0.45  # fraction of all pictures that train at smaller sides, in equal parts for each side

# A small discriminator makes a step a third cheaper than one of the generator's size, and the generator learns more from the
# small one.
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


def by_resolution(resolution: int) -> dict[str, Any]:
    """Return growth and penalty for pictures of a side, from scratch and in fine-tuning.

    The penalty weight gamma rises with the number of pixels, as in StyleGAN2.
    """
    sides = [2**power for power in range(SMALLEST_GROWING_SIDE.bit_length() - 1, resolution.bit_length() - 1)]
    gamma = GAMMA_AT_32 * (resolution / 32) ** 2
    return {
        "growth": tuple((side, round(GROWING_SHARE * number / len(sides), 3)) for number, side in enumerate(sides, 1)),
        "penalty_weight": gamma,
        "penalty_weight_end": gamma / 4,
    }


# Heads on pretrained features make shapes in photographs three to four times closer to real ones. On sets of up to a thousand
# pictures they reduced variety; below 64 pixels they were not measured.
FEATURES_FROM_SIDE, FEATURES_FROM_PICTURES = 64, 2000


def discriminator(resolution: int, pictures: int) -> str:
    """Return `both`, the own discriminator and heads on pretrained features, for large sets of pictures with large sides, else
    `own`.
    """
    return "both" if resolution >= FEATURES_FROM_SIDE and pictures >= FEATURES_FROM_PICTURES else "own"


def network_under(values: Values) -> dict[str, Any]:
    """Return a generator with as many channels at fine sides as `LARGE_NETWORK`, and more for the last detail, if there are heads
    on features: they take most of a step, so the width costs little time. It was measured with `both` at 64 pixels only.
    """
    return {} if values.get("discriminator", "own") == "own" else {"generator_capacity": 2048, "fine_width": 32}


STYLE_PLAN = Plan(
    scratch={
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
        "features": {"softened": 2},  # heads that see finer detail leave textures like engraving
    },
    # At the learning rates of a new generator, a trained one improves faster than its discriminator. In a short training many
    # small steps gain more than few large ones.
    fine_tuning={"generator_lr": 3.5e-3, "discriminator_lr": 2.1e-3, "batch": 8},
    by_resolution=by_resolution,
    discriminator=discriminator,
    networks={"quick": SMALL_NETWORK, "good": SMALL_NETWORK, "best": LARGE_NETWORK},
    network_under=network_under,
)
