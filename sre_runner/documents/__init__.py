"""What a file of a configuration is made of: YAML with places, JSON Schema, and templates. It knows no agents."""
