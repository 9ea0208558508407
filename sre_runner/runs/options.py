"""What a person asks of a run, and the configuration that it makes of the files."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sre_runner.casefile import Json
from sre_runner.config.alerts import LONGEST_LABEL, NothingThereError, fitted, labels_of, moment_of, started_at, text_at
from sre_runner.config.directory import Directory
from sre_runner.config.loading import load
from sre_runner.documents.json_schema.complaints import dotted
from sre_runner.errors import RunnerError
from sre_runner.investigation.terms import Asker
from sre_runner.specs import Configuration, Playbook
from sre_runner.text.naming import said
from sre_runner.text.output import holds_secret, secret_variables, secrets_of, shown

MAX_TEXT = 100_000
"""Characters of a task, input or label; more is cut, as tool output is."""


@dataclass(frozen=True)
class RunOptions:
    """What the person asked for: the options of `sre-run run`, under their names; `case` is one of the playbook's
    `tests`, `alert` the payload as plain data, `runs` left out is beside `agents.d`, `sign` asks for signatures."""

    playbook: Path
    config: Path | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    task: str | None = None
    alert: Json = None
    case: str | None = None
    settings: Sequence[tuple[str, str]] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    started_at: str | None = None
    offline: bool = False
    allow_write: Collection[str] = ()
    allow_every_write: bool = False
    ask: Asker | None = None
    reuse: Path | None = None
    runs: Path | None = None
    sign: bool = False


def configured(options: RunOptions, *, only_shown: bool = False, directory: Directory | None = None) -> Configuration:
    """The configuration of a run, from its files; `only_shown` where nothing will be run, and no alert is needed.

    A `directory` keeps the files that it has read, for whoever makes many configurations of them.

    Raises `ConfigError` with everything that is wrong with them, `RunnerError` where they hold a secret.
    """
    given = {**origin(options), "playbook": options.playbook, "directory": options.config}
    return loaded(given, only_shown=only_shown, directory=directory)


def loaded(
    origin: Mapping[str, Json], *, only_shown: bool = False, directory: Directory | None = None
) -> Configuration:
    """As `configured`, from the origin that a journal has recorded."""
    configuration = load(
        Path(origin["playbook"]),
        directory=directory or (Path(origin["directory"]) if origin.get("directory") else None),
        inputs=origin.get("inputs"),
        task=origin.get("task"),
        case=origin.get("case"),
        settings=[(name, value) for name, value in origin.get("settings", ())],
        alert=origin.get("alert"),
        only_shown=only_shown,
    )
    parts = {kind: configuration.source.get(kind, {}) for kind in ("playbook", "agents", "tools", "servers")}
    # A comment in what a key is set to is no part of the configuration, but of its origin.
    _check_secrets({**parts, "options": origin}, secret_variables(os.environ))
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
        **({"alert": fitted(options.alert, secrets)[0]} if options.alert is not None else {}),
        "case": options.case,
        "settings": [list(setting) for setting in options.settings],
        "reuse": str(options.reuse.absolute()) if options.reuse else None,
    }


def _plain(path: Path) -> str:
    """The path as text that a journal takes; one that is not UTF-8 is not found again by it."""
    return str(path.absolute()).encode(errors="backslashreplace").decode()


def _check_secrets(parts: Mapping[str, Json], secrets: Mapping[str, str]) -> None:
    """Raise `RunnerError` where the configuration, which the journal keeps, holds a secret of the environment."""
    if not holds_secret(json.dumps(parts, ensure_ascii=False, default=str), secrets):
        return
    for value, name in secrets.items():
        if holds_secret(json.dumps(parts, ensure_ascii=False, default=str), [value]):
            place = dotted(_place_of(value, parts)) or "the configuration"
            raise RunnerError(
                f"the value of the variable {name} is in {shown(place, [*secrets], MAX_TEXT)}, which would be recorded "
                "and sent to the model",
                "Take it out. If it is not a secret, unset the variable for this run, or give it another name.",
            )


def _place_of(value: str, data: Json) -> tuple[str | int, ...]:
    """The way to the innermost part of the data that holds a secret."""
    items = data.items() if isinstance(data, Mapping) else enumerate(data) if isinstance(data, list | tuple) else ()
    for key, inner in items:
        if holds_secret(json.dumps(inner, ensure_ascii=False, default=str), [value]):
            return (key, *_place_of(value, inner))
    return ()


def alert_start(playbook: Playbook) -> str | None:
    """When the incident began, by the alert that a playbook is run on; None where there is none, or it does not say.

    Raises `RunnerError` where the playbook says where the time is, and there is none.
    """
    path = playbook.alert_paths.started_at
    if playbook.alert is None or path is None:
        return started_at(playbook.alert)
    try:
        text = text_at(playbook.alert, path)
    except NothingThereError as error:
        raise RunnerError(f"the start of the incident is not known: {error.message}", error.hint) from None
    moment = moment_of(text)
    if moment is None:
        raise RunnerError(
            f"{said(path)} is {said(text)} in the alert, which is not a time in ISO 8601 with its offset",
            "Give the time with --started-at, or correct `alert.started_at` in the playbook.",
        )
    return moment.isoformat()


def alert_labels(playbook: Playbook) -> dict[str, str]:
    """The labels for a run that the alert has; one that the playbook names and the alert lacks is left out."""
    paths = playbook.alert_paths.labels
    if playbook.alert is None or paths is None:
        return labels_of(playbook.alert)
    found = {}
    for name, path in paths.items():
        with contextlib.suppress(NothingThereError):
            found[name] = text_at(playbook.alert, path)[:LONGEST_LABEL]
    return found
