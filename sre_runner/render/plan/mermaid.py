"""A graph as Mermaid, which code hosts draw in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sre_runner.journal.facts import shortened
from sre_runner.render.plan.graph import Edge, Graph, Node, Stage
from sre_runner.text.output import printable

SHAPES: Mapping[str, tuple[str, str]] = {
    "specialist": ("[", "]"),
    "vote": ("{{", "}}"),
    "round": ("{{", "}}"),
    "end": ("([", "])"),
}
"""The brackets around a node of each kind; those of the coordinator's agents are `LEAD`."""
LEAD = ("[[", "]]")
ARROWS: Mapping[str, str] = {"next": "-->", "back": "-.->", "skip": "-.->"}
MOST_TEXT = 120
"""Characters of one line in a box or on an arrow."""

# Could be read as a bracket, Markdown, HTML, a comment or a directive; `-`, `.` and `_` cannot within a word.
_UNSAFE = re.compile(r"(?<![^\W_])[-._]|[-._](?![^\W_])|[^\w ,.-]")


def mermaid(graph: Graph) -> str:
    """The text of a flowchart, with a newline at its end."""
    ids = {each: f"n{number}" for number, each in enumerate(_ids(graph))}
    lines = ["flowchart TD", f"  accTitle: {_plain(graph.title)}", f"  accDescr: {_plain(graph.description)}"]
    for stage in graph.stages:
        lines += _stage(stage, ids)
    lines += [_edge(edge, ids) for edge in graph.edges]
    return "\n".join(lines) + "\n"


def escaped(words: str) -> str:
    """Words on one line, every character that could mean something to Mermaid as its number."""
    line = shortened(printable(" ".join(words.split())), MOST_TEXT)
    return _UNSAFE.sub(lambda found: f"#{ord(found[0])};", line)


def _plain(words: str) -> str:
    """Words for a title or description, where Mermaid reads no numbers of characters."""
    line = re.sub(r"[^\w ,.():'-]", " ", printable(" ".join(words.split())).replace(";", ","))
    return " ".join(line.split()) or "playbook"


def _ids(graph: Graph) -> Iterator[str]:
    for stage in graph.stages:
        if stage.framed:
            yield stage.id
        yield from (node.id for node in stage.nodes)


def _stage(stage: Stage, ids: Mapping[str, str]) -> list[str]:
    if not stage.framed:
        return [f"  {_node(stage.nodes[0], ids)}"]
    nodes = [f"    {_node(node, ids)}" for node in stage.nodes]
    return [f'  subgraph {ids[stage.id]}["{escaped(stage.name)}"]', "    direction TB", *nodes, "  end"]


def _node(node: Node, ids: Mapping[str, str]) -> str:
    opening, closing = SHAPES.get(node.kind, LEAD)
    words = "<br/>".join(map(escaped, (node.name, *node.lines)))
    return f'{ids[node.id]}{opening}"{words}"{closing}'


def _edge(edge: Edge, ids: Mapping[str, str]) -> str:
    label = f'|"{escaped(edge.label)}"|' if edge.label else ""
    return f"  {ids[edge.source]} {ARROWS[edge.kind]}{label} {ids[edge.target]}"
