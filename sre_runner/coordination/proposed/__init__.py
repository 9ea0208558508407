"""Commands that a conclusion proposes: read word by word and never run, and marked where care is due."""
