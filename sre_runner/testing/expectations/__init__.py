"""A record against the `expect:` of its playbook: what holds, and what does not, each with what was found instead."""
