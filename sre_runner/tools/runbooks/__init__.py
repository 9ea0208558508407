"""Search in a folder of Markdown runbooks."""
