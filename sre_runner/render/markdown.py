"""A record as a readable Markdown document: the conclusion, what it rests on, and how it was done."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from sre_runner.casefile import Evidence, Finding, Json, Status
from sre_runner.journal import Record, WorkRecord
from sre_runner.render import facts
from sre_runner.render.escape import code_block, code_span, inline, paragraphs
from sre_runner.reports import base_fields
from sre_runner.specs import Role

Lines = Iterable[str]


def markdown(record: Record) -> str:
    """The document, ending with a newline. It has nothing that is not in the record."""
    notice = [f"> **{inline(facts.REHEARSAL)}**"] if record.rehearsal else []
    blocks = [*notice, *_head(record), *_analysis(record), *_specialists(record), *_how(record), *notice]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _head(record: Record) -> Lines:
    started = record.started
    playbook = facts.playbook(record)
    yield f"# {inline(str(playbook.get('description') or started.run))}"
    where = [f"run {inline(started.run)}", f"started {inline(started.case.started_at)}"]
    if started.case.incident_started_at:
        where.append(f"incident since {inline(started.case.incident_started_at)}")
    where += [f"{inline(name)}: {inline(value)}" for name, value in started.labels.items()]
    yield " · ".join(where)
    if record.conclusion is None:
        yield "**No conclusion was reached.**"
        return
    if record.conclusion.partial:
        yield "**This conclusion is partial.** What is missing:"
        yield "\n".join(f"- {inline(sentence)}" for sentence in record.conclusion.missing)
    if not record.conclusion.by_model:
        yield "No model drew this conclusion: the engine put the specialists' reports side by side."


def _analysis(record: Record) -> Lines:
    """The conclusion's own sections, in the order in which they are needed."""
    if record.conclusion is None:
        return
    fields = record.conclusion.fields
    yield f"**Severity: {inline(str(fields.get('severity') or 'not assessed'))}**"
    yield from _section("Summary", paragraphs(str(fields.get("incident_summary", ""))))
    cause = fields.get("root_cause", {})
    yield from _section("Root cause", paragraphs(str(cause.get("statement", ""))), _cited(record, cause))
    yield from _section("Immediate actions", _actions(fields.get("immediate_actions", [])))
    yield from _section("Long-term fix", paragraphs(str(fields.get("long_term_fix", ""))))
    yield from _section("Communication", paragraphs(str(fields.get("communication", ""))))
    alone = not facts.of_role(record, Role.SYNTHESIZER)  # then they stand in the specialist's own part
    own = {} if alone else {name: v for name, v in fields.items() if name not in base_fields(Role.SYNTHESIZER)}
    for name, value in own.items():
        yield from _section(_title(name), _data(value))


def _section(title: str, *blocks: str) -> Lines:
    if any(blocks):
        yield f"## {title}"
        yield from blocks


def _cited(record: Record, cause: Mapping[str, Json]) -> str:
    """The findings that the cause cites, each with what it rests on."""
    lines: list[str] = []
    for cited in _cited_ids(cause):
        found = facts.find(record, cited)
        if found is None:
            lines.append(f"- {inline(cited)}: no such finding was reported")
            continue
        work, finding = found
        lines.append(f"- **{inline(work.assignment.agent)}/{finding.id}** {inline(finding.statement)}")
        lines += [f"  - {_evidence(record, work, evidence)}" for evidence in finding.evidence]
    return "\n".join(lines)


def _cited_ids(cause: Mapping[str, Json]) -> list[str]:
    return list(dict.fromkeys(str(item["finding"]) for item in cause.get("evidence", [])))


def _evidence(record: Record, work: WorkRecord, evidence: Evidence) -> str:
    if evidence.finding:
        return f"rests on {inline(evidence.finding)}"
    call = facts.cited_call(record, work, evidence.call or "")
    made = code_span(call_text(call.request.name, call.request.request)) if call else "no such call was made"
    quote = (evidence.quote or "").strip("\n")
    said = "\n" + code_block(quote, "text", indent=4) if "\n" in quote else " " + code_span(quote)
    return f"{inline(evidence.call or '')} {made} says{said}"


def call_text(name: str, arguments: Json) -> str:
    """A tool call as people write it: `list_pods(namespace="payments")`."""
    if not isinstance(arguments, Mapping):
        return f"{name}({json.dumps(arguments, ensure_ascii=False)})"
    given = (f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in arguments.items())
    return f"{name}({', '.join(given)})"


def _actions(actions: Sequence[Mapping[str, Json]]) -> str:
    lines: list[str] = []
    for number, action in enumerate(actions, start=1):
        lead = f"{number}. "
        lines.append(lead + inline(str(action.get("action", ""))))
        if action.get("command"):
            lines += ["", code_block(str(action["command"]), "sh", indent=len(lead)), ""]
    return "\n".join(lines).strip("\n")


def _specialists(record: Record) -> Lines:
    works = facts.of_role(record, Role.SPECIALIST)
    if works:
        yield "## Evidence by specialist"
    cause = record.conclusion.fields.get("root_cause", {}) if record.conclusion else {}
    above = [found[1] for found in (facts.find(record, cited) for cited in _cited_ids(cause)) if found]
    for work in works:
        yield from _specialist(record, work, above)


def _specialist(record: Record, work: WorkRecord, above: Sequence[Finding]) -> Lines:
    report = work.report
    name = inline(work.assignment.agent)
    if report is None or report.status is not Status.COMPLETED:
        yield f"### {name}: {report.status if report else 'not finished'}"
        yield paragraphs(report.problem) if report else ""
        if report and report.last_said:
            yield "It last said:"
            yield code_block(report.last_said, "text")
        return
    fields = report.fields
    yield f"### {name}: {inline(str(fields.get('severity_assessment')))}, confidence {fields.get('confidence'):.2g}"
    yield paragraphs(str(fields.get("summary", "")))
    lines: list[str] = []
    for finding in report.findings:
        shown = any(finding is other for other in above)
        lines.append(f"- **{finding.id}** {inline(finding.statement)}{' (evidence: above)' if shown else ''}")
        lines += [f"  - {_evidence(record, work, evidence)}" for evidence in finding.evidence if not shown]
    yield "\n".join(lines)
    for own, value in fields.items():
        if own not in base_fields(Role.SPECIALIST):
            yield f"**{_title(own)}**"
            yield _data(value)
    if fields.get("open_questions"):
        yield "**Open questions**"
        yield _data(fields["open_questions"])


def _title(name: str) -> str:
    return inline(name.replace("_", " ").strip().capitalize())


def _data(value: Json) -> str:
    """Plain data for people: text as paragraphs, lists and objects as nested lists."""
    if isinstance(value, str):
        return paragraphs(value) or "none"
    return "\n".join(_nested(value, "")) if _has_parts(value) else _scalar(value)


def _nested(value: Json, indent: str) -> Lines:
    items = value.items() if isinstance(value, Mapping) else ((None, item) for item in value)
    for key, item in items:
        lead = f"{indent}-" + (f" {inline(str(key))}:" if key is not None else "")
        if key is None and isinstance(item, Mapping) and item and not any(map(_has_parts, item.values())):
            yield f"{lead} " + "; ".join(f"{inline(str(name))}: {_scalar(part)}" for name, part in item.items())
        elif _has_parts(item):
            yield lead
            yield from _nested(item, indent + "  ")
        else:
            yield f"{lead} {_scalar(item)}"


def _has_parts(value: Json) -> bool:
    return isinstance(value, list | Mapping) and bool(value)


def _scalar(value: Json) -> str:
    if isinstance(value, str):
        return inline(value) or '""'
    return "none" if value in (None, [], {}) else inline(json.dumps(value))


def _how(record: Record) -> Lines:
    yield "## How it was done"
    yield "\n".join(_agents_table(record))
    model, tools, usage = facts.counts(record, "model"), facts.counts(record, "tool"), record.usage()
    about = "about " if record.rehearsal else ""
    lines = [
        f"Duration: {record.seconds:.1f} s",
        f"Model calls: {model.made}{_but(model)}",
        f"Tool calls: {tools.made}{_but(tools)}",
        f"Tokens: {about}{usage.input_tokens:,} in, {about}{usage.output_tokens:,} out; "
        f"cached: {usage.cache_read_tokens:,} read, {usage.cache_write_tokens:,} written",
        f"Cost: {cost_line(facts.total_cost(record))}",
    ]
    notes = [*(record.conclusion.notes if record.conclusion else ()), *record.notes]
    yield "\n".join(f"- {inline(line)}" for line in [*lines, *notes])


def _agents_table(record: Record) -> Lines:
    yield "| agent | assignment | status | turns | tool calls | tokens in | tokens out | cached | seconds |"
    yield "|---|---|---|--:|--:|--:|--:|--:|--:|"
    for work in record.work.values():
        usage = record.usage(work.assignment.id)
        seconds = f"{work.finished - work.started:.1f}" if work.finished is not None else "–"
        cells = [
            inline(work.assignment.agent),
            inline(work.assignment.id),
            str(work.report.status) if work.report else "not finished",
            str(work.turns),
            str(facts.counts(record, "tool", work.assignment.id).made),
            f"{usage.input_tokens:,}",
            f"{usage.output_tokens:,}",
            f"{usage.cache_read_tokens + usage.cache_write_tokens:,}",
            seconds,
        ]
        yield f"| {' | '.join(cells)} |"


def _but(counts: facts.CallCounts) -> str:
    named = {
        "refused": counts.refused,
        "failed": counts.failed,
        "cancelled": counts.cancelled,
        "without data": counts.no_data,
    }
    parts = [f"{count} {name}" for name, count in named.items() if count]
    return f" ({', '.join(parts)})" if parts else ""


def cost_line(cost: facts.Cost) -> str:
    """A cost in words, with the source of the prices; a rehearsal's with what it would have been."""
    models = ", ".join(cost.models)
    if cost.would_be is not None:
        return f"$0.00; about ${cost.would_be:.4f} for as many tokens of {models} ({cost.prices})"
    if cost.usd is None:
        return f"unknown, as not every one of {models} has a price; it can be given in YAML, as price of the model"
    return f"${cost.usd:.4f}" + (f" for {models} ({cost.prices})" if models else "")
