"""docs/live.md: its account may read what the shipped tools read and nothing else, and its YAML is valid."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from sre_runner.config.loading import validate

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "live.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
LIVE = {
    name: tool["live"]
    for path in (ROOT / "tools.d").glob("*.yaml")
    for name, tool in yaml.safe_load(path.read_text(encoding="utf-8"))["tools"].items()
    if "live" in tool
}


def rules() -> list[dict[str, Any]]:
    (text,) = [block for block in BLOCKS if "ClusterRoleBinding" in block]
    account, role, binding = yaml.safe_load_all(text)
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert binding["subjects"] == [{"kind": "ServiceAccount", **account["metadata"]}]
    return list(role["rules"])


def test_the_role_only_reads_and_sees_no_secrets() -> None:
    for rule in rules():
        assert set(rule) == {"apiGroups", "resources", "verbs"}
        assert set(rule["verbs"]) <= {"get", "list", "watch"}
        assert not {"*", "secrets", "pods/exec", "pods/attach", "pods/portforward"} & set(rule["resources"])
        assert "*" not in rule["apiGroups"]


def test_the_role_covers_what_the_shipped_tools_read() -> None:
    may = {resource for rule in rules() for resource in rule["resources"]}
    for name, live in LIVE.items():
        if "command" in live:
            verb, what = live["command"][1:3]
            needs = {"pods", "pods/log"} if verb == "logs" else {what if what.endswith("s") else f"{what}s"}
            assert needs <= may, name


def test_the_page_names_every_live_tool_and_every_server() -> None:
    for name in LIVE:
        assert f"`{name}`" in PAGE
    files = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tools.d").glob("*.yaml"))
    for variable in re.findall(r"url: \{env: (\w+)\}", files):
        assert variable in PAGE


def test_one_tool_for_several_clusters_is_valid(tmp_path: Path) -> None:
    (text,) = [block for block in BLOCKS if "eu-production" in block]
    for folder in ("agents.d", "tools.d", "playbooks"):
        (tmp_path / folder).mkdir()
    (tmp_path / "tools.d" / "clusters.yaml").write_text(text, encoding="utf-8")
    checked = validate((tmp_path / "tools.d",), tmp_path)
    assert [each.message for each in checked.problems if not each.warning] == []


def test_the_commands_of_the_page_name_files_that_ship() -> None:
    for name in re.findall(r"playbooks/[\w-]+\.yaml", PAGE):
        assert (ROOT / name).is_file()
