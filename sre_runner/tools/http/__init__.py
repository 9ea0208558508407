"""Live tools that ask a server by HTTP."""
