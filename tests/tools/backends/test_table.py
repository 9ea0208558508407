"""A backend that is added as one module and one entry of the table is known everywhere: nothing else is changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sre_runner
from sre_runner.tools.backends.simulated import ANSWERS
from sre_runner.tools.backends.table import BACKENDS, backend_of

MODULE = '''\
"""The backend `live: {dns: …}`: a name that is looked up."""

from sre_runner.casefile import ToolAnswer
from sre_runner.tools.backends.backend import Backend, Complaint, Reach, of_templates
from sre_runner.tools.backends.nested import nested

_SCHEMA = {
    "description": "A name that is looked up.",
    "type": "object",
    "additionalProperties": False,
    "required": ["zone"],
    "properties": {"zone": {"type": "string"}, "tries": {"type": "integer", "default": 1}},
}


class Looked:
    async def answer(self, arguments, earlier, agent=""):
        return ToolAnswer("127.0.0.1")


def _problems(entry):
    data = entry.file.sound(*entry.place, "dns")
    if data is not None and data["zone"].startswith("."):
        yield Complaint((*entry.place, "dns", "zone"), "a zone does not begin with a dot", "Leave the dot out.")


DNS = Backend(
    key="dns",
    schema=nested("dns", "Live by DNS", _SCHEMA),
    problems=_problems,
    tool=lambda use: Looked(),
    reaches=lambda spec, data, servers: f"looks up names in {data['dns']['zone']}",
    reached=lambda data, schema: (of_templates("zone", ("dns", "zone"), (data["dns"]["zone"],)),),
)
'''
FILES = {
    "agents.d/one.yaml": "description: One.\nprompt: Look.\ntools: [look_up]\n",
    "tools.d/names.yaml": """\
tools:
  look_up:
    description: A name.
    input_schema: {type: object, properties: {name: {type: string, pattern: "^[a-z]+$"}}, required: [name]}
    live: {dns: {zone: "{{ name }}.example.com"}}
""",
    "playbooks/names.yaml": """\
task: What is it called?
specialists: [one]
backend: live
coordinator: {strategy: single}
""",
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package, to which the module and the entry were added, and the schemas written."""
    folder = tmp_path_factory.mktemp("with-dns")
    source = Path(sre_runner.__file__).parent
    shutil.copytree(source, folder / "sre_runner", ignore=shutil.ignore_patterns("__pycache__"))
    backends = folder / "sre_runner" / "tools" / "backends"
    (backends / "dns.py").write_text(MODULE, encoding="utf-8")
    table = (backends / "table.py").read_text(encoding="utf-8")
    entry = '"live": (HTTP, '
    assert table.count(entry) == 1
    table = table.replace(entry, '"live": (DNS, HTTP, ')
    imported = "from sre_runner.tools.backends.command import COMMAND\n"
    table = table.replace(imported, imported + "from sre_runner.tools.backends.dns import DNS\n")
    (backends / "table.py").write_text(table, encoding="utf-8")
    program(folder, folder, str(Path(__file__).parents[3] / "docs" / "generate_schemas.py"))
    return folder


def program(package: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What Python prints with that package."""
    environ = {**os.environ, "PYTHONPATH": str(package), "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environ, capture_output=True, encoding="utf-8", check=False
    )


def room(folder: Path, **changed: str) -> Path:
    """The configuration, with texts replaced in its file of tools."""
    for name, text in FILES.items():
        for old, new in changed.items() if name.startswith("tools.d") else ():
            assert old in text
            text = text.replace(old, new)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def sre_run(package: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return program(package, cwd, "-m", "sre_runner", *arguments)


def test_its_schema_and_its_checks(package: Path, tmp_path: Path) -> None:
    assert sre_run(package, room(tmp_path), "validate").returncode == 0
    told = sre_run(package, room(tmp_path, zone="zones"), "validate").stdout
    assert "unknown key `zones`" in told
    assert "Did you mean `zone`?" in told
    told = sre_run(package, room(tmp_path, **{"{{ name }}.": "."}), "validate").stdout
    assert "tools.d/names.yaml:5:24: a zone does not begin with a dot" in told
    assert "hint: Leave the dot out." in told


def test_its_line_in_the_plan(package: Path, tmp_path: Path) -> None:
    room(tmp_path)
    done = sre_run(package, tmp_path, "plan", "playbooks/names.yaml")
    assert "looks up names in" in done.stdout, done.stderr
    plan = json.loads(sre_run(package, tmp_path, "plan", "playbooks/names.yaml", "--json").stdout)
    assert plan["tools"][0]["reaches"] == "looks up names in {{ name }}.example.com"
    values = ["{{ name }}.example.com"]
    assert plan["reach"] == [
        {"kind": "tool", "name": "look_up", "what": "zone", "values": values, "variables": []},
    ]


@pytest.mark.parametrize(
    ("changed", "kind", "sentence"),
    [
        (
            {".example.com": ".example.org"},
            "reach-widened",
            "`look_up` live: zone `{{ name }}.example.org` instead of `{{ name }}.example.com`.",
        ),
        (
            {', pattern: "^[a-z]+$"': ""},
            "argument-loosened",
            "`look_up`: the argument `name`, which is part of what it reaches live, admits more: `pattern`.",
        ),
        ({'.com"': '.com", tries: 3'}, "live-settings-changed", "`look_up` live: `dns.tries` changed."),
        ({'.com"': '.com", tries: 1'}, None, ""),
    ],
)
def test_its_kinds_of_change(
    package: Path, tmp_path: Path, changed: dict[str, str], kind: str | None, sentence: str
) -> None:
    base, head = room(tmp_path / "base"), room(tmp_path / "head", **changed)
    done = sre_run(package, tmp_path, "diff", str(base), str(head), "--json")
    told = [(change["kind"], change["sentence"]) for change in json.loads(done.stdout)["changes"]]
    assert told == ([(kind, sentence)] if kind else [])


def test_it_answers(package: Path, tmp_path: Path) -> None:
    """The offline model calls a tool whose arguments it can know; this one has none that must be given."""
    room(tmp_path, **{", required: [name]": "", "{{ name }}.": ""})
    done = sre_run(package, tmp_path, "run", "playbooks/names.yaml", "--offline", "--json")
    assert "127.0.0.1" in next((tmp_path / "runs").glob("*/journal.jsonl")).read_text(encoding="utf-8"), done.stderr


def test_the_last_backend_is_taken_for_what_has_no_key() -> None:
    assert backend_of("simulated", {}) is ANSWERS
    for world, backends in BACKENDS.items():
        for backend in backends:
            assert backend_of(world, {backend.key: 1}) is backend
