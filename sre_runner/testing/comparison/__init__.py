"""Runs of one incident by different configurations: their figures side by side, and what the difference buys."""
