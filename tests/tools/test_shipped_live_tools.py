"""No argument of a shipped live tool reaches a shell, an option, another host or a file outside.

The tools are read from `tools.d`, so that a new one is covered. What the schema of an argument refuses never reaches a
backend; the rest is rendered. Backends are also given what the schema refuses, as if nobody had checked.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from hostile_arguments import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import Answer, Serving, as_json

from sre_runner.config.loading import validate
from sre_runner.documents.json_schema.complaints import complaints
from sre_runner.tools import http
from sre_runner.tools.command.rendering import RefusedCallError, prepared
from sre_runner.tools.command.spec import parse
from sre_runner.tools.command.tool import CommandTool
from sre_runner.tools.http.client import HttpClient
from sre_runner.tools.http.request import prepare
from sre_runner.tools.http.tool import HttpTool
from sre_runner.tools.runbooks.search import load
from sre_runner.tools.servers import ServerSpec, resolve

ROOT = Path(__file__).parents[2]
SERVER = resolve(ServerSpec("one", "https://one.example:8443/base"), {})
TOOLS: Mapping[str, Mapping[str, Any]] = {
    name: tool
    for path in sorted((ROOT / "tools.d").glob("*.yaml"))
    for name, tool in yaml.safe_load(path.read_text(encoding="utf-8"))["tools"].items()
    if "live" in tool
}
COMMANDS = [name for name, tool in TOOLS.items() if "command" in tool["live"]]
REQUESTS = [name for name, tool in TOOLS.items() if "http" in tool["live"]]
SEARCHES = [name for name, tool in TOOLS.items() if "runbooks" in tool["live"]]
MORE = [
    'x"} or vector(1) or {a="',
    'x"}) or up{a=~"',
    'a" |~ "b',
    "a\\",
    "\\",
    "`",
    "a`} |= `b",
    "a#b",
    "a$",
    "http://169.254.169.254/latest/meta-data",
    "//evil.example/x",
    "a&query=up",
    "a%26query=up",
    "a?b#c",
    "..%2f..%2fetc%2fpasswd",
]


def fine(name: str) -> dict[str, Any]:
    """All arguments of a tool, harmless."""
    return {key: _fine(schema) for key, schema in TOOLS[name]["input_schema"]["properties"].items()}


def _fine(schema: Mapping[str, Any]) -> Any:
    return schema["enum"][0] if "enum" in schema else {"boolean": True, "integer": 1}.get(schema["type"], "web-1")


def texts(name: str) -> list[str]:
    """The arguments of a tool that are free within their pattern."""
    properties: Mapping[str, Mapping[str, Any]] = TOOLS[name]["input_schema"]["properties"]
    return [key for key, schema in properties.items() if schema["type"] == "string" and "enum" not in schema]


def attacks(name: str, value: str) -> Iterator[dict[str, Any]]:
    """Calls of a tool in which each argument in turn, and then all of them, are this value."""
    for key in texts(name):
        yield {**fine(name), key: value}
    yield {**fine(name), **dict.fromkeys(texts(name), value)}


def refused(name: str, arguments: Mapping[str, Any]) -> bool:
    """Whether the tool's schema keeps a call from its backend."""
    return bool(complaints(TOOLS[name]["input_schema"], arguments))


def argv(name: str, arguments: Mapping[str, Any]) -> list[str] | None:
    """The program's arguments; None where the backend refuses the call."""
    try:
        return list(prepared(parse(TOOLS[name]["live"]), TOOLS[name]["input_schema"]).arguments(arguments))
    except RefusedCallError:
        return None


def url(name: str, arguments: Mapping[str, Any]) -> str | None:
    """The whole URL of a request; None where the backend refuses the call."""
    try:
        return prepare(http.parse(TOOLS[name]["live"]["http"]), SERVER, arguments).url
    except http.RequestRefused:
        return None


def outside_quotes(query: str) -> str:
    """What stands outside of quotes in PromQL, LogQL and matchers: what a server takes for the query's structure."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', query)


def shape(given_to: str, *, whole: bool) -> tuple[Any, ...]:
    """What no argument may change of a request; `whole`: the structure of its parameters, too."""
    parts = urlsplit(given_to)
    pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)
    inner = [outside_quotes(value) for _, value in pairs] if whole else []
    return parts.scheme, parts.netloc, parts.path, parts.fragment, [name for name, _ in pairs], inner


def options(elements: list[str]) -> list[str]:
    """The options of a command, without their values."""
    return [each.partition("=")[0] for each in elements if each.startswith("-")]


def test_every_kind_of_backend_is_there_and_nothing_is_wrong_with_them() -> None:
    assert min(len(COMMANDS), len(REQUESTS)) >= 4
    assert SEARCHES == ["search_runbooks"]
    assert {*COMMANDS, *REQUESTS, *SEARCHES} == set(TOOLS)
    checked = validate((ROOT / "tools.d",), None)
    assert [each.message for each in checked.problems if not each.warning] == []


@pytest.mark.parametrize("name", TOOLS)
def test_a_live_tool_only_reads_and_takes_nothing_else_than_its_arguments(name: str) -> None:
    tool = TOOLS[name]
    assert tool.get("effect", "read") == "read"
    assert tool["input_schema"]["additionalProperties"] is False
    assert not refused(name, fine(name))
    assert refused(name, {**fine(name), "kubeconfig": "/tmp/evil"})
    if "http" in tool["live"]:
        assert tool["live"]["http"].get("method", "GET") == "GET"
    if "command" in tool["live"]:
        program, verb, *rest = tool["live"]["command"]
        assert (program, verb in ("get", "logs")) == ("kubectl", True)
        assert not {"secret", "secrets", "--raw", "--watch", "--follow", "-f", "-A"} & set(rest)


@pytest.mark.parametrize("name", [*COMMANDS, *REQUESTS])
def test_an_argument_that_reaches_a_system_is_a_name_or_has_no_quotes(name: str) -> None:
    for key in texts(name):
        for bad in ('"', "\\", "`", "\n", "{", "}", "\0", "$", "|", "(", ")", "*"):
            assert refused(name, {**fine(name), key: f"a{bad}b"}), (key, bad)
        assert refused(name, {**fine(name), key: ""})
        assert refused(name, {**fine(name), key: "web-1\n"})


@pytest.mark.parametrize("value", [*HOSTILE, *MORE], ids=lambda value: ascii(value)[:30])
def test_what_is_hostile_stays_a_value(value: str) -> None:
    for name in COMMANDS:
        for arguments in attacks(name, value):
            holds_as_command(name, arguments)
    for name in REQUESTS:
        for arguments in attacks(name, value):
            holds_as_request(name, arguments)


def holds_as_command(name: str, arguments: Mapping[str, Any]) -> None:
    """The call is refused, or its command has the options of a harmless one, and as many elements."""
    harmless, got = argv(name, fine(name)), argv(name, arguments)
    assert harmless
    if got is None:
        return
    assert (got[0], len(got), options(got)) == (harmless[0], len(harmless), options(harmless))
    assert not any(set(element) & set("\0\n\r") for element in got)
    if not refused(name, arguments):
        assert all(re.fullmatch(r"[-=.A-Za-z0-9]+", element) for element in got)


def holds_as_request(name: str, arguments: Mapping[str, Any]) -> None:
    """The call is refused, or it goes to the same place; what the schema admits keeps the query's structure, too."""
    harmless, got = url(name, fine(name)), url(name, arguments)
    assert harmless
    assert harmless.startswith("https://one.example:8443/base/")
    if got is not None:
        whole = not refused(name, arguments)
        assert shape(got, whole=whole) == shape(harmless, whole=whole)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([*COMMANDS, *REQUESTS]),
    st.text(st.sampled_from("-=ab1. \n\0{}%,/$`;'\"\\|()&#?@:\u2010\u200b"), max_size=12) | st.text(max_size=12),
    st.data(),
)
def test_no_text_changes_a_command_or_a_request(name: str, value: str, data: st.DataObject) -> None:
    arguments = {**fine(name), data.draw(st.sampled_from(texts(name))): value}
    (holds_as_command if name in COMMANDS else holds_as_request)(name, arguments)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([*COMMANDS, *REQUESTS]), st.data())
def test_what_the_schema_admits_goes_through_unchanged(name: str, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(texts(name)))
    value = data.draw(st.from_regex(TOOLS[name]["input_schema"]["properties"][key]["pattern"]).filter(str.isascii))
    arguments = {**fine(name), key: value}
    unused = not re.search(rf"\b{key}\b", json.dumps(TOOLS[name]["live"]))
    if unused or refused(name, arguments):  # Python's `$` lets a line end follow
        return
    if name in COMMANDS:
        assert any(element.rpartition("=")[2] == value for element in argv(name, arguments) or ())
    else:
        asked = url(name, arguments)
        assert asked
        assert value in "".join(each for _, each in parse_qsl(urlsplit(asked).query))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_real_program_is_given_what_was_rendered_and_no_shell_reads_it(name: str, tmp_path: Path) -> None:
    program = tmp_path / "kubectl"
    program.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n", encoding="utf-8")
    program.chmod(0o755)
    environ = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    spec, schema = parse(TOOLS[name]["live"]), TOOLS[name]["input_schema"]
    tool = CommandTool(name, spec, schema, 20, tmp_path, environ)
    for arguments in (fine(name), {**fine(name), "namespace": "$(touch ran); `touch ran` | touch ran"}):
        answer = asyncio.run(tool.answer(arguments, ()))
        assert not answer.is_error
        assert ["kubectl", *json.loads(answer.text)] == argv(name, arguments)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", REQUESTS)
def test_no_redirect_leads_to_another_host(name: str) -> None:
    async def ask(address: str) -> str:
        server = resolve(ServerSpec("one", address), {})
        async with HttpClient({}) as client:
            spec = http.parse(TOOLS[name]["live"]["http"])
            tool = HttpTool(name, spec, TOOLS[name]["input_schema"], server, client, 10.0)
            answer = await tool.answer(fine(name), ())
        assert answer.is_error
        return answer.text

    with Serving(lambda request: as_json({})) as other:
        for target in (f"{other.url}/x", "file:///etc/passwd", "//evil.example/x"):
            with Serving(lambda request, to=target: Answer(302, b"", headers={"Location": to})) as one:  # type: ignore[misc]
                assert "root:" not in asyncio.run(ask(one.url))
                assert len(one.requests) == 1
        assert not other.requests


@pytest.mark.parametrize("value", [*HOSTILE, *MORE], ids=lambda value: ascii(value)[:30])
def test_a_search_reads_nothing_but_the_runbooks(value: str) -> None:
    folder = ROOT / TOOLS["search_runbooks"]["live"]["runbooks"]["folder"]
    for passage in load(folder).search(value, 3, 2000).passages:
        assert (folder / passage.path).resolve().parent == folder
        assert "root:" not in passage.text
