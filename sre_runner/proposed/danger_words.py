"""The words that name a danger, and the reasons that several commands share."""

from __future__ import annotations

DESTROYS, INTERRUPTS, FORCES, UNDOES, PAUSES = WORDS = ("destroys", "interrupts", "forces", "undoes", "pauses")
"""What is gone is gone; work stops for a while; a safeguard is skipped; a release goes back; nothing new is taken."""


Row = tuple[str, str, str, str]

GONE = "what is deleted is gone; only a backup or its manifest brings it back"
OUTAGE = "what runs is stopped and started again: a brief outage"
KILLED = "the process has no chance to finish or to clean up"
CONFIRM = "nobody is asked before it is done"
DATA = "data is lost for good; only a backup brings it back"
