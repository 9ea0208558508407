"""The sentence by which everything that the offline model writes says what it is."""

REHEARSAL = (
    "Rehearsal: no LLM took part. The offline model, which follows fixed rules, wrote this; "
    "it shows that the configuration works, not what Claude would conclude."
)

UNASKED = (
    "error: no model drew a conclusion: there are no credentials for a model service, so this was a rehearsal. "
    "Set ANTHROPIC_API_KEY to investigate with Claude, or add --offline to ask for a rehearsal."
)
"""The last line after a rehearsal that nobody asked for."""

BRIEFLY = "Rehearsal, by no LLM:"
"""The same in few words, before every text of a report, so that none is taken for more where it stands alone."""
