"""The Train tab: drop a zip, check it, start, watch. Trainings are processes of their own; this tab only reads their files."""

from gan.ui.train.tab import connect_train, train_tab

__all__ = ["connect_train", "train_tab"]
