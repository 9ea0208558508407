"""What is wrong inside agents, tools and playbooks beyond their schemas, one file for each part."""
