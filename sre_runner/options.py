"""What a person asks of a run, and the configuration that it makes of the files."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sre_runner.casefile import Json
from sre_runner.config import load
from sre_runner.errors import RunnerError
from sre_runner.output import holds_secret, secrets_of, shown
from sre_runner.specs import Configuration

MAX_TEXT = 100_000
"""Characters of a task, input or label; more is cut, as tool output is."""


@dataclass(frozen=True)
class RunOptions:
    """What the person asked for: the options of `sre-run run`, under their names; `case` is one of the playbook's
    `tests`."""

    playbook: Path
    config: Path | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    task: str | None = None
    case: str | None = None
    settings: Sequence[tuple[str, str]] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    started_at: str | None = None
    offline: bool = False
    allow_write: Collection[str] = ()
    allow_every_write: bool = False
    reuse: Path | None = None
    runs: Path = Path("runs")


def configured(options: RunOptions) -> Configuration:
    """The configuration of a run, from its files.

    Raises `ConfigError` with everything that is wrong with them, `RunnerError` where they hold a secret.
    """
    return loaded({**origin(options), "playbook": options.playbook, "directory": options.config})


def loaded(origin: Mapping[str, Json]) -> Configuration:
    """As `configured`, from the origin that a journal has recorded."""
    configuration = load(
        Path(origin["playbook"]),
        directory=Path(origin["directory"]) if origin.get("directory") else None,
        inputs=origin.get("inputs"),
        task=origin.get("task"),
        case=origin.get("case"),
        settings=[(name, value) for name, value in origin.get("settings", ())],
    )
    parts = {kind: configuration.source[kind] for kind in ("playbook", "agents", "tools")}
    # A comment in what a key is set to is no part of the configuration, but of its origin.
    _check_secrets({**parts, "options": origin}, secrets_of(os.environ))
    return configuration


def origin(options: RunOptions) -> dict[str, Json]:
    """Where the configuration of a run comes from, as plain data that hold in any working directory.

    Text of a person is masked here, so that no secret of the environment is recorded or sent.
    """
    secrets = secrets_of(os.environ)
    return {
        "playbook": _plain(options.playbook),
        "directory": _plain(options.config) if options.config else None,
        "inputs": {name: shown(value, secrets, MAX_TEXT) for name, value in options.inputs.items()},
        "task": options.task and shown(options.task, secrets, MAX_TEXT),
        "case": options.case,
        "settings": [list(setting) for setting in options.settings],
        "reuse": str(options.reuse.absolute()) if options.reuse else None,
    }


def _plain(path: Path) -> str:
    """The path as text that a journal takes; one that is not UTF-8 is not found again by it."""
    return str(path.absolute()).encode(errors="backslashreplace").decode()


def _check_secrets(parts: Mapping[str, Json], secrets: Collection[str]) -> None:
    """Raise `RunnerError` where the configuration, which the journal keeps, holds a secret of the environment."""
    for kind, part in parts.items():
        if holds_secret(json.dumps(part, ensure_ascii=False, default=str), secrets):
            raise RunnerError(
                f"the value of a secret of the environment stands in the configuration ({kind}), which would be "
                "recorded and sent to the model",
                "Take it out. If it is no secret, unset the variable for this run, or give it another name.",
            )
