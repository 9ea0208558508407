"""Runs as web pages: one self-contained report of a run, and an index of many."""
