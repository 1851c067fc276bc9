"""Sharing: a model on the Hugging Face Hub, with its card and preview.

pushing.py   a model folder to a repository, in one commit
"""

from gan.sharing.pushing import push

__all__ = ["push"]
