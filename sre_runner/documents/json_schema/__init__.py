"""JSON Schema: whether data fits, what to say where it does not, and which schemas a configuration may state."""
