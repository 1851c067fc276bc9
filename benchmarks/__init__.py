"""Measures speed and quality, each compared with a physical limit or a peer in the same run."""
