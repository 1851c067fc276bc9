"""Shares a model on the Hugging Face Hub, with its card, its preview, and its owner's statement on the training pictures.

statement.py   whose pictures a model was trained on, and their licence
pushing.py     a model folder to a repository, in one commit
app_space.py   this app with one model, as a Space's folder
"""

from gan.sharing.app_space import AppKind, write_app_space
from gan.sharing.pushing import push
from gan.sharing.statement import Statement, copy_stated, restate, with_statement

__all__ = ["AppKind", "Statement", "copy_stated", "push", "restate", "with_statement", "write_app_space"]
