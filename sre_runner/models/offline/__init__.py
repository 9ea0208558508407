"""The offline model: fixed rules in the place of an LLM, for rehearsals."""
