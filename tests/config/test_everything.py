"""All tools, servers and models of a directory."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from sre_runner.commands.init import init
from sre_runner.config.directory import Directory
from sre_runner.config.everything import everything
from sre_runner.config.loading import load


def test_it_has_what_every_playbook_reaches_and_more(tmp_path: Path) -> None:
    assert CliRunner().invoke(init, [str(tmp_path)], standalone_mode=False).return_value == 0
    idle = "servers: {idle: {url: http://localhost}}\ntools:\n  idle:\n    description: x\n"
    more = "    input_schema: {type: object}\n    live: {command: [ls]}\n"
    (tmp_path / "tools.d" / "idle.yaml").write_text(idle + more, encoding="utf-8")
    agent = tmp_path / "agents.d" / "k8s-expert.yaml"
    agent.write_text(f"{agent.read_text(encoding='utf-8')}\nmodel: {{name: own}}\n", encoding="utf-8")
    whole = everything(Directory(tmp_path))
    tools = {tool.name: tool for tool in whole.tools}
    for playbook in sorted((tmp_path / "playbooks").glob("*.yaml")):
        reached = load(playbook, only_shown=True)
        own = {name: tool for name, tool in reached.tools.items() if not tool.built_in}
        assert own.items() <= tools.items()
        assert reached.playbook.model.name in whole.models
    assert tools["idle"].live == {"command": ["ls"]}
    assert {"idle", "loki"} <= set(whole.servers)
    assert whole.models == ("claude-sonnet-5-5", "own")
    assert whole.directory == tmp_path
