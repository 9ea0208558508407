"""One run and its life: begun, resumed, replayed, listed, removed. It knows folders and signals, not how to look."""
