"""A graph as SVG: stages below each other, ways back on the right, early ends on the left; no scripts, no ids."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from sre_runner.journal.facts import shortened
from sre_runner.render.plan.graph import Edge, Graph, Node, Stage
from sre_runner.text.output import printable

LINE, CHARACTER, PAD, GAP, MARGIN = 18, 7.4, 12, 44, 24
"""Pixels: a line of text, an average character of it, inside a box, between boxes, around the picture."""
COLUMNS, MOST_LINES, IN_A_ROW = 34, 4, 4
"""Characters of a line, lines of one text before it is cut, boxes beside each other."""
BROAD = "MWmw@%&—…"
"""Letters and signs that take about two columns in the fonts of `STYLE`."""
LEADS = ("planner", "reviewer", "judge", "synthesizer")

STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
.name { font-weight: 600 }
.small { font-size: 12px; fill: #57606a }
.page { fill: #ffffff }
.frame { fill: none; stroke: #8c959f; stroke-dasharray: 2 3 }
.box { stroke: #6e7781; fill: #f6f8fa }
.specialist { stroke: #0969da; fill: #ddf4ff }
.lead { stroke: #8250df; fill: #fbefff }
.vote, .round { stroke: #9a6700; fill: #fff8c5 }
.line { stroke: #57606a; stroke-width: 1.4; fill: none }
.dashed { stroke-dasharray: 6 4 }
.head { fill: #57606a }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.small { fill: #b1bac4 }
.page { fill: #0d1117 }
.frame { stroke: #6e7681 }
.box { stroke: #8b949e; fill: #21262d }
.specialist { stroke: #4493f8; fill: #0c2d6b }
.lead { stroke: #ab7df8; fill: #3c1e70 }
.vote, .round { stroke: #d29922; fill: #4b2900 }
.line { stroke: #b1bac4 }
.head { fill: #b1bac4 }
}
"""

# XML has no word for these.
_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Box:
    """A rectangle, in pixels from the upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def right(self) -> float:
        """Its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.y + self.height


def svg(graph: Graph) -> str:
    """The picture as a standalone document, with a newline at its end."""
    boxes = layout(graph)
    drawn = [*_boxes(graph, boxes), *_straight(graph, boxes)]
    right = max(box.right for box in boxes.values())
    left = min(box.x for box in boxes.values())
    for kind, side in (("back", 1), ("skip", -1)):
        edge_of_picture = right if side > 0 else left
        for number, edge in enumerate(each for each in graph.edges if each.kind == kind):
            lines, edge_of_picture = _around(edge, number, boxes, edge_of_picture, side)
            drawn += lines
        right, left = (edge_of_picture, left) if side > 0 else (right, edge_of_picture)
    x, width = left - MARGIN, right - left + 2 * MARGIN
    height = max(box.bottom for box in boxes.values()) + MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{_text(graph.title)}" '
        f'width="{width:g}" height="{height:g}" viewBox="{x:g} 0 {width:g} {height:g}">'
    )
    page = f'<rect class="page" x="{x:g}" y="0" width="{width:g}" height="{height:g}"/>'
    words = (f"<title>{_text(graph.title)}</title>", f"<desc>{_text(graph.description)}</desc>")
    return "\n".join([head, *words, f"<style>{STYLE}</style>", page, *drawn, "</svg>"]) + "\n"


def layout(graph: Graph) -> dict[str, Box]:
    """Where every node and framed stage stands, around a common vertical axis at x = 0."""
    boxes: dict[str, Box] = {}
    y = float(MARGIN)
    for stage in graph.stages:
        top = y + (LINE + PAD if stage.framed else 0)
        gap = GAP if stage.chain else PAD
        bottom = top
        for row in _rows(stage):
            placed = _row(row, bottom)
            boxes |= placed
            bottom = max(box.bottom for box in placed.values()) + gap
        bottom -= gap
        if stage.framed:
            inside = [boxes[node.id] for node in stage.nodes]
            half = max(*(box.right for box in inside), _width(stage.name) / 2) + PAD
            boxes[stage.id] = Box(-half, y, 2 * half, bottom + PAD - y)
            bottom += PAD
        y = bottom + GAP
    return boxes


def _rows(stage: Stage) -> Iterator[Sequence[Node]]:
    most = 1 if stage.chain else IN_A_ROW
    yield from (stage.nodes[start : start + most] for start in range(0, len(stage.nodes), most))


def _row(nodes: Sequence[Node], y: float) -> dict[str, Box]:
    sizes = [_size(node) for node in nodes]
    height = max(height for _, height in sizes)
    x = -(sum(width for width, _ in sizes) + PAD * (len(sizes) - 1)) / 2
    placed = {}
    for node, (width, _) in zip(nodes, sizes, strict=True):
        placed[node.id] = Box(x, y, width, height)
        x += width + PAD
    return placed


def _size(node: Node) -> tuple[float, float]:
    lines = _lines(node)
    return max(120, *map(_width, lines)) + 2 * PAD, len(lines) * LINE + PAD


def _lines(node: Node) -> list[str]:
    return [shortened(_clean(node.name), COLUMNS), *(line for text in node.lines for line in _wrapped(text))]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(_clean(text), COLUMNS, max_lines=MOST_LINES, placeholder=" …")


def _width(text: str) -> float:
    return sum(map(_columns, text)) * CHARACTER


def _columns(character: str) -> float:
    """How wide a character is; no browser says so here, and a box may rather be too wide."""
    if unicodedata.east_asian_width(character) in "WF" or character in BROAD:
        return 2
    return 1.3 if character.isupper() else 1


def _boxes(graph: Graph, boxes: Mapping[str, Box]) -> Iterator[str]:
    for stage in graph.stages:
        if stage.framed:
            box = boxes[stage.id]
            yield _rect(box, "frame")
            yield _words(0, box.y + LINE, [stage.name], "small")
        for node in stage.nodes:
            yield from _node(node, boxes[node.id])


def _node(node: Node, box: Box) -> Iterator[str]:
    first, *others = _lines(node)
    x, y = box.middle[0], box.y + LINE
    yield f"<g><title>{_text(': '.join((node.name, *node.lines)))}</title>"
    yield _rect(box, f"box {'lead' if node.kind in LEADS else node.kind}", 18 if node.kind == "end" else 6)
    yield _words(x, y, [first], "name")
    yield f"{_words(x, y + LINE, others, 'small')}</g>"


def _straight(graph: Graph, boxes: Mapping[str, Box]) -> Iterator[str]:
    """Arrows to what stands below, their labels beside them."""
    for edge in (each for each in graph.edges if each.kind == "next"):
        x, y = boxes[edge.source].middle[0], boxes[edge.source].bottom
        end = boxes[edge.target].y
        yield _line([(x, y), (x, end)], "line")
        yield _head(x, end, 0, 1)
        yield _words(x + 8, (y + end) / 2 + 4, _wrapped(edge.label), "small", "start")


def _around(edge: Edge, number: int, boxes: Mapping[str, Box], outside: float, side: int) -> tuple[list[str], float]:
    """An arrow around everything that stands at one side (1 is the right), and how far out it came with its label."""
    source, target = boxes[edge.source], boxes[edge.target]
    lane = outside + side * GAP / 2
    start, end = (box.right if side > 0 else box.x for box in (source, target))
    y, to = source.middle[1], target.middle[1] + side * -10 * number
    words = _wrapped(edge.label)
    lines = [
        _line([(start, y), (lane, y), (lane, to), (end, to)], "line dashed"),
        _head(end, to, -side, 0),
        _words(lane + side * 8, (y + to) / 2, words, "small", "start" if side > 0 else "end"),
    ]
    return lines, lane + side * (8 + max(map(_width, words), default=0))


def _rect(box: Box, kind: str, radius: float = 6) -> str:
    return (
        f'<rect class="{kind}" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" '
        f'rx="{radius:g}"/>'
    )


def _line(points: Sequence[tuple[float, float]], kind: str) -> str:
    return f'<polyline class="{kind}" points="{" ".join(f"{x:g},{y:g}" for x, y in points)}"/>'


def _head(x: float, y: float, right: float, down: float) -> str:
    """The head of an arrow that ends at this point, coming in this direction."""
    back_x, back_y = x - 8 * right, y - 8 * down
    points = [(x, y), (back_x + 4 * down, back_y + 4 * right), (back_x - 4 * down, back_y - 4 * right)]
    return f'<polygon class="head" points="{" ".join(f"{px:g},{py:g}" for px, py in points)}"/>'


def _words(x: float, y: float, lines: Sequence[str], kind: str, anchor: str = "middle") -> str:
    """Lines of text below each other, the first one's foot at `y`."""
    spans = (f'<tspan x="{x:g}" y="{y + number * LINE:g}">{_text(line)}</tspan>' for number, line in enumerate(lines))
    return f'<text class="{kind}" text-anchor="{anchor}">{"".join(spans)}</text>' if lines else ""


def _clean(text: str) -> str:
    return printable(" ".join(text.split()))


def _text(text: str) -> str:
    """Text for an element or an attribute."""
    return escape(_NOT_IN_XML.sub("\ufffd", _clean(text)), {'"': "&quot;"})
