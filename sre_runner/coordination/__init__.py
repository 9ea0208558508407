"""The pure half of an investigation: who is asked what, how a team decides, whether evidence stands. No calls."""
