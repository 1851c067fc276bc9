"""The table of games. A new game is a file in this folder and a line in GAMES.

base.py         the contract
adversarial.py  a generator against judges
judges.py       the judges of the adversarial game
average.py      the moving average of the adversarial game's generator
inside.py       views inside the adversarial game
"""

from collections.abc import Callable

from accelerate import Accelerator

from gan.config import RunConfig
from gan.errors import ConfigError
from gan.training.games.adversarial import AdversarialGame
from gan.training.games.base import Game

__all__ = ["GAMES", "Game", "build_game"]

GAMES: dict[str, Callable[[RunConfig, Accelerator], Game]] = {"adversarial": AdversarialGame}


def build_game(config: RunConfig, accelerator: Accelerator) -> Game:
    """Return the game that a config names, with fresh networks. Raises ConfigError for a game that this version does not have."""
    if config.game not in GAMES:
        raise ConfigError("config_field", field="game", found=config.game, expected="one of " + ", ".join(GAMES))
    return GAMES[config.game](config, accelerator)
