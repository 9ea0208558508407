"""What happened, and nothing else: events, the file that has them, and the record that is folded from them."""
