"""What is said to a person who wrote a name that is not there."""

from __future__ import annotations

from collections.abc import Sequence

from sre_runner.text.naming import listed, nearest, said


def choices(given: str, names: Sequence[str], none: str = "") -> str:
    """The nearest of the names, and all of them; `none` where there is no name at all."""
    if not names:
        return none
    near = nearest(given, names)
    there = f"There {'is' if len(names) == 1 else 'are'} {listed(names)}."
    if near and len(names) == 1:
        return f"Did you mean {said(near)}?"
    return f"Did you mean {said(near)}? {there}" if near else there
