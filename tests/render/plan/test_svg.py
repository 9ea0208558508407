"""The SVG of a graph: a document that anybody can read, boxes that do not overlap, and text that stays text."""

from __future__ import annotations

from itertools import combinations, pairwise
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from test_mermaid import GRAPH, HOSTILE

from sre_runner.render.plan.graph import Edge, Graph, Node, Stage
from sre_runner.render.plan.svg import Box, layout, svg

SVG = "{http://www.w3.org/2000/svg}"

texts = st.text(max_size=60)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Stages of up to six nodes, with ways back and early ends between them."""
    stages = []
    for number in range(draw(st.integers(1, 4))):
        nodes = [
            Node(
                f"{number}.{place}",
                draw(st.sampled_from(["specialist", "vote", "judge", "end"])),
                draw(texts),
                tuple(lines),
            )
            for place, lines in enumerate(draw(st.lists(st.lists(texts, max_size=3), min_size=1, max_size=6)))
        ]
        stages.append(Stage(f"{number} {draw(texts)}", tuple(nodes), draw(st.booleans())))
    ends = [stage.id for stage in stages] + [node.id for stage in stages for node in stage.nodes]
    edges = st.builds(
        Edge, st.sampled_from(ends), st.sampled_from(ends), texts, st.sampled_from(["next", "back", "skip"])
    )
    return Graph(draw(texts), draw(texts), tuple(stages), tuple(draw(st.lists(edges, max_size=4))))


def parsed(graph: Graph) -> ElementTree.Element:
    return ElementTree.fromstring(svg(graph))


def words(root: ElementTree.Element) -> list[str]:
    return ["".join(span.itertext()) for span in root.iter(f"{SVG}tspan")]


def test_it_is_a_picture_with_a_title_and_a_description() -> None:
    root = parsed(GRAPH)
    assert root.tag == f"{SVG}svg"
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'a "b"; c end'
    assert [child.tag.removeprefix(SVG) for child in root][:3] == ["title", "desc", "style"]
    assert root.findtext(f"{SVG}title") == 'a "b"; c end'
    assert root.findtext(f"{SVG}desc") == "First; then <b>."
    assert "prefers-color-scheme: dark" in (root.findtext(f"{SVG}style") or "")


def test_every_box_and_label_is_in_it() -> None:
    root = parsed(GRAPH)
    assert {"case", "parallel", "k8s-expert", "2 tools", "1. vote", "over it", "end", "P3: yes"} <= set(words(root))
    kinds = [rect.attrib["class"] for rect in root.iter(f"{SVG}rect")]
    assert kinds == ["page", "box end", "frame", "box specialist", "box specialist", "box vote", "box lead"]
    assert len(list(root.iter(f"{SVG}polyline"))) == len(list(root.iter(f"{SVG}polygon"))) == len(GRAPH.edges)


def test_long_text_is_cut_in_its_box_and_whole_in_the_boxs_title() -> None:
    root = parsed(GRAPH)
    assert not any(HOSTILE in text for text in words(root))
    assert HOSTILE in [title.text for title in root.iter(f"{SVG}title")]


def test_back_goes_around_the_right_and_early_ends_around_the_left() -> None:
    boxes = layout(GRAPH).values()
    lines = [line.attrib["points"] for line in parsed(GRAPH).iter(f"{SVG}polyline")]
    columns = [[float(point.split(",")[0]) for point in line.split()] for line in lines]
    straight, back, skip = columns
    assert len(set(straight)) == 1
    assert max(back) > max(box.right for box in boxes)
    assert min(skip) < min(box.x for box in boxes)


@given(graphs())
def test_any_text_stays_text(graph: Graph) -> None:
    root = parsed(graph)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "g", "text", "tspan", "polyline", "polygon")
    }
    names = {name for element in root.iter() for name in element.attrib}
    assert names <= {
        *("role", "aria-label", "width", "height", "viewBox", "class", "x", "y", "rx", "points", "text-anchor")
    }
    assert "]]>" not in (root.findtext(f"{SVG}style") or "")


@given(graphs())
def test_boxes_stand_below_and_beside_each_other_inside_the_picture(graph: Graph) -> None:
    boxes = layout(graph)
    nodes = [boxes[node.id] for stage in graph.stages for node in stage.nodes]
    assert all(apart(one, other) for one, other in combinations(nodes, 2))
    stages = [boxes[stage.id] for stage in graph.stages]
    assert all(one.bottom < other.y for one, other in pairwise(stages))
    for stage in graph.stages:
        assert all(within(boxes[node.id], boxes[stage.id]) for node in stage.nodes)
    x, y, width, height = map(float, parsed(graph).attrib["viewBox"].split())
    picture = Box(x, y, width, height)
    assert all(within(box, picture) for box in boxes.values())


def apart(one: Box, other: Box) -> bool:
    return one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y


def within(inner: Box, outer: Box) -> bool:
    return (
        outer.x <= inner.x + 0.01
        and inner.right <= outer.right + 0.01
        and outer.y <= inner.y
        and inner.bottom <= outer.bottom + 0.01
    )
