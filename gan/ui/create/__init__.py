"""The Create tab: an instrument whose keys are in the browser and whose strings are here.

tab.py        the component, and how other tabs open a model in it
calls.py      the table of what the browser may ask for
studio.py     opens models, makes tiles, answers calls in the visitor's language
one file a tool, with the script of the same name in scripts/; create.css

The state of an instrument (model, tool, settings, history, stars) lives in the visitor's browser; a call carries all it needs, so
that nothing is lost when either side begins anew, and visitors never meet.
"""

from gan.ui.create.tab import CreateTab, connect_create, create_tab

__all__ = ["CreateTab", "connect_create", "create_tab"]
