"""What backends and servers say of themselves by parts: what is reached, by which arguments, given which variables."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sre_runner.casefile import ToolAnswer
from sre_runner.specs import ToolSpec
from sre_runner.tools.backends.answering import tools_of
from sre_runner.tools.backends.backend import Reach, of_templates, settings
from sre_runner.tools.backends.connections import Connections
from sre_runner.tools.backends.servers import SERVERS, kind_of
from sre_runner.tools.backends.table import BACKENDS, backend_of


def reached(live: dict[str, Any], **properties: Any) -> dict[str, Reach]:
    found = backend_of("live", live).reached(live, {"properties": properties})
    return {".".join(map(str, each.at)): each for each in found}


def test_templates_name_their_arguments_wherever_they_stand() -> None:
    text = "{% if all is defined %}--all{% endif %}{{ name | default('{{ x }}') }}"
    assert of_templates("command", (), (text, "plain")).arguments == {"all", "name"}


@pytest.mark.parametrize(
    "broken", ["{{ name", "{{ 1" + "0" * 9999 + " }}", "{{ " + "(" * 9999 + "a" + " }}", "{% x %}"]
)
def test_a_template_that_cannot_be_read_has_no_arguments(broken: str) -> None:
    assert of_templates("command", (), (broken, "{{ other }}")).arguments == {"other"}


def test_settings_show_variables_and_never_their_values() -> None:
    made = settings("headers", ("headers",), {"A": {"env": "TOKEN"}, "B": "text"}, ": ")
    assert (made.values, made.variables, made.whole) == (("A: $TOKEN", "B: text"), ("TOKEN",), False)


def test_a_request() -> None:
    body = {"json": {"query": '{{ words | default("x") }}', "more": [{"n": "{{ number }}"}, 3, None]}}
    query = {"limit": 5, "tag": ["{{ tag }}", "fixed"]}
    http = {"server": "s", "path": "/p/{{ name }}", "method": "POST", "safe": True, "query": query, "body": body}
    found = reached({"http": {**http, "headers": {"X-Scope-OrgID": "a"}}})
    assert found["http.path"].arguments == {"name"}
    assert (found["http.query"].values, found["http.query"].arguments) == (
        ("limit=5", "tag={{ tag }}", "tag=fixed"),
        {"tag"},
    )
    assert found["http.body"].arguments == {"words", "number"}
    assert found["http.safe"].values == ("safe",)
    assert found["http.headers"].values == ("X-Scope-OrgID: a",)
    assert reached({"http": {"server": "s", "path": "/"}})["http.body"].values == ()


def test_a_command() -> None:
    given = {"env": ["A"], "optional_env": ["B"], "set_env": {"C": {"env": "D"}, "E": "text"}}
    found = reached(
        {"command": ["kubectl", "{{ verb }}", 3], **given, "server": {"arg": "in"}}, **{"in": {"enum": ["x"]}}
    )
    assert (found["command"].values, found["command"].arguments) == (("kubectl", "{{ verb }}", "3"), {"verb"})
    assert [found[key].variables for key in ("env", "optional_env", "set_env")] == [("A",), ("B",), ("D",)]
    assert found["server"].values == ("x",)
    assert reached({"command": ["/usr/bin/kubectl"]})["server"].values == ("the current context",)
    assert reached({"command": ["date"]})["server"].values == ()


@pytest.mark.parametrize(
    ("data", "place", "values", "variables"),
    [
        (
            {"url": {"env": "URL"}, "headers": {"A": {"env": "B"}}},
            "$URL",
            ["$URL", "A: $B"],
            ["URL", "B"],
        ),
        ({"url": "https://a.example.com"}, "https://a.example.com", ["https://a.example.com"], []),
        ({"mcp": {"command": ["x", "--y"], "env": ["A"]}}, "MCP server x --y", ["x", "--y", "A"], ["A"]),
        ({"mcp": {"url": "https://a.example.com"}}, "MCP server https://a.example.com", ["https://a.example.com"], []),
        ({"kubectl": {"context": "eu"}}, "kubectl's context eu", ["eu", "kubectl's own"], []),
        (
            {"kubectl": {"kubeconfig": {"env": "K"}}},
            "kubectl",
            ["kubectl's own", "$K"],
            ["K"],
        ),
    ],
)
def test_servers(data: dict[str, Any], place: str, values: list[str], variables: list[str]) -> None:
    kind = kind_of(data)
    assert kind.place(data) == place
    assert [value for each in kind.reached(data) for value in each.values] == values
    assert [name for each in kind.reached(data) for name in each.variables] == variables
    assert kind is SERVERS[kind.key]


def test_every_place_of_a_reach_is_told_once_and_simulated_answers_reach_nothing() -> None:
    assert [each.reached({}, {}) for each in BACKENDS["simulated"] if each.key != "runbooks"] == [(), ()]
    assert [each.folders({}) for each in BACKENDS["live"] if each.key != "runbooks"] == [(), (), ()]
    runbooks = backend_of("simulated", {"runbooks": {}})
    assert runbooks.folders({"runbooks": {"folder": "f"}}) == ("f",)


ROWS = [{"name": "a"}, {"name": "b"}]


@pytest.mark.parametrize(
    ("simulated", "text"),
    [
        ({"answers": [{"when": {"name": "a"}, "return": "one"}, {"return": "other"}]}, "one"),
        (
            {"rows": ROWS, "where": {"name": {"arg": "name"}}, "return": {"n": "count"}},
            '{"n": 1}',
        ),
    ],
)
def test_rehearsals(simulated: dict[str, Any], text: str) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    spec = ToolSpec("t", "T.", schema, "read", simulated=simulated)
    tool = tools_of([spec], "simulated", Connections({}, {}, Path()))["t"]
    assert asyncio.run(tool.answer({"name": "a"}, ())) == ToolAnswer(text)
