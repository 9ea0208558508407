"""A recorded run as a configuration: what its tools answered, its agents and its playbook, as files that run again."""
