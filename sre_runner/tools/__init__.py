"""What answers as a tool: the protocol, and one file or folder for each kind. Whether it may is decided elsewhere."""
