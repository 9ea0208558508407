"""A run: its conclusion, votes, findings, calls and times, as Markdown and as JSON."""
