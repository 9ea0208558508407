"""How long `sre-run validate` takes, as ratios to what it cannot do without: `make bench`, see README.md beside this.

Every figure is of whole processes, in CPU seconds (user and system), taken in turns: parse, validate, parse, validate.
The ratio is that of each pair, because a shared machine is not equally fast for long.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median

from generate import generate

SIZES = (10, 100, 1000)
MOST_OF_PARSE, MOST_OF_IMPORTS = 5.0, 1.3
"""The aims: validating the largest configuration over parsing it, and the smallest one over the imports."""

IMPORTS = "import yaml, jsonschema, jinja2, click"
VALIDATE = "from sre_runner.cli import main; main()"
PARSE = """
import sys, yaml
from pathlib import Path
for path in Path(sys.argv[1]).rglob("*.yaml"):
    with path.open("rb") as file:
        yaml.load(file, Loader=yaml.CSafeLoader)
"""
SHOWN = 12
"""Lines of each list of what dominates."""


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


def validation(folder: Path) -> pstats.Stats:
    """The profile of validating a configuration in this process."""
    from sre_runner.config import validate

    profile = cProfile.Profile()
    checked = profile.runcall(validate, (folder,))
    assert checked.problems == (), "what was generated is right"
    return pstats.Stats(profile)


def by_module(stats: pstats.Stats) -> Counter[str]:
    """Own seconds of each module; what is built in counts for the module that calls it."""
    spent: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, callers) in stats.stats.items():  # type: ignore[attr-defined]
        if file != "~":
            spent[_module(file)] += own
        for (caller, _, _), (_, _, within, _) in callers.items() if file == "~" else ():
            spent[_module(caller)] += within
    return spent


def _module(file: str) -> str:
    if file == "~":
        return "built in"
    parts = Path(file).with_suffix("").parts
    for root in ("sre_runner", "site-packages"):
        if root in parts:
            return ".".join(parts[parts.index(root) + (root == "site-packages") :]).removesuffix(".__init__")
    return parts[-1]


def by_function(stats: pstats.Stats) -> Counter[str]:
    """Seconds in and below each of our own functions."""
    return Counter(
        {
            f"{_module(file)}:{name}": below
            for (file, _, name), (_, _, _, below, _) in stats.stats.items()  # type: ignore[attr-defined]
            if _module(file).startswith("sre_runner") and not name.startswith("<")
        }
    )


def by_package(code: str, *arguments: str) -> Counter[str]:
    """Seconds that a process takes to import each package by itself, its dependencies left out."""
    command = [sys.executable, "-X", "importtime", "-c", code, *arguments]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    spent: Counter[str] = Counter()
    for line in report.splitlines()[1:]:
        if line.startswith("import time:"):
            own, _, name = line.removeprefix("import time:").split("|")
            if own.strip().isdigit():
                spent[name.strip().partition(".")[0]] += int(own) / 1e6
    return spent


def show(title: str, spent: Mapping[str, float]) -> None:
    whole = sum(spent.values())
    print(f"\n{title}")
    for name, own in Counter(spent).most_common(SHOWN):
        print(f"{own:>9.3f} s {own / whole:>6.1%}  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="pairs of each size (5)")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="agents, and as many tools (10 100 1000)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folders = {size: Path(temporary) / str(size) for size in sorted(given.sizes)}
        for size, folder in folders.items():
            generate(folder, size)
        print(f"{'':<22}{'without':>11}{'validate':>11}   ratio (least to most)")
        least, most = min(folders), max(folders)
        started = in_turns(given.rounds, (IMPORTS,), (VALIDATE, "validate", str(folders[least])))
        print(told(f"{least} agents/imports", started, MOST_OF_IMPORTS))
        taken = {}
        for size, folder in folders.items():
            pairs = in_turns(given.rounds, (PARSE, str(folder)), (VALIDATE, "validate", str(folder)))
            print(told(f"{size} agents/parse", pairs, MOST_OF_PARSE if size == most else None))
            taken[size] = min(validated for _, validated in pairs)
        sizes = list(taken)
        for before, size in pairwise(sizes):
            each = (taken[size] - taken[before]) / (size - before) * 1000
            print(f"each agent more from {before} to {size}, with its tool: {each:.2f} ms")
        stats = validation(folders[most])
        show(
            f"Own time by module, {most} agents (under a profiler, which slows small functions most)", by_module(stats)
        )
        whole = stats.total_tt  # type: ignore[attr-defined]
        print(f"\nTime in and below our functions, of {whole:.3f} s")
        for name, below in by_function(stats).most_common(3 * SHOWN):
            print(f"{below:>9.3f} s {below / whole:>6.1%}  {name}")
        show(
            f"Imports of validate, {least} agents, by package",
            by_package(VALIDATE, "validate", str(folders[least])),
        )


if __name__ == "__main__":
    main()
