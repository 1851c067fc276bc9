"""Tests of the real page, served by the real app, in a real browser."""
