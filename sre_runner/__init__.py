"""A declarative runner for multi-agent incident investigations."""
