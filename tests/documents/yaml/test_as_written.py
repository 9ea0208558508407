"""What people paste into YAML: look-alikes are blamed where they stand, and recorded numbers stay as written."""

from __future__ import annotations

import codecs
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from sre_runner.config.loading import load, validate
from sre_runner.documents.yaml.document import parse
from sre_runner.documents.yaml.lookalikes import look_alikes
from sre_runner.documents.yaml.verbatim import verbatim
from sre_runner.errors import ConfigError

GOOD = Path(__file__).parents[2] / "configs" / "good" / "teams"


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("description:\u00a0Pods.", 13, "U+00A0"),
        ("  task: \u3000x", 9, "U+3000"),
        ("\u00a0\u00a0name: x", 1, "U+00A0"),
        ("  \u2003name: x", 3, "U+2003"),
        ("\u200bname: x", 1, "U+200B"),
        ("name\uff1a x", 5, "U+FF1A"),
        ("name\u00a0: x", 5, "U+00A0"),
        ("  -\u00a0x", 4, "U+00A0"),
        ("  \u2013 x", 3, "U+2013"),
        ("\u2022 x", 1, "U+2022"),
        ("name: \u201cx\u201d", 7, "U+201C"),
        ("- \u2018x\u2019", 3, "U+2018"),
        ("- name:\u00a0x", 8, "U+00A0"),
        ('"a b":\u00a0x', 7, "U+00A0"),
    ],
)
def test_a_look_alike_is_named_where_it_stands(line: str, column: int, code: str) -> None:
    (flaw,) = look_alikes(f"a: b\n{line}\nc: d")
    assert (flaw.line, flaw.column) == (2, column)
    assert code in flaw.message


@pytest.mark.parametrize(
    "line", ["name: caf\u00e9\u00a0au lait", "name: x \u2013 y", "  text with\u00a0it: here", "- 5\u00a0%"]
)
def test_inside_of_text_they_are_text(line: str) -> None:
    assert list(look_alikes(line)) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("description:\u00a0Pods.\nprompt: y\n", (1, 13)),
        ("description: x\nprompt: y\nmodel:\n\u00a0\u00a0name: qwen3\n", (4, 1)),
        ("description\uff1a x\nprompt: y\n", (1, 12)),
        ("tools:\n\u2013 list_pods\n", (2, 1)),
        ("a: [\nb:\u00a0c\n", (2, 3)),
    ],
)
def test_the_innocent_line_below_is_not_blamed(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(text, "x.yaml")
    problem = raised.value.problems[-1]
    assert (problem.line, problem.column) == place
    assert problem.message.startswith("this is U+")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1.30", '"1.30"'),
        ("7356e12", '"7356e12"'),
        ("+5", '"+5"'),
        (".5", '".5"'),
        ("1e3", '"1e3"'),
        ("1.", '"1."'),
        ("12345678901234567890.0", '"12345678901234567890.0"'),
        ("1.5", "1.5"),
        ("-3", "-3"),
        ("0", "0"),
        ("1_000", '"1_000"'),
        ("0x1F", '"0x1F"'),
        ("010", '"010"'),
        ("no", '"no"'),
        ("true", "true"),
        ("~", "null"),
        ("2026-11-27", '"2026-11-27"'),
        ("1:30", '"1:30"'),
        ("'1.30'", '"1.30"'),
    ],
)
def test_recorded_scalars_are_shown_as_they_are_written(text: str, shown: str) -> None:
    document = parse(f"data: {{a: [{text}]}}", "x.yaml")
    data: Any = verbatim(document.data, (), document.written)
    assert json.dumps(data["data"]["a"][0]) == shown


def room(path: Path, tools: str) -> Path:
    shutil.copytree(GOOD, path)
    (path / "tools.d" / "versions.yaml").write_text(tools, encoding="utf-8")
    return path


QUERY = """data:
  deploys: [{service: cart, port: 8080, version: 1.30}]
tools:
  deploys:
    description: Lists deploys.
    input_schema: {type: object, properties: {port: {type: string}, version: {type: string}, service: {type: number}}}
    simulated: {rows: deploys, where: {%s}, return: {deploys: rows}}
"""


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("port: {arg: port}", "no row is ever found: the argument `port` is text, and `port` is not"),
        ("port: {equals: {arg: port}}", "no row is ever found: the argument `port` is text, and `port` is not"),
        ("service: {arg: service}", "no row is ever found: the argument `service` is number, and `service` is not"),
        ("version: {arg: version}", ""),
        ("port: {contains: {arg: port}}", ""),
    ],
)
def test_a_column_that_can_never_equal_its_argument_is_a_problem(tmp_path: Path, where: str, message: str) -> None:
    folder = room(tmp_path / "room", QUERY % where)
    problems = validate([folder / "tools.d" / "versions.yaml"]).problems
    assert [each.message for each in problems if not each.warning] == ([message] if message else [])


FIXTURE = """tools:
  list_pods:
    description: Lists pods.
    input_schema: {type: object}
    simulated: {answers: [{file: pods.txt}]}
"""


@pytest.mark.parametrize(
    "raw",
    [
        b"one\r\ntwo \xc3\xa9\r\n",
        codecs.BOM_UTF8 + b"one\ntwo \xc3\xa9\n",
        codecs.BOM_UTF16_LE + "one\ntwo \u00e9\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "one\r\ntwo \u00e9\r\n".encode("utf-16-be"),
    ],
)
def test_line_ends_and_encodings_of_a_checkout_change_nothing(tmp_path: Path, raw: bytes) -> None:
    digests = set()
    for name, text in (("plain", "one\ntwo \u00e9\n".encode()), ("other", raw)):
        folder = tmp_path / name
        (folder / "agents.d").mkdir(parents=True)
        (folder / "tools.d").mkdir()
        (folder / "playbooks").mkdir()
        (folder / "agents.d" / "pods.yaml").write_text("description: x\nprompt: y\ntools: [list_pods]\n")
        ends = "\r\n" if name == "other" else "\n"
        (folder / "tools.d" / "k8s.yaml").write_bytes(FIXTURE.replace("\n", ends).encode())
        (folder / "tools.d" / "pods.txt").write_bytes(text)
        (folder / "playbooks" / "p.yaml").write_text("task: x\nspecialists: [pods]\ncoordinator: {strategy: single}\n")
        digests.add(load(folder / "playbooks" / "p.yaml").digest)
    assert len(digests) == 1
