"""States which visible properties change along a row of pictures, for words such as "darker" and "lighter"."""

import numpy as np
import numpy.typing as npt

from gan.playing.layers import LUMA

# The least difference that is named, for each property; 1 is the whole range of brightness, or the whole picture's area. Smaller
# ones can be measured, but a person hardly sees them in a row of small pictures.
VISIBLE = {"light": 0.06, "red": 0.06, "yellow": 0.06, "vivid": 0.05, "size": 0.06}
TURN = 0.5  # the least step back that counts, as a share of the least difference that is named
MOST_NAMED = 2  # properties
PLAIN = 0.05  # root mean square of the border's differences from its mean, up to which a picture has a plain ground
INK = 0.1  # difference from the ground, above which a pixel belongs to the object

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def tendency(*row: Picture) -> list[dict[str, object]]:
    """Return the properties that differ visibly between the ends of a row of pictures uint8 (H, W, C), the most visible first.

    Each is {"what": "light", "red", "yellow", "vivid" or "size", "rises": whether the last picture has more of it}. Red is
    opposed to green, and yellow to blue. Size is the object's share of the area; it is compared where all pictures have a plain
    ground. A property that turns back visibly on the way is left out, since the word would be false there. At most two are
    returned.
    """
    found = [properties(picture) for picture in row]
    common = set.intersection(*(set(each) for each in found))
    steps = {what: np.diff([each[what] for each in found]) / VISIBLE[what] for what in common}
    grown = {what: float(each.sum()) for what, each in steps.items() if not turns_back(each)}
    seen = sorted((what for what in grown if abs(grown[what]) >= 1), key=lambda what: (-abs(grown[what]), what))
    return [{"what": what, "rises": grown[what] > 0} for what in seen[:MOST_NAMED]]


def turns_back(steps: npt.NDArray[np.float64]) -> bool:
    """Return whether a property falls back visibly, by more than TURN in units of VISIBLE, from the furthest point on the way."""
    way = np.cumsum([0.0, *steps]) * np.sign(steps.sum())
    return bool((np.maximum.accumulate(way) - way).max() > TURN)


def properties(picture: Picture) -> dict[str, float]:
    """Return the properties of a picture uint8 (H, W, C); grey pictures have no colours."""
    values: Floats = picture.astype(np.float32) / np.float32(255)
    luma: Floats = values @ LUMA if values.shape[2] == 3 else values[..., 0]
    found = {"light": float(luma.mean())}
    if values.shape[2] == 3:
        red, green, blue = values.mean((0, 1))
        found["red"] = float(red - green)
        found["yellow"] = float((red + green) / 2 - blue)
        found["vivid"] = float((values.max(2) - values.min(2)).mean())
    border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
    ground = border.mean(0)
    if np.sqrt(((border - ground) ** 2).mean()) <= PLAIN:
        found["size"] = float((np.abs(values - ground).max(2) > INK).mean())
    return found
