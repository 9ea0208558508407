"""The sentence by which everything that the offline model writes says what it is."""

REHEARSAL = (
    "Rehearsal: no LLM took part. The offline model, which follows fixed rules, wrote this; "
    "it shows that the configuration works, not what Claude would conclude."
)

BRIEFLY = "Rehearsal, by no LLM:"
"""The same in few words, before every text of a report, so that none is taken for more where it stands alone."""
