"""Speed and quality, always beside a physical limit or a peer measured in the same run."""
