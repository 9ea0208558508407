"""Who answers as a model, and what is said to it: the protocol, one file or folder for each kind, and the messages."""
