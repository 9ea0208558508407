"""From YAML to frozen specs, or to every problem with its place: documents, schemas, templates, checks. No calls."""
