"""What a playbook's file says, as it stands in a source: with defaults, the strategy's name, and options of votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sre_runner.casefile import SEVERITIES, Json
from sre_runner.config.sources import schema, with_defaults, with_model
from sre_runner.coordination.expectations.key import ExpectKeys
from sre_runner.coordination.expectations.table import EXPECT
from sre_runner.coordination.report_schemas import SEVERITY_FIELD
from sre_runner.coordination.strategies.table import STRATEGIES


def playbook_source(
    name: str, data: Mapping[str, Json], task: str, inputs: Mapping[str, str], agents: Mapping[str, Mapping[str, Json]]
) -> dict[str, Json]:
    """What a playbook's file says, as it stands in a source: with the rendered task, inputs that are text, and the
    options of every vote. `agents` are the sources of its agents; inputs of `tests` are text in `data` already."""
    properties = schema("playbook")["properties"]
    filled = with_model(with_defaults(properties, data))
    if "budget" in data:
        filled["budget"] = with_defaults(properties["budget"]["properties"], data["budget"])
    if "expect" in data:
        filled["expect"] = _expect_source(data["expect"], EXPECT)
    filled["tests"] = {name: _case_source(case) for name, case in filled["tests"].items()}
    reports = [agents[agent]["report"] for agent in filled["specialists"]]
    coordinator = _coordinator_source(filled["coordinator"], reports)
    return {"name": name, **filled, "inputs": dict(inputs), "task": task, "coordinator": coordinator}


def _case_source(data: Mapping[str, Json]) -> dict[str, Json]:
    return {**_filled("case", data), "expect": _expect_source(data["expect"], EXPECT)}


def _expect_source(data: Mapping[str, Json], keys: ExpectKeys) -> dict[str, Json]:
    filled = with_defaults({name: key.schema for name, key in keys.items()}, data)
    for name, inner in ((name, key.each) for name, key in keys.items() if key.each is not None):
        filled[name] = {one: _expect_source(given, inner) for one, given in filled[name].items()}
    return filled


def _coordinator_source(data: Mapping[str, Json], reports: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """The coordinator, with the strategy's name and, beside it, what a mapping says of it."""
    filled = with_defaults(schema("playbook")["properties"]["coordinator"]["properties"], data)
    name = str(strategy_name(filled["strategy"]))
    parameters = STRATEGIES[name].parameters
    if name != filled["strategy"] and parameters:
        filled |= {"strategy": name, **with_defaults(parameters.properties, filled["strategy"][name])}
    if "reviewer" in filled:
        filled["feedback"] = _filled("feedback", filled.get("feedback", {}))
    votes = {name: _filled("vote", vote) for name, vote in filled["votes"].items()}
    filled["votes"] = {name: {**vote, "options": vote_options(vote, reports)} for name, vote in votes.items()}
    return filled


def _filled(definition: str, data: Mapping[str, Json]) -> dict[str, Json]:
    return with_defaults(schema("playbook")["$defs"][definition]["properties"], data)


def strategy_name(given: Json) -> str | None:
    """The name of a strategy, which may be the only key of a mapping; None where it cannot be told."""
    if isinstance(given, Mapping):
        return str(next(iter(given))) if len(given) == 1 else None
    return given if isinstance(given, str) else None


def vote_options(vote: Mapping[str, Json], reports: Sequence[Mapping[str, Json]]) -> list[Json]:
    """The options of a vote: those that it states, or else the values of its field. `reports` are the own fields of the
    specialists' reports, one of which has the field."""
    if "options" in vote:
        return list(vote["options"])
    if vote["field"] == SEVERITY_FIELD:
        return list(SEVERITIES)
    return next(list(report[vote["field"]]["enum"]) for report in reports if vote["field"] in report)
