"""What a run can be expected to come to: one module a key, with its schema, its checks and when it is weaker."""
