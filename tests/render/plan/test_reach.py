"""What a plan says of what can be reached, and of where variables of the environment go."""

from __future__ import annotations

from pathlib import Path

import pytest
from changed_room import ROOM, write

from sre_runner.config.loading import load
from sre_runner.render.plan.plan import markdown, to_json
from sre_runner.render.plan.reach import lines
from sre_runner.specs import Configuration


@pytest.fixture
def live(tmp_path: Path) -> Configuration:
    """The room's live playbook, with all of its tools."""
    room = write(tmp_path, {**ROOM, "playbooks/real.yaml": ROOM["playbooks/real.yaml"].replace("without", "# without")})
    return load(room / "playbooks" / "real.yaml")


def test_a_line_for_each_tool_server_and_variable(live: Configuration) -> None:
    assert list(lines(live)) == [
        "top_pods runs kubectl top pods --namespace={{ namespace }} on `eu`",
        "pod_logs calls pods_log of the MCP server cluster",
        "query_metrics GET https://metrics.example.com/api/v1/query",
        "search_runbooks searches runbooks",
        "server eu: context eu-production; kubeconfig kubectl's own",
        "server cluster: command kubernetes-mcp-server --read-only; variables KUBECONFIG",
        "server metrics: URL https://metrics.example.com; headers Authorization: $METRICS_AUTHORIZATION",
        "$KUBECONFIG goes to top_pods (variables), server cluster (variables)",
        "$METRICS_AUTHORIZATION goes to server metrics (headers)",
    ]


def test_markdown_and_json_say_the_same(live: Configuration) -> None:
    section = markdown(live).split("## What it can reach\n")[1].split("\n## ")[0]
    assert section.count("\n- ") == len(list(lines(live)))
    reach = to_json(live)["reach"]
    assert {(each["kind"], each["name"]) for each in reach} == {
        *(("tool", name) for name in live.tools),
        *(("server", name) for name in ("metrics", "cluster", "eu")),
    }
    headers = {"what": "headers", "values": ["Authorization: $METRICS_AUTHORIZATION"]}
    assert {"kind": "server", "name": "metrics", **headers, "variables": ["METRICS_AUTHORIZATION"]} in reach


def test_a_rehearsal_reaches_nothing(tmp_path: Path) -> None:
    rehearsal = load(write(tmp_path, ROOM) / "playbooks" / "outage.yaml")
    assert list(lines(rehearsal)) == []
    assert to_json(rehearsal)["reach"] == []
    assert "What it can reach" not in markdown(rehearsal)
