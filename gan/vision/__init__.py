"""A small pretrained, frozen network that maps pictures to features: for training and to find pictures that look alike, never for
measuring quality.

Measured with these features, a model that was trained with them seems better than it is (Kynkäänniemi et al. 2022). The weights
are in this folder (see PROVENANCE.md); they are never downloaded.
"""

from gan.vision.describing import Vectors, describe
from gan.vision.network import SCALES, WIDTHS, FeatureNetwork
from gan.vision.weights import load_features

__all__ = ["SCALES", "WIDTHS", "FeatureNetwork", "Vectors", "describe", "load_features"]
