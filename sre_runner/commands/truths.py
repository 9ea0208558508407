"""What turned out to be true of runs: read from a file that a person keeps, or from the labels of the runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sre_runner.casefile import SEVERITIES
from sre_runner.documents.yaml.document import Document, check, load
from sre_runner.errors import ConfigError, Problem
from sre_runner.journal.file import JOURNAL
from sre_runner.journal.record import Record
from sre_runner.text.naming import said

BY_LABEL = "label:"
"""Before the name of a label, in the place of a file."""

LABEL = "true_severity"
"""The label that is looked at for a run of which the file says nothing."""

_SCHEMA = {
    "description": "A mapping from runs, labels such as `incident=INC-123`, or playbooks to the true severity.",
    "type": "object",
    "additionalProperties": {"description": "P1 is the most severe.", "enum": list(SEVERITIES)},
}


def truths(source: str, records: Mapping[Path, Record]) -> dict[Path, str]:
    """The true severity of each run, by its folder; runs of which nothing is known are left out.

    `source` is `label:NAME`, or the path of a YAML file whose keys are names of runs, labels as `--label` takes them,
    or playbooks, which count where nothing says more of a run. Raises ConfigError with every severity that is none, and
    every contradiction, at its place.
    """
    if source.startswith(BY_LABEL):
        return _labelled(source.removeprefix(BY_LABEL), records)
    document = load(Path(source), source)
    problems = check(document, _SCHEMA)
    if problems:
        raise ConfigError(problems)
    written = _written(document, records)
    labelled = _labelled(LABEL, {run: record for run, record in records.items() if run not in written})
    names = {run: str(record.started.configuration.get("playbook", {}).get("name")) for run, record in records.items()}
    of_playbooks = {run: document.data[name] for run, name in names.items() if name in document.data}
    return {**of_playbooks, **labelled, **written}


def _labelled(label: str, records: Mapping[Path, Record]) -> dict[Path, str]:
    found = {run: record.started.labels[label] for run, record in records.items() if label in record.started.labels}
    hint = f"Name the run in a file for --truth; a severity is one of {', '.join(SEVERITIES)}."
    problems = [
        Problem(str(run / JOURNAL), 1, 1, f"the label {said(label)} is {said(value)}, which is no severity", hint)
        for run, value in found.items()
        if value not in SEVERITIES
    ]
    if problems:
        raise ConfigError(problems)
    return found


def _written(document: Document, records: Mapping[Path, Record]) -> dict[Path, str]:
    found: dict[Path, str] = {}
    problems = []
    for run, record in records.items():
        names = [run.name, record.started.run, *(f"{name}={value}" for name, value in record.started.labels.items())]
        keys = [key for key in document.data if key in names]
        for key in keys:
            if document.data[key] != found.setdefault(run, document.data[key]):
                message = f"{said(key)} and {said(keys[0])} are the same run, {said(run.name)}, with another severity"
                problems.append(document.problem((key,), message, "Leave one of the two out.", key=True))
    if problems:
        raise ConfigError(problems)
    return found
