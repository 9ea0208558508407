"""An argument of a call never becomes an option or another command: proven of the spec, and checked at each call."""

import asyncio
import json
import os
import re
import sys

import pytest
from hostile_arguments import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.tools.command.checks import problems
from sre_runner.tools.command.rendering import RefusedCallError, prepared
from sre_runner.tools.command.spec import parse
from sre_runner.tools.command.tool import CommandTool

NAME = {"type": "string", "pattern": "^[a-z0-9][-a-z0-9]*$"}
FREE = {"type": "string"}
SCHEMA = {
    "type": "object",
    "properties": {
        "name": NAME,
        "free": FREE,
        "loose": {"type": "string", "pattern": "[a-z]+"},
        "kind": {"type": "string", "enum": ["pods", "nodes"]},
        "flags": {"type": "string", "enum": ["-a", "pods"]},
        "verb": {"type": "string", "enum": ["get", "exec"]},
        "count": {"type": "integer", "minimum": 0},
        "signed": {"type": "integer"},
        "all": {"type": "boolean"},
        "names": {"type": "array", "items": NAME},
        "texts": {"type": "array", "items": FREE},
        "maybe": NAME,
        "anything": {},
        "mapping": {"type": "object"},
        "mixed": {"enum": ["a", 1, None, ["x"]]},
        "fixed": {"const": "x"},
        "above": {"type": "number", "exclusiveMinimum": 0},
        "lists": {"type": "array", "items": {"type": "array"}},
    },
    "required": [
        *("name", "free", "loose", "kind", "flags", "verb", "count", "signed", "all", "names", "texts"),
        *("fixed", "above", "mixed"),
    ],
}

ARGV = "import json, sys; print(json.dumps(sys.argv[1:]))"


def found(*command, **more):
    return problems(parse({"command": list(command), **more}), SCHEMA)


@pytest.mark.parametrize(
    "command",
    [
        ["kubectl", "get", "pods", "--namespace={{ free }}"],
        ["kubectl", "get", "pods", "--selector={{ free }}", "--field-selector={{ free }}"],
        ["kubectl", "get", "pods", "{{ name }}"],
        ["kubectl", "get", "{{ kind }}"],
        ["kubectl", "get", "pods", "--tail={{ count }}", "{{ count }}"],
        ["kubectl", "get", "pods", "--all-namespaces={{ all }}"],
        ["kubectl", "get", "pods", "{% if all %}--all-namespaces{% endif %}"],
        ["kubectl", "get", "pods", "{{ kind }}/{{ free }}"],
        ["kubectl", "get", "pods", "pod/{{ free }}"],
        ["kubectl", "get", "pods", "{{ names }}"],
        ["kubectl", "get", "pods", "{{ maybe }}"],
        ["kubectl", "get", "pods", "{% if all %}--all{% endif %}", "{{ maybe }}"],
        ["kubectl", "get", "pods", "--", "{{ free }}", "{{ texts }}"],
        ["kubectl", "get", "pods", "--output={{ kind }}"],
        ["kubectl", "--context=prod", "get", "pods", "{{ name }}"],
        ["kubectl", "rollout", "history", "deployment/{{ free }}"],
        ["kubectl", "logs", "-c", "{{ name }}"],
        ["head", "-n{{ count }}", "file"],
        ["grep", "--", "{{ free }}", "file"],
        ["grep", "--regexp={{ free }}", "file"],
        ["python3", "scripts/look.py", "--name={{ free }}"],
        ["python3", "-u", "-m", "look", "--name={{ free }}"],
        ["./scripts/look.sh", "--name={{ free }}"],
        ["sh", "-c", "kubectl get pods | wc -l"],
        ["find", "/var/log", "-name", "{{ name }}"],
        ["x", '{{ "a" if all else "b" }}'],
        ["x", "{{ fixed }}", "{{ above }}", "--a={{ mixed }}"],
        ["x", "{{ kind | trim }}", "-{{ kind }}", "-"],
        ["x", "--token-file=/run/x", "--show-token=false"],
    ],
)
def test_these_are_safe(command):
    assert found(*command) == []


@pytest.mark.parametrize(
    ("command", "place", "words"),
    [
        (["{{ name }}", "get"], 0, "chosen by a template"),
        (["kubectl get pods"], 0, "no shell splits it"),
        (["-x"], 0, "not a program"),
        (["kubectl", "get", "pods", "{{ free }}"], 3, "`free` could become an option"),
        (["kubectl", "get", "pods", "{{ loose }}"], 3, "`loose` could become an option"),
        (["kubectl", "get", "pods", "{{ signed }}"], 3, "`signed` could become an option"),
        (["kubectl", "get", "{{ flags }}"], 2, "`flags` could become an option"),
        (["x", "{{ mixed }}"], 1, "`mixed` could become an option"),
        (["x", "{{ texts }}"], 1, "`texts` could become an option"),
        (["x", "{{ free | upper }}"], 1, "`free` could become an option"),
        (["x", "{{ name | trim }}"], 1, "`name` could become an option"),
        (["x", "{{ name }}{{ free }}"], 1, "`free` could become an option"),
        (["x", "{{ name if all else free }}"], 1, "`free` could become an option"),
        (["x", "{{ maybe | default(free) }}"], 1, "`free` could become an option"),
        (["x", "{% if all %}{{ free }}{% else %}x{% endif %}"], 1, "`free` could become an option"),
        (["x", "{% if all %}x{% endif %}{{ free }}"], 1, "`free` could become an option"),
        (["x", '{% if kind == "pods" %}x{% elif all %}{{ free }}{% endif %}'], 1, "`free` could become an option"),
        (["x", "{{ free and name }}"], 1, "`free` could become an option"),
        (["x", '{{ "--all" if all else "" }}'], 1, "is a value in a template"),
        (["x", "{{ maybe | default('-x') }}"], 1, "is a value in a template"),
        (["x", "-{{ name }}"], 1, "part of an option's name"),
        (["x", "--{{ name }}"], 1, "part of an option's name"),
        (["x", "--{{ name }}={{ free }}"], 1, "part of an option's name"),
        (["x", "-n{{ name }}"], 1, "part of an option's name"),
        (["x", "{% if all %}--x{% endif %}{{ name }}"], 1, "part of an option's name"),
        (["x", "-n", "--", "{{ free }}"], 3, "`free` could become an option"),
        (["x", "-c", "{{ maybe }}"], 1 + 1, "may take the next element"),
        (["x", "-c", "{{ names }}"], 2, "may take the next element"),
        (["x", "-c", "{% if all %}a{% endif %}"], 2, "may take the next element"),
        (["x", "--a={{ name }},{{ maybe }}"], 1, "where `maybe` is left out"),
        (["x", "--a={{ names }},{{ name }}"], 1, "the list `names`"),
        (["x", "--a={{ anything }}"], 1, "cannot stand in a command"),
        (["x", "--a={{ mapping }}"], 1, "cannot stand in a command"),
        (["x", "--a={{ lists }}"], 1, "an item of the argument `lists`"),
        (["x", "--a={{ nme }}"], 1, "nothing provides the name"),
        (["x", "--a={{ nme | default('x') }}"], 1, "the tool has no argument `nme`"),
        (["x", "--a={{ name"], 1, "template: "),
        (["x", "--a={{ name.upper() }}"], 1, "calls cannot be used"),
        (["x", "a\0b"], 1, "NUL"),
        (["x", "|", "wc"], 1, "to a shell only"),
        (["x", "2>/dev/null"], 1, "to a shell only"),
        (["x", "--a=$API_TOKEN"], 1, "no shell replaces it"),
        (["x", "--a=${HOME}/x"], 1, "no shell replaces it"),
        (["x", "--token=abc"], 1, "a secret in the argument list"),
        (["x", "--password", "abc"], 1, "a secret in the argument list"),
        (["x", "--api-key={{ free }}"], 1, "a secret in the argument list"),
        (["sh", "-c", "echo {{ name }}"], 2, "a shell reads its arguments"),
        (["/bin/bash", "./look.sh", "x{{ name }}"], 2, "a shell reads its arguments"),
        (["env", "A=b", "kubectl", "get", "{{ kind }}"], 4, "another command"),
        (["xargs", "--", "{{ free }}"], 2, "another command"),
        (["sudo", "cat", "--", "{{ free }}"], 3, "another command"),
        (["timeout", "5", "kubectl", "get", "{{ kind }}"], 4, "another command"),
        (["ssh", "host", "ls", "{{ name }}"], 3, "other machines"),
        (["curl", "https://{{ name }}.example"], 1, "any address"),
        (["awk", "{{ name }}"], 1, "programs that run commands"),
        (["psql", "--command=select {{ count }}"], 1, "statements"),
        (["python3.11", "-c", "print('{{ name }}')"], 1, "as the script"),
        (["python3", "{{ name }}"], 1, "as the script"),
        (["perl", "-ne", "print", "{{ name }}"], 1, "as the script"),
        (["node", "--eval=1", "{{ name }}"], 1, "as the script"),
        (["kubectl", "exec", "{{ name }}", "--", "date"], 1, "`kubectl exec`"),
        (["kubectl", "{{ verb }}", "pods"], 1, "`kubectl exec`"),
        (["kubectl", "{{ name }}", "pods"], 1, "could say what `kubectl` does"),
        (["kubectl", "-n", "x", "{{ name }}"], 3, "could say what `kubectl` does"),
        (["kubectl", "rollout", "{{ name }}"], 2, "could say what `kubectl` does"),
        (["aws", "ec2", "{{ name }}"], 2, "could say what `aws` does"),
        (["docker", "exec", "{{ name }}", "date"], 1, "`docker exec`"),
        (["find", ".", "-name", "{{ name }}", "-exec", "cat", "{}", ";"], 4, "`find -exec`"),
        (["wrapper", "sh", "-ec", "echo {{ name }}"], 1, "`sh -c`"),
        (["kubectl", "get", "pods", "--output={{ name }}"], 3, "`output`"),
        (["kubectl", "get", "pods", "-o", "{{ name }}"], 4, "`o`"),
        (["kubectl", "get", "pods", "-ojsonpath={{ name }}"], 3, "`o`"),
        (["kubectl", "get", "pods", "--server={{ name }}"], 3, "`server`"),
        (["kubectl", "get", "--raw=/api/{{ name }}"], 2, "`raw`"),
        (["tar", "--checkpoint-action={{ free }}"], 1, "is a command"),
    ],
)
def test_these_are_problems(command, place, words):
    complaints = [(path, message) for path, message, _ in found(*command)]
    assert any(path == ("command", place) and words in message for path, message in complaints), complaints
    assert all(hint for *_, hint in found(*command) if "template: " not in words)


def test_variables_are_no_arguments():
    (path, message, hint) = found("x", "--a={{ KUBECONFIG }}", env=["KUBECONFIG"])[0]
    assert path == ("command", 1)
    assert "KUBECONFIG" in message
    assert "environment" in hint


def test_the_environment_is_looked_at_as_well():
    complaints = found("x", env=["A", "B"], optional_env=["A"], set_env={"B": "x", "API_TOKEN": "abc", "MODE": "dry"})
    assert [path for path, *_ in complaints] == [("set_env", "B"), ("set_env", "API_TOKEN"), ("optional_env", 0)]
    assert "abc" not in str(complaints)


def argv(tmp_path, elements, arguments):
    """What a real program was given, or None where the call was refused and nothing ran."""
    command = [sys.executable, "-c", ARGV, *elements]
    tool = CommandTool("look", parse({"command": command}), SCHEMA, 20, tmp_path, {"PATH": os.environ["PATH"]})
    answer = asyncio.run(tool.answer(arguments, ()))
    assert not (tmp_path / "ran").exists()
    if answer.is_error:
        assert not answer.from_tool, answer.text
        assert len(answer.text) < 300
        answer.text.encode()
        return None
    return json.loads(answer.text)


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value)[:30])
def test_a_hostile_value_stays_one_value_or_the_call_is_refused(tmp_path, value):
    unpassable = bool(re.search("[\0\n\r\ud800-\udfff]", value)) or len(value) > 100_000
    expected = None if unpassable else [f"--x={value}", f"pod/{value}", "end"]
    assert argv(tmp_path, ["--x={{ free }}", "pod/{{ free }}", "end"], {"free": value}) == expected
    bare = None if unpassable or value.startswith("-") else [value, "end"]
    assert argv(tmp_path, ["{{ free }}", "end"], {"free": value}) == bare
    listed = None if unpassable or value.startswith("-") else ["a", value, "end"]
    assert argv(tmp_path, ["{{ texts }}", "end"], {"texts": ["a", value]}) == listed
    assert argv(tmp_path, ["--", "{{ free }}"], {"free": value}) == (None if unpassable else ["--", value])


TEXT = st.text(st.sampled_from("-=ab \n\0{}%,/$`;'\"\ud800\u2010"), max_size=6) | st.text(max_size=10)
ELEMENTS = st.lists(
    st.sampled_from(
        [
            "{{ free }}",
            "{{ loose }}",
            "{{ texts }}",
            "{{ signed }}",
            "{{ free | trim }}",
            "{{ loose }}{{ free }}",
            "{% if all %}{{ free }}{% endif %}",
            "{% if all %}--all{% endif %}",
            "--x={{ free }}",
            "pod/{{ loose }}",
            "{{ maybe | default(free) }}",
            "plain",
            "--",
            "--flag",
        ]
    ),
    max_size=5,
)


@settings(max_examples=400, deadline=None)
@given(
    ELEMENTS,
    st.fixed_dictionaries(
        {
            "free": TEXT,
            "loose": TEXT,
            "texts": st.lists(TEXT, max_size=3),
            "signed": st.integers(-3, 3),
            "all": st.booleans(),
        },
        optional={"maybe": TEXT},
    ),
)
def test_no_value_adds_an_option_even_without_a_schema_and_a_check(elements, arguments):
    command = prepared(parse({"command": ["program", *elements]}), SCHEMA)
    try:
        given = command.arguments(arguments)
    except RefusedCallError:
        return
    options = [element for element in given if element.startswith("-")]
    behind = "--" in elements and elements[elements.index("--") - 1 : elements.index("--")] != ["--flag"]
    if not behind:
        assert all(option in ("--", "--flag", "--all") or option.startswith("--x=") for option in options)
    assert not any(set(element) & set("\0\n\r") for element in given)
    for element in given:
        element.encode()
