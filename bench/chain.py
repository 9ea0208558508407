"""What the seals of a journal cost, as ratios to appending the same events without them: see README.md beside this.

The events are those of a rehearsal of the shipped playbook, appended again and again to new journals. The kinds take
turns in one process, and a ratio is that of each turn, because a shared machine is not equally fast for long.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from sre_runner.journal.changes import changes_of
from sre_runner.journal.events import Event, to_line
from sre_runner.journal.file import JOURNAL, Journal, read, whole_lines
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run

PLAYBOOK = Path(__file__).parents[1] / "playbooks" / "payment-gateway.yaml"
KINDS = ("without seals", "with seals", "signed")


def append(kind: str, events: Sequence[Event]) -> float:
    """CPU seconds that it takes to append the events to a new journal of this kind."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / JOURNAL
        if kind == "without seals":  # as a journal of format 1, which is gone on with as it is
            path.write_text('{"event":"noted","at":0,"text":""}\n')
        journal = Journal(path, reopen=path.exists(), key=os.urandom(32) if kind == "signed" else b"")
        began = time.process_time()
        for event in events:
            journal.append(event)
        took = time.process_time() - began
        journal.close()
        return took


def verifying(lines: Sequence[bytes]) -> float:
    began = time.process_time()
    assert changes_of(lines) == ()
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200, help="turns of each kind (200)")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as runs:
        path = run(RunOptions(PLAYBOOK, runs=Path(runs), offline=True))[1] / JOURNAL
        entries, lines = list(read(path)), list(whole_lines(path))
    events = [entry.event for entry in entries]
    turns = [[append(kind, events) for kind in KINDS] for _ in range(rounds + 1)][1:]
    bare = sum(len(to_line(entry).encode()) for entry in entries)
    whole = sum(map(len, lines))
    print(f"{len(events)} events, {whole:,} bytes with seals, {bare:,} without: {whole / bare:.3f}")
    for number, kind in enumerate(KINDS):
        ratios = sorted(turn[number] / turn[0] for turn in turns)
        least = min(turn[number] for turn in turns) / len(events)
        tenth = len(ratios) // 10
        print(
            f"{kind:<15}{least * 1e6:>7.1f} us an event (least){median(ratios):>7.2f} "
            f"({ratios[tenth]:.2f} to {ratios[-1 - tenth]:.2f}, without the tenths at both ends)"
        )
    took = min(verifying(lines) for _ in range(rounds))
    print(f"verifying{took / len(lines) * 1e6:>13.1f} us a line (least), {whole / took / 1e6:,.0f} MB/s")


if __name__ == "__main__":
    main()
