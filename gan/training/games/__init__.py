"""The games that a training can play: a file a game."""
