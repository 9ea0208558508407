"""A team of one specialist and a synthesizer for lists of incidents, and what a service says to any number of runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loopback import Request, Step
from team import submit

AGENT = """\
description: Looks at it.
prompt: You look at a service.
tools: [health]
"""
TOOLS = """\
tools:
  health:
    description: Health of a service.
    input_schema: {type: object, properties: {service: {type: string}}, required: [service]}
    simulated: {answers: [{when: {}, return: {status: healthy}}]}
"""
SYNTHESIZER = """\
role: synthesizer
description: Concludes.
prompt: You conclude the investigation.
"""
PLAYBOOK = """\
description: One service
inputs: {service: checkout, namespace: shop}
task: Look at {{ service }} in {{ namespace }}.
specialists: [looker]
coordinator: {strategy: parallel, synthesizer: concluder}
model: {name: claude-sonnet-5-5, max_tokens: 1000}
"""
CALLS = 2
"""Of a run: a report and a conclusion."""


def configuration(folder: Path, playbook: str = PLAYBOOK) -> Path:
    """The files of the team; the playbook's path."""
    files: Mapping[str, str] = {
        "agents.d/looker.yaml": AGENT,
        "agents.d/concluder.yaml": SYNTHESIZER,
        "tools.d/health.yaml": TOOLS,
        "playbooks/service.yaml": playbook,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder / "playbooks" / "service.yaml"


def answer(request: Request) -> Step:
    """The report or conclusion that is asked for."""
    fields: dict[str, Any] = {"severity": "P4"} if b"submit_conclusion" in request.raw else {}
    step: Step = submit(**fields)(request)
    return step


def list_of(folder: Path, services: list[str]) -> Path:
    """A list in CSV."""
    path = folder / "services.csv"
    path.write_text("service\n" + "".join(f"{name}\n" for name in services))
    return path


def results(printed: str) -> dict[int, dict[str, Any]]:
    """The lines of results by their rows."""
    return {line["row"]: line for line in map(json.loads, printed.splitlines())}
