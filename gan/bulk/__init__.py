"""Writes pictures by the thousand to a folder or a zip with a manifest: streamed, restartable, without copies on request.

order.py     the order: the number of pictures, and their seeds
targets.py   the folder to write to, or a zip that survives interruption
guard.py     the distance of a picture from the training pictures
likeness.py  the training pictures that look most like a picture
making.py    carries an order out
"""

from gan.bulk.guard import CopyGuard
from gan.bulk.likeness import Likeness, likeness_of
from gan.bulk.making import Made, make_bulk, write_latent_pictures, write_seeds
from gan.bulk.order import BulkOrder

__all__ = ["BulkOrder", "CopyGuard", "Likeness", "Made", "likeness_of", "make_bulk", "write_latent_pictures", "write_seeds"]
