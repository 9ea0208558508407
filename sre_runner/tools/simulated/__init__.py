"""Simulated tools: recorded answers, or queries over rows, chosen by the arguments of the call."""
