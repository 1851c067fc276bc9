"""Projection: from a given picture to the latent closest to it.

pictures.py    a visitor's picture, fitted to a model
likeness.py    distances between pictures: of pixels at several scales, of a discriminator's features
statistics.py  the distribution of a model's latents, and the candidates from which a search starts
search.py      the search from a picture to its latent, and the error of projecting a model's own samples
"""

from gan.projection.likeness import picture_error
from gan.projection.pictures import fit_picture, read_picture
from gan.projection.search import Projection, project, typical_error

__all__ = ["Projection", "fit_picture", "picture_error", "project", "read_picture", "typical_error"]
