"""Everything that a configuration needs, looked at: real programs, servers, a cluster's stand-in and an MCP server."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from pathlib import Path

import pytest
import yaml
from kubernetes_api import kubernetes_api
from own_authority import certificate, tls
from programs import found
from serving import Answer, Request, Serving
from stand import Stand

from sre_runner.errors import RunnerError
from sre_runner.models.credentials import HINT
from sre_runner.runs.doctor.doctor import examined
from sre_runner.runs.doctor.looking import Line

__all__ = ["certificate", "tls"]
MCP_SERVER = str(Path(__file__).parents[2] / "tools" / "mcp_server.py")
BROKEN = "a-key-and-a-line-break\n"
KEY = "sk-ant-api03-secretsecretsecret"
LS: dict[str, object] = {"list": {"command": ["ls"]}}
ANY = {"type": "object", "properties": {}}
PLAYBOOK = (
    "description: Checkout is down\ninputs: {service: checkout}\ntask: '{{ service }} is down.'\n"
    "specialists: [pods]\ncoordinator: {strategy: single}\nbackend: live\n"
)


def room(folder: Path, tools: dict[str, object], servers: dict[str, object] | None = None, uses: str = "") -> Path:
    """A configuration with live tools: what each has under `live`."""
    entries = {
        name: {"description": name, "effect": "read", "input_schema": ANY, "live": live} for name, live in tools.items()
    }
    data = {"tools": entries, **({"servers": servers} if servers else {})}
    for place, text in {
        "agents.d/pods.yaml": f"description: Pods.\nprompt: You know pods.\ntools: [{uses}]\nmodel: own-model\n",
        "tools.d/live.yaml": yaml.safe_dump(data, sort_keys=False),
        "playbooks/checkout.yaml": PLAYBOOK,
    }.items():
        (folder / place).parent.mkdir(exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")
    return folder


def examine(folder: Path, playbook: str = "", *, offline: bool = True, **environ: str) -> list[Line]:
    path = folder / "playbooks" / playbook if playbook else None
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), **environ}
    return asyncio.run(examined(path, folder, env, folder, offline=offline))


def levels(lines: list[Line]) -> dict[str, str]:
    return {line.subject: line.level for line in lines}


def test_programs_and_variables(tmp_path: Path) -> None:
    tools = {
        "shell": {"command": ["sh", "-c", "true"], "env": ["HERE"]},
        "list": {"command": ["ls"], "env": ["GONE"], "set_env": {"A": {"env": "HERE"}}},
        "missing": {"command": ["no-such-program"]},
    }
    first, *lines = examine(room(tmp_path, tools), HERE="1", SECRET_TOKEN="never-shown")
    assert first == Line("ok", "configuration", f"{tmp_path}: 3 of 3 tools can be live")
    assert levels(lines) == {
        "program sh": "ok",
        "program ls": "ok",
        "program no-such-program": "fail",
        "variable HERE": "ok",
        "variable GONE": "fail",
    }
    by_name = {line.subject: line for line in lines}
    assert by_name["variable HERE"].tools == ("shell", "list")
    assert by_name["variable GONE"].hint == "Set GONE."
    assert by_name["program no-such-program"].hint == "Install no-such-program."


def test_only_what_a_playbook_reaches_is_looked_at(tmp_path: Path) -> None:
    tools = {"list": {"command": ["ls"]}, "missing": {"command": ["no-such-program"]}}
    first, *lines = examine(room(tmp_path, tools, uses="list"), "checkout.yaml")
    assert first.text.endswith("checkout.yaml: 1 of 1 tools can be live")
    assert levels(lines) == {"program ls": "ok"}


def test_servers_by_http(tmp_path: Path, tls: ssl.SSLContext, certificate: Path) -> None:
    tools = {name: {"http": {"server": name, "path": "/x"}} for name in ("plain", "secure", "unset", "gone")}
    with Serving(lambda request: Answer(401, b"")) as plain, Stand(lambda exchange: exchange.say(404), tls) as secure:
        servers = {
            "plain": {"url": plain.url, "headers": {"Authorization": {"env": "TOKEN"}}},
            "secure": {"url": secure.url},
            "unset": {"url": {"env": "UNSET_URL"}},
            "gone": {"url": "http://127.0.0.1:1"},
        }
        env = {"SSL_CERT_FILE": str(certificate), "TOKEN": "Bearer t0ps3cr3t-t0ken"}
        lines = examine(room(tmp_path, tools, servers), **env)
        assert [(request.method, request.path) for request in plain.requests] == [("GET", "/")]
    told = [(line.level, line.subject, line.tools) for line in lines[1:]]
    assert told == [
        ("warn", "server plain", ("plain",)),
        ("ok", "server secure", ("secure",)),
        ("ok", "server secure", ("secure",)),
        ("fail", "server unset", ("unset",)),
        ("fail", "server gone", ("gone",)),
    ]
    assert lines[2].text == f"localhost:{secure.port} answers (404)"
    assert "valid for 29 more days" in lines[3].text
    assert "UNSET_URL" in lines[4].hint
    assert "t0ps3cr3t" not in str(lines)


def test_mcp_servers_and_their_tools_against_the_file(tmp_path: Path) -> None:
    tools = {
        "echo": {"mcp": {"server": "sdk", "tool": "echo"}},
        "gone": {"mcp": {"server": "sdk", "tool": "no-such"}},
        "pid": {"mcp": {"server": "sdk", "tool": "pid"}},
        "lost": {"mcp": {"server": "broken", "tool": "x"}},
    }
    servers = {
        "sdk": {"mcp": {"command": [sys.executable, MCP_SERVER, "stdio"]}},
        "broken": {"mcp": {"command": ["no-such-server"]}},
    }
    room(tmp_path, tools, servers)
    path = tmp_path / "tools.d" / "live.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["tools"]["pid"] |= {
        "description": "The process of the server.",
        "input_schema": {"type": "object", "properties": {}, "title": "pidArguments"},
    }
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    lines = {line.subject: line for line in examine(tmp_path)}
    assert lines["server sdk"].text == f"MCP server test-server 1.2.3 ({Path(sys.executable).name}), 13 tools"
    assert lines["server sdk"].tools == ("echo", "gone", "pid")
    assert lines["server broken"].level == "fail"
    assert "Install `no-such-server`" in lines["server broken"].hint
    assert "tool lost" not in lines
    assert lines["tool echo"].text.startswith("the MCP server sdk offers it differently: Its description differs")
    assert lines["tool echo"].hint == "Review the difference: sre-run mcp sdk --diff"
    assert lines["tool gone"].text == "the MCP server sdk does not offer `no-such`"
    assert lines["tool pid"].level == "ok", lines["tool pid"]


@pytest.mark.skipif(found("kubectl") is None, reason="there is no kubectl on the PATH")
def test_clusters(tmp_path: Path) -> None:
    pods: dict[str, object] = {"command": ["kubectl", "get", "pods"], "env": ["KUBECONFIG"]}
    tools = {"pods": pods, "pods_eu": {**pods, "server": "eu"}, "pods_us": {**pods, "server": "us"}}
    servers = {"eu": {"kubectl": {"context": "stand-in"}}, "us": {"kubectl": {"context": {"env": "US_CONTEXT"}}}}
    with kubernetes_api(tmp_path) as cluster:
        lines = examine(room(tmp_path, tools, servers), KUBECONFIG=str(cluster.kubeconfig))
    told = {line.subject: line for line in lines}
    assert told["server eu"].text == "kubectl's context stand-in"
    assert told["server us"].text == "the variable `US_CONTEXT` is not set"
    assert told["cluster"].level == told["cluster eu"].level == "ok"
    assert "only reading is allowed" in told["cluster eu"].text
    assert told["program kubectl"].tools == ("pods", "pods_eu", "pods_us")
    assert told["program kubectl"].text.startswith("v1.")


def test_a_kubectl_that_is_missing_is_told_once(tmp_path: Path) -> None:
    tools = {"pods": {"command": ["./kubectl", "get", "pods"]}}
    assert levels(examine(room(tmp_path, tools))[1:]) == {"program kubectl": "fail"}


def test_runbooks_live_and_in_rehearsals(tmp_path: Path) -> None:
    folder = room(tmp_path, LS)
    asked = {"type": "object", "properties": {"query": {"type": "string"}}}
    entry = {"description": "x", "effect": "read", "input_schema": asked}
    live = {**entry, "live": {"runbooks": {"folder": "books"}}}
    simulated = {**entry, "simulated": {"runbooks": {"folder": "empty"}}}
    text = yaml.safe_dump({"tools": {"live": live, "simulated": simulated}})
    (folder / "tools.d" / "live.yaml").write_text(text, encoding="utf-8")
    for name in ("books", "empty"):
        (folder / name).mkdir()
    (folder / "books" / "oom.md").write_text("# Out of memory\n", encoding="utf-8")
    assert [line[1:3] for line in map(tuple_of, examine(folder)[1:])] == [
        ("runbooks books", "1 runbook"),
        ("runbooks empty", "there are no runbooks in it"),
    ]
    (folder / "books" / "link.md").symlink_to("/etc/hostname")
    told = examine(folder)[1]
    assert (told.level, told.text) == (
        "warn",
        "1 runbook, 1 left out: link.md, as it is a link that leads out of the folder",
    )


def tuple_of(line: Line) -> tuple[str, str, str]:
    return line.level, line.subject, line.text


def test_a_configuration_with_problems_is_a_line(tmp_path: Path) -> None:
    folder = room(tmp_path, {"list": {"command": ["ls"]}}, uses="no_such_tool")
    for playbook in ("", "checkout.yaml"):
        (line,) = examine(folder, playbook)
        assert (line.level, line.subject) == ("fail", "configuration")
        assert line.text.endswith("1 problem in the configuration")
        assert "sre-run validate" in line.hint
    with pytest.raises(RunnerError, match="has no folder agents"):
        examine(tmp_path / "agents.d")


def service(status: int) -> Serving:
    def answer(request: Request) -> Answer:
        assert request.method == "GET"
        return Answer(status, b'{"id": "x"}' if status == 200 else b'{"type": "error", "error": {"message": "no"}}')

    return Serving(answer)


@pytest.mark.parametrize(("status", "level"), [(200, "ok"), (404, "warn"), (401, "fail"), (529, "warn")])
def test_the_model_service_is_asked_for_each_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, level: str
) -> None:
    with service(status) as server:
        environ = {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": KEY}
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        _, credentials, *models, _ = examine(room(tmp_path, LS), offline=False, **environ)
    assert credentials == Line("ok", "credentials", "ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL")
    assert [(line.subject, line.level) for line in models] == [
        ("model claude-sonnet-5-5", level),
        ("model own-model", level),
    ]
    assert sorted(request.path for request in server.requests) == [
        "/v1/models/claude-sonnet-5-5",
        "/v1/models/own-model",
    ]
    assert KEY not in str(models)


def test_without_credentials_nothing_is_asked(tmp_path: Path) -> None:
    _, *lines, _ = examine(room(tmp_path, LS), offline=False)
    assert lines == [Line("fail", "credentials", "no credentials for a model service were found", HINT)]
    assert len(examine(tmp_path)) == 2


def test_credentials_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", BROKEN)
    _, credentials, *models, _ = examine(room(tmp_path, LS), "checkout.yaml", offline=False, ANTHROPIC_API_KEY=BROKEN)
    assert credentials.level == "ok"
    assert {line.level for line in models} == {"fail"}
    assert "line break" in models[0].text
