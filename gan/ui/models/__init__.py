"""The Models tab: the models on this machine, and the Hub."""

from gan.ui.models.tab import connect_models, models_tab

__all__ = ["connect_models", "models_tab"]
