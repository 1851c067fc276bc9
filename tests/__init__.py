"""The tests: test_x.py mirrors gan/x.py, and browser/ drives the real page."""
