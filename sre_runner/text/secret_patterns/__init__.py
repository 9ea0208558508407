"""Secrets that are not in the environment, recognised by shape, by the name beside them, or as values of a Secret."""
