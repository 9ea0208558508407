"""The acting half of an investigation: the engine carries out what is decided; every call passes the door."""
