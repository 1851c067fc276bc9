"""Class projection (Miyato & Koyama 2018): the size of the class's part in a discriminator's score."""

import math

import pytest
import torch

from gan.families import build_discriminator
from tests.test_training_game import plan


@pytest.mark.parametrize("width", [16, 64])
def test_a_class_speaks_as_loud_in_a_wide_discriminator_as_in_a_narrow_one(width: int) -> None:
    """d features of unit size are multiplied by d weights of unit size; divided by √d, the product has unit size again."""
    network = plan(network={"discriminator_width": width, "discriminator_capacity": 4 * width}).network
    discriminator = build_discriminator("style", resolution=16, channels=3, num_classes=2, network=network)
    parameters = dict(discriminator.named_parameters())
    with torch.no_grad():
        for name in ("hidden.weight", "logit.weight", "logit.bias"):
            parameters[name].zero_()
        parameters["hidden.bias"].fill_(1.0)  # features are √2 after their activation, for any picture
        parameters["class_embedding"].copy_(torch.tensor([[1.0], [-1.0]]).expand(2, width))
        logits = discriminator(torch.zeros(4, 3, 16, 16), torch.tensor([0, 1, 0, 1]))
    torch.testing.assert_close(logits, math.sqrt(2 * width) * torch.tensor([1.0, -1.0, 1.0, -1.0]))
