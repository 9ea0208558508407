"""Progress while a run goes on, and documents on a terminal."""
