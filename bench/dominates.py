"""What a validation spends its time on: by module, by function, and by package that is imported."""

from __future__ import annotations

import cProfile
import pstats
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

SHOWN = 12
"""Lines of each list."""


def show_profile(folder: Path) -> None:
    """Print where validating a configuration in this process takes its time.

    The profiler makes small functions look dearer than they are, so that only shares of it mean something.
    """
    from sre_runner.config.loading import validate

    profile = cProfile.Profile()
    checked = profile.runcall(validate, (folder,))
    assert checked.problems == (), "what was generated is right"
    stats = pstats.Stats(profile)
    modules = by_module(stats)
    whole = sum(modules.values())
    show(f"Own time of modules, {len(checked.agents)} agents, {whole:.1f} s under a profiler", modules, whole)
    show("Time in and below our functions, of the same", by_function(stats), whole)


def show_imports(code: str, *arguments: str) -> None:
    """Print which packages a process takes longest to import, by themselves, without what they import."""
    command = [sys.executable, "-X", "importtime", "-c", code, *arguments]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    spent: Counter[str] = Counter()
    for line in report.splitlines():
        own, _, name = line.removeprefix("import time:").split("|")
        if own.strip().isdigit():
            spent[name.strip().partition(".")[0]] += int(own) / 1e6
    whole = sum(spent.values())
    show(f"Own time of imports, by package, {whole:.2f} s", spent, whole)


def by_module(stats: pstats.Stats) -> Counter[str]:
    """Own seconds of each module; what is built in counts for the module that calls it."""
    spent: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, callers) in stats.stats.items():  # type: ignore[attr-defined]
        if file != "~":
            spent[_module(file)] += own
        for (caller, _, _), (_, _, within, _) in callers.items() if file == "~" else ():
            spent[_module(caller)] += within
    return spent


def by_function(stats: pstats.Stats) -> Counter[str]:
    """Seconds in and below each of our own functions."""
    return Counter(
        {
            f"{_module(file)}:{name}": below
            for (file, _, name), (_, _, _, below, _) in stats.stats.items()  # type: ignore[attr-defined]
            if _module(file).startswith("sre_runner") and not name.startswith("<")
        }
    )


def _module(file: str) -> str:
    if file == "~":
        return "built in"
    parts = Path(file).with_suffix("").parts
    for root in ("sre_runner", "site-packages"):
        if root in parts:
            return ".".join(parts[parts.index(root) + (root == "site-packages") :]).removesuffix(".__init__")
    return parts[-1]


def show(title: str, spent: Mapping[str, float], whole: float) -> None:
    """Print the dearest of them with their shares of the whole."""
    print(f"\n{title}")
    for name, seconds in Counter(spent).most_common(SHOWN):
        print(f"{seconds:>9.3f} s {seconds / whole:>6.1%}  {name}")
