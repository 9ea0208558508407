"""Whether all that a run needs is there: looks that cost no tokens and change nothing, a line for each."""
