"""The Share tab: a model as a page, a Space, a repository on the Hub or a file.

form.py      the fields, and what they ask for
drafts.py    serves the page that is looked at before it is published
looks.py     how what is shared will look
tab.py       layout and handlers
share.css    how the tab looks
"""

from gan.ui.share.drafts import drafts_route
from gan.ui.share.tab import ShareTab, connect_share, share_tab

__all__ = ["ShareTab", "connect_share", "drafts_route", "share_tab"]
