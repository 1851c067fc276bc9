"""The Train tab: drop a zip, see what is in it, start, and watch. Trainings are processes; this tab only reads their files."""

from gan.ui.train.tab import connect_train, train_tab

__all__ = ["connect_train", "train_tab"]
