"""A difference between configurations, on a terminal and in a comment, and what both sides came to."""
