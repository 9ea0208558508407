"""One investigation: the coordinator decides, the engine carries out, and every call passes the door."""
