"""The Create tab. The browser holds the state and the controls (gan/web); gan/playing renders.

tab.py        the component, and how other tabs open a model in it

The state of an instrument (model, tool, settings, history, stars) lives in the visitor's browser, and a call carries all that it
needs: nothing is lost when either side starts again, and visitors share nothing.
"""

from gan.ui.create.tab import CreateTab, connect_create, create_tab

__all__ = ["CreateTab", "connect_create", "create_tab"]
