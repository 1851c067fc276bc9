"""Measures speed and quality, each beside a physical limit or a peer in the same run."""
