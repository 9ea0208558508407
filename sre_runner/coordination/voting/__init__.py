"""Ballots to a verdict: one small file a rule, and the dict that names them."""
