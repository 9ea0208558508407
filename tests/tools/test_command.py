"""Real programs as tools: what they are given, and what their output becomes."""

import asyncio
import os
import shutil
import sys
import time

import pytest
from jsonschema import Draft202012Validator

from sre_runner.tools.command.checks import problems
from sre_runner.tools.command.rendering import RefusedCallError, prepared
from sre_runner.tools.command.spec import SCHEMA, CommandSpec, NoData, parse
from sre_runner.tools.command.tool import CommandTool, prerequisites
from sre_runner.tools.servers import FromEnv

NAME = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"}
ARGUMENTS = {
    "type": "object",
    "properties": {
        "name": NAME,
        "other": NAME,
        "free": {"type": "string"},
        "lines": {"type": "integer", "minimum": 1},
        "share": {"type": "number", "minimum": 0, "default": 0.5},
        "all": {"type": "boolean"},
        "labels": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["name"],
}
ENV = {"PATH": os.environ["PATH"], "HOME": "/home/x", "LC_ALL": "C.UTF-8", "DB": "s3cret", "PRIVATE": "p", "EXTRA": "e"}


def spec_of(*command, **more) -> CommandSpec:
    """The spec of a mapping that fits the published schema and has no problems."""
    data = {"command": list(command), **more}
    assert list(Draft202012Validator(SCHEMA).iter_errors(data)) == []
    spec = parse(data)
    assert problems(spec, ARGUMENTS) == []
    return spec


def rendered(*command, **arguments):
    return list(prepared(spec_of("program", *command), ARGUMENTS).arguments({"name": "api", **arguments}))[1:]


def answer(tmp_path, *command, seconds=20.0, arguments=None, environ=ENV, **more):
    tool = CommandTool("look", spec_of(*command, **more), ARGUMENTS, seconds, tmp_path, environ)
    return asyncio.run(tool.answer({"name": "api", **(arguments or {})}, ()))


def script(tmp_path, text, *, name="look.sh"):
    path = tmp_path / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return f"./{name}"


def test_the_schema_is_a_json_schema_and_describes_everything():
    Draft202012Validator.check_schema(SCHEMA)
    assert all("description" in part for part in SCHEMA["properties"].values())
    for part in SCHEMA["properties"].values():
        for example in part.get("examples", ()):
            assert list(Draft202012Validator(part).iter_errors(example)) == []


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"command": []},
        {"command": "kubectl get pods"},
        {"command": [{"env": "TOKEN"}]},
        {"command": ["x"], "env": ["A B"]},
        {"command": ["x"], "set_env": {"A=B": "x"}},
        {"command": ["x"], "no_data": {}},
        {"command": ["x"], "shell": True},
    ],
)
def test_the_schema_refuses(data):
    assert list(Draft202012Validator(SCHEMA).iter_errors(data))


def test_parse_reads_everything():
    data = {
        "command": ["x", 5],
        "env": ["A"],
        "optional_env": ["B"],
        "set_env": {"C": {"env": "D"}, "E": "f"},
        "no_data": {"exit_codes": [1], "stderr": ["NotFound"]},
    }
    assert list(Draft202012Validator(SCHEMA).iter_errors(data)) == []
    set_env = {"C": FromEnv("D"), "E": "f"}
    assert parse(data) == CommandSpec(("x", "5"), ("A",), ("B",), set_env, NoData((1,), ("NotFound",)))


@pytest.mark.parametrize(
    ("element", "arguments", "expected"),
    [
        ("--namespace={{ name }}", {}, ["--namespace=api"]),
        ("--namespace={{ name }}", {"name": "-o=x,y/z; $(id)"}, ["--namespace=-o=x,y/z; $(id)"]),
        ("--free={{ free }}", {}, []),
        ("--free={{ free }}", {"free": None}, []),
        ("--free={{ free }}", {"free": ""}, ["--free="]),
        ("--free={{ free | upper }}", {"free": "{{ name }}"}, ["--free={{ NAME }}"]),
        ("--free={{ free | default('none') }}", {}, ["--free=none"]),
        ("--tail={{ lines }}", {"lines": 5.0}, ["--tail=5"]),
        ("{{ lines }}", {"lines": 5}, ["5"]),
        ("{{ share }}", {}, ["0.5"]),
        ("{{ share }}", {"share": -0.0}, ["0"]),
        ("{{ share }}", {"share": 1e300}, ["1e+300"]),
        ("--all={{ all }}", {"all": True}, ["--all=true"]),
        ("{% if all %}--all{% endif %}", {"all": True}, ["--all"]),
        ("{% if all %}--all{% endif %}", {"all": False}, []),
        ("{% if all %}--all{% endif %}", {}, []),
        ("--label={{ labels }}", {"labels": ["a=b", "-c"]}, ["--label=a=b", "--label=-c"]),
        ("--label={{ labels }}", {"labels": []}, []),
        ("--label={{ labels }}", {}, []),
        ("--of={{ name }}{% if free is defined %},{{ free }}{% endif %}", {}, ["--of=api"]),
        ("--of={{ name }}{% if free is defined %},{{ free }}{% endif %}", {"free": "-x"}, ["--of=api,-x"]),
        ("jsonpath={.items[*].metadata.name}", {}, ["jsonpath={.items[*].metadata.name}"]),
        ("--<&>={{ free }}", {"free": "<&>'\""}, ["--<&>=<&>'\""]),
    ],
)
def test_an_element_as_the_program_is_given_it(element, arguments, expected):
    assert rendered(element, **arguments) == expected


def test_behind_two_dashes_anything_is_an_operand():
    assert rendered("--", "{{ free }}", free="--server=x") == ["--", "--server=x"]


def test_the_answer_is_the_standard_output(tmp_path):
    found = answer(tmp_path, script(tmp_path, "echo warn >&2; printf '%s|' \"$@\""), "--of={{ name }}", "a b", "*")
    assert (found.text, found.is_error, found.no_data) == ("--of=api|a b|*|", False, False)


def test_a_program_sees_the_listed_environment_only(tmp_path):
    more = {"env": ["EXTRA"], "optional_env": ["ABSENT"], "set_env": {"PGPASSWORD": {"env": "DB"}, "MODE": "dry"}}
    found = answer(
        tmp_path, sys.executable, "-c", "import os; print(*(f'{k}={v}' for k, v in os.environ.items()))", **more
    )
    seen = dict(pair.split("=", 1) for pair in found.text.split())
    expected = {"HOME": "/home/x", "LC_ALL": "C.UTF-8", "EXTRA": "e", "PGPASSWORD": "s3cret", "MODE": "dry"}
    assert seen == {"PATH": ENV["PATH"], **expected}


def test_no_output_is_said_honestly(tmp_path):
    found = answer(tmp_path, script(tmp_path, "echo 'No resources found' >&2"))
    assert found.text == "No output: `./look.sh` ended with exit code 0. It said: No resources found"
    assert not found.is_error
    assert not found.no_data


def test_a_failure_is_an_error_with_code_and_what_was_said(tmp_path):
    found = answer(tmp_path, script(tmp_path, "echo out; echo forbidden >&2; exit 3"))
    assert (found.text, found.is_error) == ("`./look.sh` failed with exit code 3. It said: forbidden", True)
    assert answer(tmp_path, script(tmp_path, "echo out; exit 3")).text.endswith("It said: out")
    assert answer(tmp_path, script(tmp_path, "kill -9 $$")).text == "`./look.sh` was ended by the signal SIGKILL."


def test_a_long_complaint_is_shortened(tmp_path):
    found = answer(tmp_path, script(tmp_path, "head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1"))
    assert len(found.text) < 2200
    assert found.text.endswith("[… 98,000 more characters]")


@pytest.mark.parametrize(
    ("text", "no_data", "expected"),
    [
        ("echo 'Error (NotFound): no pod' >&2; exit 1", {"stderr": ["notfound"]}, True),
        ("echo refused >&2; exit 1", {"stderr": ["notfound"]}, False),
        ("exit 4", {"exit_codes": [4]}, True),
        ("echo 'No resources found' >&2", {"stderr": ["No resources"]}, True),
        ("echo data; echo 'No resources found in one of two' >&2", {"stderr": ["No resources"]}, False),
        ("exit 0", {"exit_codes": [0]}, True),
        ("echo data", {"exit_codes": [0]}, False),
    ],
)
def test_what_means_no_data(tmp_path, text, no_data, expected):
    found = answer(tmp_path, script(tmp_path, text), "--x={{ name }}", no_data=no_data)
    assert found.no_data == expected
    if expected:
        assert found.text.startswith('No data for these arguments: look({"name": "api"}).')
        assert not found.is_error


def test_an_output_that_is_too_long_is_cut_and_said_to_be(tmp_path):
    found = answer(tmp_path, script(tmp_path, "head -c 9000000 /dev/zero | tr '\\0' x"))
    assert found.text.endswith("x\n[… the output was longer than 8,388,608 bytes; the rest was dropped]")


def test_a_program_that_does_not_end_is_an_error_with_what_it_said_within_the_tools_timeout(tmp_path):
    started = time.monotonic()
    found = answer(tmp_path, script(tmp_path, "echo before; echo warn >&2; sleep 60"), seconds=3.0)
    assert time.monotonic() - started < 3.0
    assert found.is_error
    words = "`./look.sh` did not end within its 3 seconds and was stopped. Until then it said:\nbefore\n It said: warn"
    assert found.text == words
    silent = answer(tmp_path, script(tmp_path, "sleep 60"), seconds=0.4)
    assert silent.text.endswith("was stopped. It had said nothing.")


def test_a_program_that_is_not_there_is_an_error(tmp_path):
    assert (
        answer(tmp_path, "no-such-program").text == "`no-such-program` could not be started: No such file or directory."
    )
    (tmp_path / "plain").write_text("x")
    assert answer(tmp_path, "./plain").text == "`./plain` could not be started: Permission denied."


def test_a_call_that_is_refused_runs_nothing(tmp_path):
    program = script(tmp_path, "touch ran")
    found = answer(tmp_path, program, "{{ name }}", arguments={"name": "--force"})
    assert found.is_error
    assert not found.from_tool
    assert "`--force` begins with `-` and would be an option" in found.text
    assert not (tmp_path / "ran").exists()


def test_prerequisites(tmp_path):
    spec = spec_of("no-such-program", env=["ABSENT"], optional_env=["ALSO"], set_env={"A": {"env": "EMPTY"}})
    assert prerequisites(spec, {**ENV, "EMPTY": ""}, tmp_path) == [
        "the program `no-such-program` is not on the PATH, or cannot be run",
        "the variable `ABSENT` is not set",
        "the variable `EMPTY` is not set",
    ]
    assert prerequisites(spec_of("sh", env=["EXTRA"], set_env={"A": {"env": "DB"}}), ENV, tmp_path) == []
    assert prerequisites(spec_of("sh"), {"PATH": str(tmp_path)}, tmp_path) != []


def test_a_program_in_the_directory_of_the_configuration(tmp_path):
    spec = spec_of("./look.sh")
    assert prerequisites(spec, ENV, tmp_path) == [
        f"the program `./look.sh` is not in {tmp_path}, or cannot be run",
    ]
    script(tmp_path, "true")
    assert prerequisites(spec, ENV, tmp_path) == []


def test_a_call_that_does_not_fit_its_schema_is_refused_as_well():
    command = prepared(spec_of("program", "--labels={{ labels }}", "--name={{ name }}"), ARGUMENTS)
    for wrong in ({"labels": [["a"]]}, {"labels": [{}]}, {"name": {}}, {"name": ["a", {}]}, {"name": 10**5000}):
        with pytest.raises(RefusedCallError):
            command.arguments({"name": "api", **wrong})
    with pytest.raises(RefusedCallError):
        command.arguments({})


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kubectl_takes_what_it_is_given_for_a_value(tmp_path):
    config = tmp_path / "config"
    config.write_text("{apiVersion: v1, kind: Config, clusters: [], contexts: [], users: []}")
    command = ("kubectl", "get", "pods", "--namespace={{ name }}", "--selector={{ free }}", "--request-timeout=2s")
    hostile = {"name": "--server=http://127.0.0.1:9/", "free": "--kubeconfig=/etc/passwd,a/b"}
    environ = {**ENV, "HOME": str(tmp_path), "KUBECONFIG": str(config)}
    found = answer(tmp_path, *command, arguments=hostile, environ=environ, env=["KUBECONFIG"])
    assert found.is_error
    assert "127.0.0.1:9" not in found.text
    version = answer(tmp_path, "kubectl", "version", "--client=true", "--output=json", environ=environ)
    assert '"clientVersion"' in version.text
