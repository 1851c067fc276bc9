"""Pictures by the thousand, as a folder or a zip with a manifest: streamed, restartable, and without copies if so wished.

order.py     what is wanted, and which seeds it takes
places.py    where pictures go: a folder, or a zip that survives being cut off
guard.py     how near a picture is to those that the model learned from
making.py    an order carried out
"""

from gan.bulk.guard import CopyGuard
from gan.bulk.making import Made, make_bulk, write_latent_pictures, write_seeds
from gan.bulk.order import BulkOrder

__all__ = ["BulkOrder", "CopyGuard", "Made", "make_bulk", "write_latent_pictures", "write_seeds"]
