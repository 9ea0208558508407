"""What a Kubernetes user may do beyond reading, from the table that `kubectl auth can-i --list` prints."""

from __future__ import annotations

from collections.abc import Iterator

READING = frozenset({"get", "list", "watch"})
ABOUT_ONESELF = ("selfsubject",)
"""Reviews of one's own rights, which every user may create; they change nothing."""
_OPEN = frozenset({"attach", "exec", "portforward", "proxy"})
"""Subresources on which `get` already opens a connection into a pod or through a node."""


def beyond_reading(table: str) -> list[str]:
    """What is allowed besides getting, listing and watching, each as `verb,verb resource`, in the table's order.

    Reading Secrets counts, too: what stands in them would reach a model. `table` is without its headers.
    """
    return list(dict.fromkeys(each for line in table.splitlines() for each in _of_line(line)))


def _of_line(line: str) -> Iterator[str]:
    """A line is `RESOURCE  [non-resource URLs]  [names]  [verbs]`, its first column empty for URLs."""
    head, _, rest = line.partition("[")
    resource, columns = head.strip(), rest.rsplit("[", 1)
    if len(columns) != 2 or resource.startswith(ABOUT_ONESELF):
        return
    urls = columns[0].partition("]")[0]
    verbs = columns[1].rpartition("]")[0].split()
    what = resource or urls
    opens = resource.partition(".")[0].rpartition("/")[2] in _OPEN
    writes = verbs if opens else [verb for verb in verbs if verb not in READING]
    if writes:
        yield f"{','.join(writes)} {what}"
    elif verbs and resource.partition(".")[0] in ("secrets", "*"):
        yield f"{','.join(verbs)} secrets"
