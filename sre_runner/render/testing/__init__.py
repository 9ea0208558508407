"""Cases and comparisons: text, JSON, JUnit and Markdown."""
