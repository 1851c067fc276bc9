"""A small pretrained network, frozen, that describes pictures: for training, projection and detecting copies, never for grading.

A model that was trained with these features scores too well in them (Kynkäänniemi et al. 2022). The weights lie beside this file
(see PROVENANCE.md); they are never downloaded.
"""

from gan.vision.network import SCALES, WIDTHS, FeatureNetwork
from gan.vision.weights import load_features

__all__ = ["SCALES", "WIDTHS", "FeatureNetwork", "load_features"]
