"""The Share tab: a model as a page, a Space, a repository on the Hub or a file.

form.py      the fields, and their values as a Wish
drafts.py    serves the preview of a page before it is published
looks.py     previews of what will be shared
tab.py       layout and handlers
share.css    the style of the tab
"""

from gan.ui.share.drafts import drafts_route
from gan.ui.share.tab import ShareTab, connect_share, share_tab

__all__ = ["ShareTab", "connect_share", "drafts_route", "share_tab"]
