"""The kinds of what answers as a tool: one module and one line of the table for each."""
