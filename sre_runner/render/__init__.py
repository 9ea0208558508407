"""What people and programs are shown of a run: folds over its record, with no other input."""
