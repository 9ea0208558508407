"""The offline model as synthesizer: the reports' findings as one conclusion that a person on call can act on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sre_runner.casefile import SEVERITIES, Json
from sre_runner.models.offline.causes import Picture, Told, confidence, picture, severity
from sre_runner.models.offline.findings import could_not_ask
from sre_runner.models.offline.hearing import NO_DATA, Heard, listing, mapping
from sre_runner.models.offline.notice import BRIEFLY, NO_ANSWER
from sre_runner.models.offline.remedies import actions, long_term
from sre_runner.models.offline.reporting import Item, Material, fill
from sre_runner.models.offline.table import signals
from sre_runner.models.offline.wording import cause_sentence, communication, summary
from sre_runner.models.offline.words import clean, telling

_MOST_CITED = 8
_MOST_EVIDENCE = 24


def conclude(heard: Heard) -> dict[str, Json]:
    """The report of a synthesizer."""
    reports = [mapping(each) for each in listing(heard.blocks.get("reports"))]
    told = [each for report in reports for each in _told(report)]
    missing = [clean(str(each), 300) for each in listing(heard.blocks.get("missing"))]
    given = {str(r.get("agent", "")): str(mapping(r.get("report")).get("severity_assessment", "")) for r in reports}
    known, items, grade = analysis(heard, told, missing, given)
    return fill(heard.report_schema, Material(items, grade, known["confidence"], known=known))


def analysis(
    heard: Heard, told: Sequence[Told], missing: Sequence[str], given: Mapping[str, str]
) -> tuple[dict[str, Json], list[Item], str]:
    """The fields of a conclusion, items for further fields, and the severity. `given` are the specialists' own
    severities."""
    made = picture(told, heard.about)
    made.silent = list(dict.fromkeys(_silent(heard)))
    grade = _grade(made, heard, given)
    cited = _cited(made)
    todo = actions(made, heard)
    cause = cause_sentence(made)
    sure = confidence([made.cause.strength] if made.cause else [], len(cited))
    known: dict[str, Json] = {
        "severity": grade,
        "confidence": sure,
        "incident_summary": " ".join([BRIEFLY, *filter(None, summary(made, heard, grade, given, missing))]),
        "root_cause": {"statement": cause, "evidence": [{"finding": each.id} for each in cited]},
        "evidence": [{"agent": each.agent, "finding": each.id} for each in _evidence(made, cited)],
        "immediate_actions": todo,
        "long_term_fix": long_term(made),
        "communication": f"{BRIEFLY} {communication(made, heard, grade, todo)}",
    }
    items = [_item(each, made) for each in told]
    return known, items, grade


def _told(report: Mapping[str, Json]) -> Iterator[Told]:
    """The findings of one specialist's report."""
    agent = str(report.get("agent", ""))
    for each in listing(mapping(report.get("report")).get("findings")):
        found = mapping(each)
        quotes = tuple(str(mapping(e)["quote"]) for e in listing(found.get("evidence")) if mapping(e).get("quote"))
        if found.get("id"):
            yield Told(str(found["id"]), agent, str(found.get("statement", "")), quotes)


def _silent(heard: Heard) -> Iterator[str]:
    """The tools that only failed, by this model's own calls and the specialists' questions; no data is an answer."""
    yield from (clean(tool, 80) for tool, why in could_not_ask(heard).items() if not _is_no_data(why))
    for report in listing(heard.blocks.get("reports")):
        for question in listing(mapping(mapping(report).get("report")).get("open_questions")):
            tool, found, why = str(question).partition(NO_ANSWER)
            if found and not _is_no_data(why):
                yield clean(tool, 80)


def _is_no_data(text: str) -> bool:
    return not text.strip() or NO_DATA.match(text) is not None


def _grade(made: Picture, heard: Heard, given: Mapping[str, str]) -> str:
    """The worse of what the signals say and of what a specialist with findings says."""
    seen = [signals()[name] for name in made.shown]
    own = severity(seen, heard.task)
    agents = {each.agent for each in made.told if each not in made.runbooks}
    stated = [grade for agent, grade in given.items() if agent in agents and grade in SEVERITIES]
    return min([own, *stated], key=SEVERITIES.index)


def _cited(made: Picture) -> list[Told]:
    """What shows the cause: its own findings, what brought it, then what it explains; every specialist first once."""
    if made.cause is None:
        return [*made.changes[:1], *made.findings(*made.effects), *made.others][:_MOST_CITED]
    own = made.findings(made.cause)
    change = [made.change] if made.change else []
    ordered = list(dict.fromkeys([*own, *change, *made.findings(*made.effects)]))
    agents = list(dict.fromkeys(each.agent for each in ordered))
    first = [next(each for each in ordered if each.agent == agent) for agent in agents]
    chosen = set(dict.fromkeys([*first, *ordered][: _MOST_CITED + len(first)]))
    return [each for each in ordered if each in chosen][: max(_MOST_CITED, len(first))]


def _evidence(made: Picture, cited: Sequence[Told]) -> list[Told]:
    return list(dict.fromkeys([*cited, *made.told]))[:_MOST_EVIDENCE]


def _item(told: Told, made: Picture) -> Item:
    topics = telling(told.statement)
    for name, findings in made.shown.items():
        if told in findings:
            topics |= signals()[name].topics
    if told in made.runbooks:
        topics |= {"runbook", "action", "step"}
    return Item(topics, clean(told.statement, 240), told.agent)
