"""The modules of gan/web, one by one, in a real browser."""
