"""A model that is open, given away: its page as a folder, or as a Space on the Hub."""

from pathlib import Path
from tempfile import TemporaryDirectory

from gan.directions import layer_groups
from gan.errors import GanError
from gan.hub import Progress
from gan.hub.spaces import push_space
from gan.images import encode_png, grid
from gan.limits import SAMPLE_SEEDS
from gan.models import PREVIEW, find, read_config, read_directions
from gan.models.publish import PageFacts, write_page
from gan.playing.directions import described
from gan.sampler import Model


def write_model_page(model: Model, out: Path, home: Path) -> list[Path]:
    """Write the static page of a model to a folder, without any network; returns its files. Raises CheckpointError."""
    preview = model.folder / PREVIEW
    facts = PageFacts(
        reference=model.reference,
        preview=preview.read_bytes() if preview.is_file() else _preview(model),
        groups=layer_groups(model),
        directions=[described(model, each) for each in read_directions(model) if each.fits(model)],
        parent_licence=_licence_of(model.config.training.parent, home),
    )
    return write_page(model.folder, out, facts)


def publish_page(
    model: Model, space: str, home: Path, private: bool = False, token: str | None = None, progress: Progress | None = None
) -> str:
    """Put the static page of a model on the Hub as a Space, and return its address. Raises HubError and CheckpointError."""
    with TemporaryDirectory(prefix="seedbed-page-") as temporary:
        write_model_page(model, Path(temporary), home)
        return push_space(Path(temporary), space, private=private, token=token, progress=progress)


def _preview(model: Model) -> bytes:
    return encode_png(grid(model.generate(range(SAMPLE_SEEDS)), columns=4), machine_made=True)


def _licence_of(parent: str | None, home: Path) -> str | None:
    """The licence that a parent on this machine states; None where it is elsewhere, or states none."""
    if parent is None:
        return None
    try:
        return read_config(find(parent, home, download=False)).training.licence
    except GanError:
        return None  # it is not on this machine, and the page says that its licence is not stated
