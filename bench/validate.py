"""How long `sre-run validate` takes, as ratios to what it cannot do without: `make bench`, see README.md beside this.

Every figure is of whole processes, in CPU seconds (user and system), taken in turns: parse, validate, parse, validate.
The ratio is that of each pair, because a shared machine is not equally fast for long.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median

from dominates import show_imports, show_profile
from generate import generate

SIZES = (10, 100, 1000)
MOST_OF_PARSE, MOST_OF_IMPORTS = 5.0, 1.3
"""The aims: validating the largest configuration over parsing it, and the smallest one over the imports."""

STARTS = 4
"""How many times as many pairs the start-up has: it is short, so that its ratio wanders most."""

IMPORTS = "import yaml, jsonschema, jinja2, click"
VALIDATE = "from sre_runner.cli import main; main()"
PARSE = """
import sys, yaml
from pathlib import Path
for path in Path(sys.argv[1]).rglob("*.yaml"):
    with path.open("rb") as file:
        yaml.load(file, Loader=yaml.CSafeLoader)
"""


def seconds(code: str, *arguments: str) -> float:
    """CPU seconds of a Python process of its own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    child = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.DEVNULL, env=environ)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"bench: {code.strip().splitlines()[-1]} {' '.join(arguments)} ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime


def in_turns(rounds: int, one: Sequence[str], other: Sequence[str]) -> list[tuple[float, float]]:
    """Pairs of seconds, after a round that does not count: it fills the disk's cache and writes the .pyc files."""
    return [(seconds(*one), seconds(*other)) for _ in range(rounds + 1)][1:]


def told(label: str, pairs: Sequence[tuple[float, float]], aim: float | None = None) -> str:
    """One line: the least seconds of both, and the ratios other/one."""
    ratios = sorted(other / one for one, other in pairs)
    least = [min(column) for column in zip(*pairs, strict=True)]
    line = (
        f"{label:<22}{least[0]:>9.2f} s{least[1]:>9.2f} s{median(ratios):>8.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )
    return line if aim is None else f"{line}   aim {aim}: {'met' if median(ratios) <= aim else 'NOT met'}"


def compare(folders: dict[int, Path], rounds: int) -> None:
    """Print the ratios of every size, and how much each agent more takes."""
    least, most = min(folders), max(folders)
    print(f"{'CPU seconds (least)':<22}{'without':>11}{'validate':>11}   ratio (least to most)")
    started = in_turns(rounds * STARTS, (IMPORTS,), (VALIDATE, "validate", str(folders[least])))
    print(told(f"{least} agents/imports", started, MOST_OF_IMPORTS))
    taken = {}
    for size, folder in folders.items():
        pairs = in_turns(rounds, (PARSE, str(folder)), (VALIDATE, "validate", str(folder)))
        print(told(f"{size} agents/parse", pairs, MOST_OF_PARSE if size == most else None))
        taken[size] = min(validated for _, validated in pairs)
    for before, size in pairwise(taken):
        each = (taken[size] - taken[before]) / (size - before) * 1000
        print(f"each agent more from {before} to {size}, with its tool: {each:.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="pairs of each size (5)")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="agents, and as many tools (10 100 1000)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folders = {size: Path(temporary) / str(size) for size in sorted(given.sizes)}
        for size, folder in folders.items():
            generate(folder, size)
        compare(folders, given.rounds)
        show_profile(folders[max(folders)])
        show_imports(VALIDATE, "validate", str(folders[min(folders)]))


if __name__ == "__main__":
    main()
