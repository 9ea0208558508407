"""What a real browser makes of the pictures: Mermaid reads every graph, and no text of an SVG leaves its box."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from chromium import browser, mermaid_script, results
from test_mermaid import GRAPH, HOSTILE

from sre_runner.config.loading import load
from sre_runner.render.plan.graph import Graph, Node, Stage, graph_of
from sre_runner.render.plan.mermaid import mermaid
from sre_runner.render.plan.svg import svg

PLAYBOOKS = Path(__file__).parents[3] / "playbooks"

PAGE = """<!doctype html><meta charset="utf-8"><body><pre id="results"></pre>%(script)s<script>
const texts = %(texts)s, pictures = %(pictures)s, found = {mermaid: {}, svg: {}, hit: null};
function holder() { return document.body.appendChild(document.createElement("div")); }
function runs(box) { return box.querySelectorAll("script, img, a, [onerror], [onclick]").length; }
(async () => {
  for (const [name, text] of Object.entries(texts)) {
    try {
      const box = holder();
      box.innerHTML = (await mermaid.render("g" + name.replace(/[^a-z]/g, ""), text)).svg;
      const labels = [...box.querySelectorAll(".nodeLabel, .edgeLabel")].map((each) => each.textContent.trim());
      found.mermaid[name] = {error: null, labels: labels, runs: runs(box)};
    } catch (error) { found.mermaid[name] = {error: String(error)}; }
  }
  for (const [name, text] of Object.entries(pictures)) {
    const box = holder(), out = [], image = new Image();
    image.src = "data:image/svg+xml," + encodeURIComponent(text);
    await image.decode();
    box.innerHTML = text;
    const whole = box.querySelector("svg").getBoundingClientRect();
    for (const words of box.querySelectorAll("text")) {
      const frame = words.parentNode.querySelector(":scope > rect");
      const outer = (words.parentNode.tagName === "g" ? frame.getBoundingClientRect() : whole);
      const inner = words.getBoundingClientRect();
      const inside = inner.left >= outer.left && inner.right <= outer.right && inner.bottom <= outer.bottom;
      if (!inside) out.push(words.textContent);
    }
    found.svg[name] = {width: image.naturalWidth, out: out, runs: runs(box)};
  }
  found.hit = window.hit === undefined ? null : String(window.hit);
  document.getElementById("results").textContent = JSON.stringify(found);
})();
</script>"""

LONG = Graph(
    "long",
    "",
    (Stage("a long name, " * 9, tuple(Node(f"{n}", "specialist", "WMQ漢" * 9 + " x" * 50) for n in range(7))),),
    (),
)


@pytest.fixture(scope="module")
def graphs() -> Mapping[str, Graph]:
    shipped = {path.stem: graph_of(load(path)) for path in sorted(PLAYBOOKS.glob("*.yaml"))}
    return {**shipped, "hostile": GRAPH, "long": LONG}


@pytest.fixture(scope="module")
def drawn(graphs: Mapping[str, Graph], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the browser found, of all graphs at once, as it takes seconds to start."""
    if browser() is None:
        pytest.skip("no Chromium is installed")
    script = mermaid_script()
    setup = 'mermaid.initialize({startOnLoad: false, securityLevel: "strict"})'
    source = f'<script src="{script.as_uri()}"></script><script>{setup}</script>' if script else ""
    texts = {name: mermaid(graph) for name, graph in graphs.items()} if script else {}
    pictures = {name: svg(graph) for name, graph in graphs.items()}
    values = {"script": source, "texts": _literal(texts), "pictures": _literal(pictures)}
    return results(PAGE % values, tmp_path_factory.mktemp("browser"))


def _literal(data: Any) -> str:
    return json.dumps(data).replace("<", "\\u003c")


def test_mermaid_reads_every_graph(drawn: Any, graphs: Mapping[str, Graph]) -> None:
    if mermaid_script() is None:
        pytest.skip("no mermaid from npm is installed; SRE_RUN_MERMAID can name its folder")
    for name, graph in graphs.items():
        assert drawn["mermaid"][name].get("error") is None, drawn["mermaid"][name]
        labels = drawn["mermaid"][name]["labels"]
        assert drawn["mermaid"][name]["runs"] == 0
        if name != "long":
            for node in (node for stage in graph.stages for node in stage.nodes):
                expected = "".join((node.name, *node.lines))
                assert any(label[:100] == expected[:100] for label in labels), (expected, labels)
            for edge in graph.edges:
                assert edge.label in labels or not edge.label


def test_every_text_of_an_svg_is_inside_what_it_belongs_to(drawn: Any, graphs: Mapping[str, Graph]) -> None:
    assert {name for name, found in drawn["svg"].items() if found["width"] > 0} == set(graphs)
    assert [found["out"] for found in drawn["svg"].values()] == [[] for _ in graphs]
    assert not any(found["runs"] for found in drawn["svg"].values())


def test_no_text_of_a_configuration_is_run(drawn: Any) -> None:
    assert "window.hit=1" in HOSTILE
    assert drawn["hit"] is None
