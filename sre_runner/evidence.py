"""Does the quote stand in that answer? Findings and citations checked against what the model was shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sre_runner.casefile import Evidence, Finding, Json

Shown = Mapping[str, str]
"""What a conversation's calls answered, as the model saw it (masked and cut): call id (`c1`) to text."""

# An escape sequence as the engine writes it in text for a model, and as it is.
_ANSI = re.compile(r"(?:\x1b|\\x1b|\\u001b)\[[0-9;?]*[A-Za-z]")
_SPACE = re.compile(r"\s+")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')


Known = Mapping[str, bool]
"""The findings that other agents reported before (`k8s-expert/f2`), and whether each is verified."""


def checked(findings: Sequence[Finding], shown: Shown, known: Known) -> tuple[Finding, ...]:
    """The findings with `doubt` saying why one is unverified. All items of a finding must stand."""
    return tuple(replace(finding, doubt=_doubt(finding, shown, known)) for finding in findings)


def _doubt(finding: Finding, shown: Shown, known: Known) -> str:
    doubts = [doubt for item in finding.evidence if (doubt := _item_doubt(item, shown, known))]
    return "; ".join(doubts) if finding.evidence else "no evidence is given"


def _item_doubt(item: Evidence, shown: Shown, known: Known) -> str:
    if item.finding:
        return "" if known.get(item.finding) else f"{item.finding} is no verified finding"
    if item.call is None or item.call not in shown:
        return f"there is no answered call {item.call}"
    if not stands(item.quote or "", shown[item.call]):
        return f"the quote does not stand in the answer of {item.call}"
    return ""


def citation_doubts(fields: Mapping[str, Json], known: Known) -> list[str]:
    """What a conclusion cites that is no verified finding, a line each; [] for a report that concludes nothing."""
    if "root_cause" not in fields:
        return []
    cited = [item["finding"] for item in fields["root_cause"]["evidence"]]
    doubts = [f"root_cause rests on {name}, which is no verified finding" for name in cited if not known.get(name)]
    if not cited:
        doubts.append("root_cause rests on no finding")
    shown = (item["finding"] for item in fields["evidence"])
    return doubts + [f"evidence has {name}, which is no verified finding" for name in shown if not known.get(name)]


def stands(quote: str, text: str) -> bool:
    """Whether a quote stands in a text that a tool answered.

    Both are compared without ANSI codes and with white space collapsed; where the text is JSON, also after one
    unescaping, and without white space outside strings. Nothing else is forgiven. An empty quote stands nowhere.
    """
    wanted, given = _ANSI.sub("", quote), _ANSI.sub("", text)
    if not _collapsed(wanted):
        return False
    if _collapsed(wanted) in _collapsed(given):
        return True
    if given.lstrip()[:1] not in ("{", "["):
        return False
    if _collapsed(wanted) in _collapsed(_unescaped(given)):
        return True
    compact = _compact(given)
    # A quote may begin inside a string; then its first quotation mark closes one.
    forms = {_compact(wanted), _compact(f'"{wanted}')[1:]}
    return any(form in compact for form in forms if form)


def _collapsed(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: str(json.loads(f'"{match[0]}"')), text)


def _compact(text: str) -> str:
    """JSON without white space outside its strings; it need not be whole."""
    kept, place = [], 0
    for string in _STRING.finditer(text):
        kept += [_SPACE.sub("", text[place : string.start()]), string[0]]
        place = string.end()
    return "".join([*kept, _SPACE.sub("", text[place:])])
