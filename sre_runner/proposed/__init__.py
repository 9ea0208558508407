"""Commands that agents propose, read by lexing and never run: the names in them, and what they would destroy."""
