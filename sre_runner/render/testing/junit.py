"""Tested cases as JUnit XML, which CI servers read: a suite for each playbook, a testcase for each case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as Xml

from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.testing.cases import case_text, reasons
from sre_runner.testing.cases import Judged, Outcome
from sre_runner.text.output import printable

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write, not even escaped."""


def junit(judged: Sequence[Judged], skipped: Sequence[Path], seconds: float, began: datetime, rehearsal: bool) -> str:
    """The whole document. Text of models and tools stands in it escaped, without characters that XML forbids."""
    suites: dict[Path, list[Xml.Element]] = {each.case.file: [] for each in judged}
    for each in judged:
        suites[each.case.file].append(_testcase(each))
    for file in skipped:
        suites[file] = [_skipped(file)]
    root = _element("testsuites", name="sre-run test", **_totals(_flat(suites.values())), time=f"{seconds:.3f}")
    for file, cases in suites.items():
        suite = _element("testsuite", name=file.stem, **_totals(cases), **_count(cases, "skipped"))
        suite.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")
        suite.set("timestamp", began.replace(microsecond=0, tzinfo=None).isoformat())
        if rehearsal:
            properties = _element("properties")
            properties.append(_element("property", name="rehearsal", value=REHEARSAL))
            suite.append(properties)
        suite.extend(cases)
        root.append(suite)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _testcase(judged: Judged) -> Xml.Element:
    playbook = judged.case.configuration.playbook.name
    case = _element("testcase", classname=playbook, name=judged.case.name, time=f"{judged.seconds:.3f}")
    why = list(reasons(judged))
    if judged.outcome is not Outcome.PASSED:
        failed = judged.outcome is Outcome.FAILED
        problem = _element("failure" if failed else "error", message=_message(judged), type=str(judged.outcome))
        problem.text = _valid("\n".join(why))
        case.append(problem)
    said = _element("system-out")
    folders = [f"sre-run show {trial.folder}" for trial in judged.trials if trial.folder]
    said.text = _valid("\n".join([case_text(judged).split("\n")[0], *folders]))
    case.append(said)
    return case


def _message(judged: Judged) -> str:
    """The failure on one line: the first thing that was not as expected, and how much else was not."""
    wrong = [each for trial in judged.trials for each in trial.expectations if not each.holds]
    if judged.outcome is not Outcome.FAILED or not wrong:
        return next(iter(reasons(judged)))
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    return f"expected: {wrong[0].expected}; found: {wrong[0].found}{more}"


def _skipped(file: Path) -> Xml.Element:
    case = _element("testcase", classname=file.stem, name="default", time="0.000")
    case.append(_element("skipped", message="the playbook has neither `expect` nor `tests`"))
    return case


def _totals(cases: Iterable[Xml.Element]) -> dict[str, str]:
    cases = list(cases)
    return {"tests": str(len(cases)), **_count(cases, "failures", "failure"), **_count(cases, "errors", "error")}


def _count(cases: Iterable[Xml.Element], name: str, tag: str = "") -> dict[str, str]:
    return {name: str(sum(case.find(tag or name) is not None for case in cases))}


def _flat(groups: Iterable[list[Xml.Element]]) -> list[Xml.Element]:
    return [case for group in groups for case in group]


def _element(tag: str, **attributes: str) -> Xml.Element:
    return Xml.Element(tag, {name: _valid(" ".join(value.split())) for name, value in attributes.items()})


def _valid(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", printable(text))
