"""Ballots to a verdict: one module a rule, with all that is asked of it, and the dict that names them."""
