"""The one line under the severity that says how far a conclusion can be trusted."""

from __future__ import annotations

from sre_runner.journal.trust import Trust


def line(found: Trust) -> str:
    """The counts in words."""
    names = f"{found.names_not_seen} names in commands not seen" if found.names_not_seen else "names in commands seen"
    return " · ".join(
        [
            f"{found.verified} of {found.findings} findings verified",
            f"{found.values_seen} of {found.values} values seen",
            names,
            f"cause rests on {_count(found.tools, 'tool')} and {_count(found.specialists, 'specialist')}",
            *([f"{found.missing} missing"] if found.missing else []),
        ]
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
