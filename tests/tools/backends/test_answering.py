"""Tools of a run by their backends: real programs, a real server, a real MCP server and a folder of runbooks."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from serving import Answer, Request, Serving, as_json, as_text

from sre_runner.casefile import ToolAnswer
from sre_runner.errors import RunnerError
from sre_runner.specs import ToolSpec
from sre_runner.tools.backends.answering import Missing, missing, tools_of
from sre_runner.tools.backends.connections import Connections
from sre_runner.tools.mcp.errors import McpError

SDK = [sys.executable, str(Path(__file__).parents[1] / "mcp_server.py"), "stdio"]
KUBECTL = shutil.which("kubectl") or ""
needs_kubectl = pytest.mark.skipif(not KUBECTL, reason="kubectl is not installed")
TEXT = {"type": "string"}


def spec(name: str, live: Mapping[str, Any], **properties: Any) -> ToolSpec:
    schema = {"type": "object", "properties": properties}
    return ToolSpec(name, f"Ask {name}.", schema, "read", live=live, timeout=20)


@pytest.fixture
def metrics() -> Iterator[Serving]:
    def answered(request: Request) -> Answer:
        return as_json({"data": {"result": [{"v": 1}, {"v": 2}]}}) if "query" in request.path else as_text("up")

    with Serving(answered) as serving:
        yield serving


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A configuration's directory, with runbooks and a kubeconfig of two contexts."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "restart.md").write_text("# Restart of checkout\n\nRoll it back first.\n")
    (tmp_path / "empty").mkdir()
    clusters = [{"name": name, "cluster": {"server": f"https://{name}.example.com"}} for name in ("eu", "us")]
    contexts = [{"name": f"{name}-admin", "context": {"cluster": name, "user": "u"}} for name in ("eu", "us")]
    config = {"apiVersion": "v1", "kind": "Config", "current-context": "eu-admin", "users": [{"name": "u", "user": {}}]}
    (tmp_path / "kubeconfig").write_text(json.dumps({**config, "clusters": clusters, "contexts": contexts}))
    return tmp_path


def within(
    room: Path, servers: Mapping[str, Any], what: Callable[[Connections], Awaitable[Any]], **environ: str
) -> Any:
    """What comes of it while the connections of a run are open."""

    async def all_of_it() -> Any:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        async with Connections(servers, {**kept, **environ}, room) as connections:
            return await what(connections)

    return asyncio.run(all_of_it())


def answered(room: Path, tool: ToolSpec, servers: Mapping[str, Any] | None = None, /, **arguments: Any) -> ToolAnswer:
    def ask(connections: Connections) -> Awaitable[ToolAnswer]:
        return tools_of([tool], "live", connections)[tool.name].answer(arguments, ())

    made = within(room, servers or {}, ask, KUBECONFIG=str(room / "kubeconfig"))
    assert isinstance(made, ToolAnswer)
    return made


def lacking(room: Path, tools: list[ToolSpec], servers: Mapping[str, Any], **environ: str) -> list[Missing]:
    found: list[Missing] = within(room, servers, lambda connections: missing(tools, "live", connections), **environ)
    return found


# --- Answers, and where they came from --------------------------------------------------------------------------------


def test_a_program_answers_and_is_reduced(room: Path) -> None:
    tool = spec("seq", {"command": ["seq", "1", "{{ last }}"], "first": 2}, last={"type": "integer", "minimum": 1})
    assert answered(room, tool, last=4) == ToolAnswer(
        "1\n2\n[2 of 4 lines after these are left out]", origin="program seq"
    )


def test_a_server_answers(room: Path, metrics: Serving) -> None:
    tool = spec("q", {"http": {"server": "m", "path": "/query"}, "pick": "data.result"})
    answer = answered(room, tool, {"m": {"url": metrics.url}})
    assert answer.text == '[{"v": 1},\n {"v": 2}]'
    assert answer.origin == f"m ({metrics.url.removeprefix('http://')})"


def test_runbooks_answer_in_both_worlds(room: Path) -> None:
    tool = spec("books", {"runbooks": {"folder": "runbooks", "top": 1}}, query=TEXT)
    live = answered(room, tool, query="restart checkout")
    assert live.text.startswith("restart.md: Restart of checkout\n")
    assert live.origin == "folder runbooks"
    rehearsed = replace(tool, simulated=tool.live, live=None)
    assert (
        within(
            room, {}, lambda c: tools_of([rehearsed], "simulated", c)["books"].answer({"query": "restart checkout"}, ())
        )
        == live
    )
    none = answered(room, tool, query="zebra")
    assert none.no_data


def test_runbooks_by_another_argument_and_a_folder_that_is_gone(room: Path) -> None:
    tool = spec(
        "books", {"runbooks": {"folder": "runbooks", "argument": "words"}}, words={**TEXT, "default": "restart"}
    )
    assert "Roll it back" in answered(room, tool).text
    shutil.rmtree(room / "runbooks")
    gone = answered(room, tool)
    assert gone.is_error
    assert "cannot be read" in gone.text


def test_an_mcp_server_answers_as_long_as_it_offers_what_the_file_says(room: Path) -> None:
    servers = {"s": {"mcp": {"command": SDK}}}

    async def offered(connections: Connections) -> ToolSpec:
        (found, *_) = [each for each in await connections.mcp.offered("s") if each.name == "echo"]
        return replace(
            spec("echo", {"mcp": {"server": "s", "tool": "echo"}}),
            description=found.description,
            input_schema=found.input_schema,
        )

    tool = within(room, servers, offered)
    arguments = dict.fromkeys(tool.input_schema["properties"], "hello")
    answer = answered(room, tool, servers, **arguments)
    assert "hello" in answer.text
    assert answer.origin.startswith("MCP server s: ")
    other = replace(tool, description="Another one.")
    assert lacking(room, [tool], servers) == []
    (told,) = lacking(room, [other], servers)
    assert told.tools == ("echo",)
    assert "sre-run mcp s --diff" in told.lack.hint
    assert answered(room, other, servers, **arguments).is_error


# --- Clusters ---------------------------------------------------------------------------------------------------------


@needs_kubectl
@pytest.mark.parametrize(
    ("server", "where"),
    [
        (None, "kubectl, context eu-admin, cluster https://eu.example.com"),
        ("us", "kubectl, context us-admin, cluster https://us.example.com"),
        ({"arg": "cluster"}, "kubectl, context us-admin, cluster https://us.example.com"),
    ],
)
def test_kubectl_looks_at_the_cluster_that_is_meant(room: Path, server: Any, where: str) -> None:
    clusters = {
        "eu": {"kubectl": {"context": {"env": "EU"}}},
        "us": {"kubectl": {"context": "us-admin", "kubeconfig": str(room / "kubeconfig")}},
    }
    command = ["kubectl", "config", "current-context"]
    live = {"command": command, "env": ["KUBECONFIG"], **({"server": server} if server else {})}
    tool = spec("context", live, cluster={"enum": ["eu", "us"]})
    assert answered(room, tool, clusters, cluster="us").origin == where


def test_several_clusters_by_an_argument(room: Path) -> None:
    """A program that says how it was called stands for kubectl."""
    program = room / "kubectl"
    program.write_text('#!/bin/sh\necho "$@" "$KUBECONFIG"\n')
    program.chmod(0o755)
    clusters = {
        "eu": {"kubectl": {"context": "eu-admin"}},
        "us": {"kubectl": {"kubeconfig": {"env": "KUBECONFIG"}}},
    }
    tool = spec(
        "pods", {"command": ["./kubectl", "get", "pods"], "server": {"arg": "in"}}, **{"in": {"enum": ["eu", "us"]}}
    )
    assert answered(room, tool, clusters, **{"in": "eu"}).text.split() == ["--context=eu-admin", "get", "pods"]
    assert answered(room, tool, clusters, **{"in": "us"}).text.split() == ["get", "pods", str(room / "kubeconfig")]
    nowhere = answered(room, tool, clusters)
    assert (nowhere.is_error, nowhere.from_tool) == (True, False)
    assert nowhere.text == "Say which cluster: `eu`, `us`."
    assert answered(room, tool, clusters, **{"in": "eu"}).origin.startswith("kubectl")


# --- What is missing --------------------------------------------------------------------------------------------------


def test_everything_that_is_missing_is_told_at_once_and_servers_once(room: Path) -> None:
    tools = [
        spec("a", {"http": {"server": "gone", "path": "/"}}),
        spec("b", {"http": {"server": "gone", "path": "/b"}}),
        spec("c", {"http": {"server": "unset", "path": "/"}}),
        spec("d", {"command": ["no-such-program"], "env": ["NOT_SET"]}),
        spec("e", {"mcp": {"server": "dead", "tool": "x"}}),
        spec("f", {"runbooks": {"folder": "empty"}}, query=TEXT),
        spec("g", {"runbooks": {"folder": "nowhere"}}, query=TEXT),
        spec("h", {"command": ["kubectl"], "server": "eu"}),
        spec("fine", {"command": ["date"]}),
        replace(spec("built", {}), live=None),
    ]
    servers = {
        "gone": {"url": "http://127.0.0.1:1"},
        "unset": {"url": {"env": "UNSET_URL"}},
        "dead": {"mcp": {"command": ["no-such-server"]}},
        "eu": {"kubectl": {"context": {"env": "EU_CONTEXT"}}},
        "unused": {"url": {"env": "NEVER_LOOKED_AT"}},
    }
    found = lacking(room, tools, servers)
    told: dict[tuple[str, ...], list[str]] = {}
    for each in found:
        told.setdefault(each.tools, []).append(each.lack.message)
        assert each.lack.hint, each
    assert [len(told[("a", "b")]), told[("c",)]] == [1, ["the variable UNSET_URL of the server `unset` is not set"]]
    assert any("no-such-program" in message for message in told[("d",)])
    assert any("NOT_SET" in message for message in told[("d",)])
    assert ["no-such-server" in message for message in told[("e",)]] == [True]
    assert told[("f",)] == ["there are no runbooks in `empty`"]
    assert "cannot be read" in told[("g",)][0]
    assert "the variable `EU_CONTEXT` is not set" in told[("h",)]
    assert ("fine",) not in told
    assert "NEVER_LOOKED_AT" not in str(found)


def test_nothing_is_missing_where_all_is_there(room: Path, metrics: Serving) -> None:
    tools = [
        spec("a", {"http": {"server": "m", "path": "/"}}),
        spec("b", {"command": ["date"]}),
        spec("c", {"runbooks": {"folder": "runbooks"}}, query=TEXT),
    ]
    assert lacking(room, tools, {"m": {"url": {"env": "M"}}}, M=metrics.url) == []


def test_a_world_that_a_tool_does_not_have_and_a_recorded_one_of_another_version(room: Path) -> None:
    tool = spec("a", {"command": ["date"]})
    with pytest.raises(RunnerError, match="has no `simulated`"):
        tools_of([tool], "simulated", Connections({}, {}, room))
    with pytest.raises(RunnerError, match="the recorded tool a cannot be used"):
        tools_of([replace(tool, live={"http": {}})], "live", Connections({}, {}, room))


# --- Connections ------------------------------------------------------------------------------------------------------


def pid_of(connections: Connections) -> Callable[[], Awaitable[int]]:
    async def opened() -> int:
        await connections.mcp.sessions.opened("s")
        return children()[-1]

    return opened


def children() -> list[int]:
    """The processes that this one started and that still run."""
    process = os.getpid()
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


@pytest.mark.parametrize("error", [RuntimeError, asyncio.CancelledError, KeyboardInterrupt])
def test_connections_are_closed_whatever_ends_the_run(room: Path, error: type[BaseException]) -> None:
    seen: list[int] = []

    async def fails(connections: Connections) -> None:
        seen.append(await pid_of(connections)())
        assert connections.http is connections.http
        raise error

    with pytest.raises(error):
        within(room, {"s": {"mcp": {"command": SDK}}}, fails)
    (pid,) = seen
    assert not Path(f"/proc/{pid}").exists()


def test_secrets_are_those_of_all_kinds_of_servers(room: Path) -> None:
    authorization = {"headers": {"Authorization": {"env": "AUTH"}}}
    servers = {
        "m": {"url": "https://m.example.com", **authorization},
        "unset": {"url": "https://m.example.com", "headers": {"Authorization": {"env": "NOT_SET"}}},
        "s": {"mcp": {"url": "https://s.example.com", "headers": {"Authorization": {"env": "OTHER"}}}},
        "eu": {"kubectl": {"context": "eu"}},
    }
    connections = Connections(servers, {"AUTH": "Bearer t0ps3cr3t", "OTHER": "Bearer an0thersecret"}, room)
    assert connections.secrets == {"Bearer t0ps3cr3t", "t0ps3cr3t", "Bearer an0thersecret", "an0thersecret"}


def test_a_server_whose_identity_is_not_known_is_still_named(room: Path) -> None:
    async def origin(connections: Connections) -> str:
        from sre_runner.tools.backends.backend import Use
        from sre_runner.tools.backends.mcp import MCP

        with pytest.raises(McpError):
            await connections.mcp.sessions.opened("s")
        return await MCP.origin(Use(spec("x", {}), {"mcp": {"server": "s", "tool": "x"}}, connections), {})

    assert within(room, {"s": {"mcp": {"command": ["no-such-server"]}}}, origin) == "MCP server s"
