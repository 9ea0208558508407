"""Words that the sentences of several strategies have in common."""

from __future__ import annotations

from sre_runner.specs import Playbook


def everyone(playbook: Playbook) -> str:
    """The specialists: `a, b and c`."""
    *others, last = playbook.specialists
    return f"{', '.join(others)} and {last}" if others else last


def together(playbook: Playbook) -> str:
    """How many of them work at once."""
    most = playbook.coordinator.max_parallel
    return "all at the same time" if most >= len(playbook.specialists) else f"at most {most} at the same time"
