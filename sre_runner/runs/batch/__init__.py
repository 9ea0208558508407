"""Many investigations in one process: a list of incidents, limits over all of them, and a manifest to go on from."""
