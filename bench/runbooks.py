"""How well and how fast runbooks are found: `python bench/runbooks.py FOLDER QUERIES`.

FOLDER has Markdown runbooks. QUERIES is a JSON file: {"queries": [...]}, or the list itself, each query an object:

    query   what is searched for, as a string
    first   paths of runbooks below FOLDER without `.md`, of which the first result must be one; an empty list where
            nothing should be found
    kind    optional: a word by which the queries are told apart in the table
    id      optional: what misses are called by

The table has, by kind, how often a right runbook came first, and how often it was among the first three; then the time
of a search after the index is built, as its median and its 95th percentile in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sre_runner.tools.runbooks.search import Runbooks, load

ROUNDS = 5


def rank(runbooks: Runbooks, query: dict[str, Any]) -> int:
    """The place of the first right runbook, from 1; 0 where it is not among the first ten."""
    found = [passage.path.rsplit(".", 1)[0] for passage in runbooks.search(query["query"], 10).passages]
    if not query["first"]:
        return int(not found)
    return next((place for place, path in enumerate(found, 1) if path in query["first"]), 0)


def times(runbooks: Runbooks, queries: list[dict[str, Any]]) -> list[float]:
    """The milliseconds of each search, several rounds of all."""
    taken = []
    for _ in range(ROUNDS):
        for query in queries:
            begun = time.perf_counter()
            runbooks.search(query["query"], 3)
            taken.append((time.perf_counter() - begun) * 1000)
    return taken


def main() -> None:
    """Print the table; exit with 1 where a right runbook is not among the first three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("queries", type=Path)
    arguments = parser.parse_args()
    data = json.loads(arguments.queries.read_text(encoding="utf-8"))
    queries = data["queries"] if isinstance(data, dict) else data
    begun = time.perf_counter()
    runbooks = load(arguments.folder)
    built = time.perf_counter() - begun
    places = defaultdict(list)
    for query in queries:
        place = rank(runbooks, query)
        places[query.get("kind", "all")].append(place)
        if place != 1:
            print(f"miss: {query.get('id', '')} place {place or 'none'}: {query['query'][:80]}")
    everything = [place for each in places.values() for place in each]
    print(f"{'kind':20} {'queries':>8} {'first':>8} {'top 3':>8}")
    for kind, found in [*sorted(places.items()), ("all kinds", everything)]:
        print(f"{kind:20} {len(found):8} {found.count(1):8} {sum(0 < place < 4 for place in found):8}")
    taken = times(runbooks, queries)
    print(f"index of {len(runbooks.runbooks)} runbooks built in {built:.2f} s")
    print(f"search: median {median(taken):.1f} ms, 95th percentile {quantiles(taken, n=20)[-1]:.1f} ms")
    sys.exit(0 if all(0 < place < 4 for place in everything) else 1)


if __name__ == "__main__":
    main()
