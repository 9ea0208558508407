"""A playbook as the run that it would be: steps, openings, and the team as a graph."""
