"""Tools of MCP servers: sessions, calls, and what a server offers beside what a file says of it."""
