"""The inputs of a playbook as text: those that it states, those that an alert fills, and those that a person gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sre_runner.casefile import Json
from sre_runner.config.alerts import BadPathError, NothingThereError, parsed, text_at
from sre_runner.config.directory import File
from sre_runner.documents.hints import choices
from sre_runner.documents.json_schema.complaints import Path as Place
from sre_runner.documents.rendering import render
from sre_runner.errors import ConfigError, Problem
from sre_runner.text.naming import said


@dataclass(frozen=True)
class Wishes:
    """What a person asks of a playbook: inputs, a task and a case instead of its own, and the alert that it is about.

    `alert` is the payload, bounded and masked. Where `only_shown`, nothing is run, and an input that an alert would
    fill needs none.
    """

    inputs: Mapping[str, str] = field(default_factory=dict)
    task: str | None = None
    case: str | None = None
    alert: Json = None
    only_shown: bool = False


@dataclass(frozen=True)
class _Input:
    """What a file says of an input: its text, which is None where only an alert has it, and its path in an alert."""

    text: str | None
    path: str = ""

    @property
    def in_words(self) -> str:
        """For those who have no alert: `[commonLabels.service of the alert, or payments]`."""
        if not self.path:
            return str(self.text)
        return f"[{self.path} of the alert" + (f", or {self.text}]" if self.text is not None else "]")


def _entries(file: File, *case: str) -> dict[str, _Input]:
    """The inputs of a playbook, or of a case, numbers as they are written: `1.50` stays that. A mapping that does not
    fit the schema is passed over."""
    assert file.document is not None
    found = {}
    for name, value in (file.at(*case, "inputs") or {}).items():
        place: Place = (*case, "inputs", name)
        path = value.get("alert") if isinstance(value, Mapping) else ""
        if not isinstance(path, str):
            continue
        if isinstance(value, Mapping):
            place, value = (*place, "default"), value.get("default")
        text = None if path and value is None else file.document.written(place) or str(value)
        found[name] = _Input(text, path)
    return found


def inputs_of(file: File, *case: str) -> dict[str, str]:
    """The inputs of a playbook that has no problems, or of a case (`tests`, its name), as text. What an alert fills is
    said in words."""
    return {name: entry.in_words for name, entry in _entries(file, *case).items()}


def stated_inputs(file: File) -> dict[str, str]:
    """The inputs of a playbook that has no problems, without those that only an alert has."""
    return {name: entry.text for name, entry in _entries(file).items() if entry.text is not None}


def needs_alert(file: File) -> bool:
    """Whether a playbook that has no problems has an input that only an alert, or a person, can give."""
    return any(entry.text is None for entry in _entries(file).values())


def filled(file: File, wishes: Wishes) -> dict[str, str]:
    """The inputs of a run of a playbook that has no problems: of the command line, or else of the case, of the alert,
    or of the playbook. Raises `ConfigError` with each that has no value."""
    case = inputs_of(file, "tests", wishes.case) if wishes.case is not None else {}
    stated = {**case, **wishes.inputs}
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for name, entry in _entries(file).items():
        try:
            found[name] = stated[name] if name in stated else _of_alert(entry, wishes)
        except NothingThereError as error:
            message = f"the input {said(name)} has no value: {error.message}"
            problems.append(file.problem(("inputs", name), message, error.hint.replace(_NAME, name)))
    if problems:
        raise ConfigError(problems)
    return found


def _of_alert(entry: _Input, wishes: Wishes) -> str:
    if not entry.path or (wishes.alert is None and wishes.only_shown):
        return entry.in_words
    if wishes.alert is None:
        if entry.text is not None:
            return entry.text
        raise NothingThereError(f"it is taken from an alert ({entry.path}), and none was given", _WITHOUT_ALERT)
    try:
        return text_at(wishes.alert, entry.path)
    except NothingThereError:
        if entry.text is None:
            raise
        return entry.text


_NAME = "NAME"
_WITHOUT_ALERT = f"Add --alert FILE or --input {_NAME}=VALUE, or state a `default`; a case of `tests` has `inputs`."


def task_of(file: File, wishes: Wishes, inputs: Mapping[str, str]) -> str:
    """The task of a run: of the command line or the alert, word for word, or else of the case or playbook, rendered.

    Raises `ConfigError` where the alert does not have it, `RunnerError` where it cannot be rendered.
    """
    if wishes.task is not None:
        return wishes.task
    of_case = file.at("tests", wishes.case, "task") if wishes.case is not None else None
    path = file.at("alert", "task")
    if of_case or not path or wishes.alert is None:
        return render(of_case or file.at("task"), inputs)
    try:
        return text_at(wishes.alert, path)
    except NothingThereError as error:
        problem = file.problem(("alert", "task"), f"there is no task: {error.message}", error.hint)
        raise ConfigError([problem]) from None


def alert_problems(file: File) -> Iterator[Problem]:
    """A problem for each path into an alert that is not one, at its place."""
    places: list[Place] = [("inputs", name, "alert") for name in file.names("inputs")]
    places += [("alert", "task"), ("alert", "started_at")]
    places += [("alert", "labels", name) for name in file.names("alert", "labels")]
    for place in places:
        path = file.sound(*place)
        if isinstance(path, str):
            try:
                parsed(path)
            except BadPathError as error:
                message = f"{said(path)} is not a path into an alert: {error.message} (character {error.column})"
                yield file.problem(place, message, error.hint)


def input_problems(file: File, given: Mapping[str, str]) -> Iterator[Problem]:
    """A problem for each `--input` that the playbook does not have."""
    names = file.names("inputs")
    if not file.readable or not isinstance(file.at("inputs") or {}, dict):
        return
    for name, value in given.items():
        if name not in names:
            hint = choices(name, names, "It has none: add it under `inputs` in the playbook.")
            message = f"the playbook {file.name} has no input {said(name)}"
            line = f"--input {name}={value}".split("\n")[0]
            yield Problem("--input", 1, len("--input ") + 1, message, hint, line)
