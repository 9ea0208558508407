"""The Mermaid of a graph: what it says, and that no text in it can say anything else."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sre_runner.render.plan.graph import Edge, Graph, Node, Stage
from sre_runner.render.plan.mermaid import MOST_TEXT, escaped, mermaid
from sre_runner.text.output import printable

HOSTILE = '"]; click n0 "javascript:alert(1)" %%{init: {}}%% <img src=x onerror=window.hit=1> `x` **y** #35;'

GRAPH = Graph(
    'a "b"; c\nend',
    "First; then <b>.",
    (
        Stage("case", (Node("case", "end", "case"),)),
        Stage("parallel", (Node("1", "specialist", "k8s-expert", ("2 tools",)), Node("2", "specialist", HOSTILE))),
        Stage("x", (Node("3", "vote", "1. vote", ("over it",)),)),
        Stage("y", (Node("4", "judge", "end"),)),
    ),
    (
        Edge("case", "stage:parallel"),
        Edge("1", "3", "P3: yes", "skip"),
        Edge("4", "stage:parallel", kind="back"),
    ),
)


def test_a_flowchart_with_its_shapes_and_arrows() -> None:
    lines = mermaid(GRAPH).split("\n")
    hostile = lines.pop(7)
    assert lines == [
        "flowchart TD",
        "  accTitle: a b , c end",
        "  accDescr: First, then b .",
        '  n0(["case"])',
        '  subgraph n1["parallel"]',
        "    direction TB",
        '    n2["k8s-expert<br/>2 tools"]',
        "  end",
        '  n4{{"1#46; vote<br/>over it"}}',
        '  n5[["end"]]',
        "  n0 --> n1",
        '  n2 -.->|"P3#58; yes"| n4',
        "  n5 -.-> n1",
        "",
    ]
    assert re.fullmatch(r' {4}n3\["[\w ,.#;-]+"\]', hostile)


@given(st.text())
def test_any_text_is_safe_and_comes_out_as_it_went_in(words: str) -> None:
    safe = escaped(words)
    assert re.fullmatch(r"(?:[^\W_]|[-._ ,]|#\d+;)*", safe)
    assert not re.search(r"(?<![^\W_])[-._]|[-._](?![^\W_])", safe)
    read = re.sub(r"#(\d+);", lambda number: chr(int(number[1])), safe)
    whole = printable(" ".join(words.split()))
    assert read == (whole if len(whole) <= MOST_TEXT else whole[: MOST_TEXT - 1] + "…")


@given(st.text(), st.text())
def test_a_title_and_a_description_stay_on_their_lines(title: str, description: str) -> None:
    lines = mermaid(Graph(title, description, (), ())).split("\n")
    assert len(lines) == 4
    for line, label in zip(lines[1:3], ("accTitle", "accDescr"), strict=True):
        assert re.fullmatch(rf"  {label}: [\w ,.():'-]+", line)
