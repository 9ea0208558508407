"""Writes the comparisons of *Comparing configurations* from rehearsals: run `python docs/generate_comparing.py`."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sre_runner.journal.record import Record
from sre_runner.render.blocks import table
from sre_runner.render.testing.comparison import rows, sentences
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run_in_loop
from sre_runner.testing.comparison.rounds import Way, checked, compared
from sre_runner.testing.comparison.sides import Comparison

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "comparing.md"
PAIRS = {
    "three both ways": ("payment-gateway-sequential", "payment-gateway-parallel"),
    "one agent or three": ("payment-gateway-single", "payment-gateway-parallel"),
}
"""By their place on the page, the playbooks of the course's two comparisons."""
TIMES = ("critical path", "wall time")
"""The rows that come out differently every time, and are left out."""


@cache
def comparison(place: str) -> Comparison:
    """Two playbooks, each rehearsed once."""
    with tempfile.TemporaryDirectory() as runs:
        ways = [
            Way(name, RunOptions(ROOT / "playbooks" / f"{name}.yaml", offline=True, runs=Path(runs)))
            for name in PAIRS[place]
        ]
        found, _ = asyncio.run(compared(ways, checked(ways), 1, _rehearsed))
    return found


async def _rehearsed(way: Way, _: int) -> Record:
    record, _folder = await run_in_loop(way.options)
    return record


def shown(place: str) -> str:
    """The table without its times, and the sentence."""
    found = comparison(place)
    kept = [row for row in rows(found) if row[0] not in TIMES]
    (sentence,) = sentences(found)
    return f"{table(['', *PAIRS[place]], kept)}\n\n> {sentence}\n"


def written(page: str) -> str:
    """The page with every comparison that it has a place for."""

    def filled(match: re.Match[str]) -> str:
        return f"{match[1]}\n{shown(match[2])}{match[3]}"

    return re.sub(r"(<!-- ([\w ]+) -->)\n.*?(<!-- end -->)", filled, page, flags=re.DOTALL)


def places(page: str) -> Iterator[str]:
    """The places of the page."""
    return (match for match in re.findall(r"<!-- ([\w ]+) -->", page) if match != "end")


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
