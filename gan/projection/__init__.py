"""Projection: a picture of one's own to the latent that comes closest to it.

pictures.py    a visitor's picture, fitted to what a model draws
likeness.py    how unlike two pictures are: in pixels at several scales, in the discriminator's eyes
ground.py      where a model's latents lie, and where a search may begin
search.py      from a picture to its latent, and how well a model's own samples come back
"""

from gan.projection.likeness import picture_error
from gan.projection.pictures import fit_picture, read_picture
from gan.projection.search import Projection, project, typical_error

__all__ = ["Projection", "fit_picture", "picture_error", "project", "read_picture", "typical_error"]
