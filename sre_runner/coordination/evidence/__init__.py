"""Does the quote stand in that answer? Findings and citations checked against what the model was shown."""
