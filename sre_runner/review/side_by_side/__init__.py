"""The playbooks that a change touches, run on both sides, and what came out otherwise."""
