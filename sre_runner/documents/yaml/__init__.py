"""A YAML file as plain data that knows where everything stands, so that every complaint about it has its place."""
