"""An expectation is one key: `called_once.py` here and below `coordination`, added to a copy of the package with one
entry for each half, of the run and of a specialist."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from extended import ROOT, Extended, starter

RUN = "expect:\n  called_once: [list_pods, describe_pod]\n"
OF_SPECIALIST = "expect:\n  specialists: {k8s-expert: {called_once: [list_pods, describe_pod]}}\n"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Extended:
    package = Extended(tmp_path_factory.mktemp("package"))
    pure, held = "coordination/expectations", "testing/expectations"
    package.add(ROOT / "tests" / pure / "called_once.py", pure)
    package.add(ROOT / "tests" / held / "called_once.py", held)
    package.entry(
        f"{pure}/table.py",
        ("from sre_runner.coordination.expectations.key", f"from {_room(pure)}.called_once import CALLED_ONCE\n"),
        ("        STATUS,", "        CALLED_ONCE,\n"),
        ("        STATUS_OF_SPECIALIST,", "        CALLED_ONCE,\n"),
    )
    package.entry(
        f"{held}/table.py",
        ("from sre_runner.testing.expectations.expectation", f"from {_room(held)}.called_once import called_once\n"),
        ('    "status": status,', '    "called_once": called_once,\n'),
        ('    "status": status_of_specialist,', '    "called_once": called_once,\n'),
    )
    package.write_schemas()
    return package


def _room(folder: str) -> str:
    return f"sre_runner.{folder.replace('/', '.')}"


def place(folder: Path, expect: str) -> Path:
    """The configuration that ships, with one more playbook that expects this and is the payment gateway's otherwise."""
    text = (starter(folder) / "playbooks" / "payment-gateway.yaml").read_text(encoding="utf-8")
    (folder / "playbooks" / "once.yaml").write_text(text[: text.index("expect:")] + expect, encoding="utf-8")
    return folder


def test_the_schema_and_the_plan_have_it(package: Extended, tmp_path: Path) -> None:
    folder = place(tmp_path, RUN)
    definitions = json.loads(package.run("schema", "playbook", cwd=folder))["$defs"]
    assert definitions["expect"]["properties"]["called_once"]["default"] == []
    assert "called_once" in definitions["expected_specialist"]["properties"]
    plan = json.loads(package.run("plan", "playbooks/once.yaml", "--json", cwd=folder))["expect"]
    assert plan["called_once"] == ["list_pods", "describe_pod"]
    other = json.loads(package.run("plan", "playbooks/payment-gateway.yaml", "--json", cwd=folder))["expect"]
    assert other["called_once"] == []
    assert other["specialists"]["k8s-expert"]["called_once"] == []
    assert "describe_pod" in package.run("plan", "playbooks/once.yaml", cwd=folder).partition("Expectations")[2]


@pytest.mark.parametrize("expect", [RUN, OF_SPECIALIST])
def test_its_problems_are_told(package: Extended, tmp_path: Path, expect: str) -> None:
    folder = place(tmp_path, expect.replace("describe_pod", "nowhere"))
    assert "nobody could call `nowhere` once" in package.run("plan", "playbooks/once.yaml", cwd=folder, code=2)


@pytest.mark.parametrize(("expect", "whose"), [(RUN, ""), (OF_SPECIALIST, "k8s-expert: ")])
def test_a_run_is_held_against_it(package: Extended, tmp_path: Path, expect: str, whose: str) -> None:
    command = ("test", "playbooks/once.yaml", "--offline", "--json")
    folder = place(tmp_path, expect)
    failed = package.run(*command, cwd=folder, code=1)
    assert f"expected: {whose}describe_pod is called once\n     found: it is called 2 times" in failed
    playbook = folder / "playbooks" / "once.yaml"
    playbook.write_text(playbook.read_text(encoding="utf-8").replace(", describe_pod]", "]"), encoding="utf-8")
    (trial,) = json.loads(package.run(*command, cwd=folder))["cases"][0]["trials"]
    assert {each["expected"]: each["holds"] for each in trial["expectations"]}[f"{whose}list_pods is called once"]


@pytest.mark.parametrize("expect", [RUN, OF_SPECIALIST])
def test_diff_says_whether_less_is_expected(package: Extended, tmp_path: Path, expect: str) -> None:
    more, less = place(tmp_path / "more", expect), place(tmp_path / "less", expect.replace(", describe_pod]", "]"))

    def kinds(base: Path, head: Path) -> list[tuple[str, str]]:
        shown = json.loads(package.run("diff", str(base), str(head), "--format", "json", cwd=tmp_path))
        return [(change["kind"], change["sentence"].partition("`called_once` ")[2]) for change in shown["changes"]]

    assert kinds(more, less) == [("expectation-weakened", "no longer has `describe_pod`.")]
    assert kinds(less, more) == [("expectation-strengthened", "now has `describe_pod`.")]
