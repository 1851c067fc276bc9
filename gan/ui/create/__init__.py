"""The Create tab. The browser holds the state and the controls (gan/web); gan/playing renders.

tab.py        the component, and opening a model in it from other tabs

The state of the tab (model, tool, settings, history, stars) is stored in the visitor's browser, and each call carries all the
data it needs. Nothing is lost when the browser or the server restarts, and visitors share nothing.
"""

from gan.ui.create.tab import CreateTab, connect_create, create_tab

__all__ = ["CreateTab", "connect_create", "create_tab"]
