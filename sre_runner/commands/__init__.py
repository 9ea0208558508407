"""The verbs of `sre-run`, one file each: parse, call, print, return the exit code."""
