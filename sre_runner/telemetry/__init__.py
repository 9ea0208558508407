"""Traces and metrics of runs, by OpenTelemetry's GenAI conventions, with its API package alone. It only listens."""
