"""What people and programs are shown: a run as a fold over its record, and a playbook as the run that it would be."""
