"""The real page, served by the real app, in a real browser."""
