"""`Configuration.source`: checked plain data, complete in itself, and the specs that are built from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sre_runner.casefile import Json
from sre_runner.errors import RunnerError
from sre_runner.specs import (
    AgentSpec,
    AlertPaths,
    BudgetSpec,
    CaseSpec,
    Configuration,
    CoordinatorSpec,
    ExpectedSpecialist,
    ExpectSpec,
    FeedbackSpec,
    Matcher,
    Mention,
    ModelSpec,
    Playbook,
    Price,
    Role,
    SimulatedAnswer,
    SimulatedQuery,
    ToolSpec,
    VoteSpec,
)

Kind = Literal["agent", "tools", "playbook"]

_SCHEMAS = Path(__file__).parents[1] / "schemas"

CACHE_WRITE, CACHE_READ = 1.25, 0.1
"""What cached input costs where a `price` does not say: the Messages API's usual multiples of `input`."""


@cache
def schema(kind: Kind) -> Mapping[str, Any]:
    """The published JSON Schema of a kind of file; read only."""
    loaded: dict[str, Any] = json.loads((_SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    return loaded


def with_defaults(properties: Mapping[str, Any], data: Mapping[str, Json]) -> dict[str, Json]:
    """The data with the defaults of its schema's properties filled in, in the schema's order."""
    defaults = {name: rule["default"] for name, rule in properties.items() if "default" in rule}
    return {name: data.get(name, defaults.get(name)) for name in properties if name in data or name in defaults}


def agent_source(data: Mapping[str, Json]) -> dict[str, Json]:
    """What an agent's file says, as it stands in a source."""
    return with_model(with_defaults(schema("agent")["properties"], data))


def tool_source(data: Mapping[str, Json], rows: Mapping[str, Json], text: Callable[[str], str]) -> dict[str, Json]:
    """What an entry of `tools` says, as it stands in a source: with the rows of its data set and the texts of its
    files in the place of their names. `rows` are all data sets of its family, `text` reads a file."""
    filled = with_defaults(schema("tools")["$defs"]["tool"]["properties"], data)
    simulated = filled["simulated"]
    if "rows" in simulated:
        return {**filled, "simulated": {**simulated, "rows": rows[simulated["rows"]]}}
    answers = [
        {"return" if key == "file" else key: text(value) if key == "file" else value for key, value in answer.items()}
        for answer in simulated["answers"]
    ]
    return {**filled, "simulated": {"answers": answers}}


def with_model(data: dict[str, Json]) -> dict[str, Json]:
    """The data with its model, if it names one, as a mapping with defaults."""
    if "model" not in data:
        return data
    model = {"name": data["model"]} if isinstance(data["model"], str) else data["model"]
    return {**data, "model": with_defaults(schema("agent")["$defs"]["model"]["properties"], model)}


def configuration(source: Mapping[str, Json]) -> Configuration:
    """The configuration of a source; raise `RunnerError` where it was not made by `sre-run`, or by another version."""
    try:
        return Configuration(
            playbook=_playbook(source["playbook"]),
            agents={name: _agent(name, data) for name, data in source["agents"].items()},
            tools={name: _tool(name, data) for name, data in source["tools"].items()},
            source=source,
            digest=digest_of_source(source),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunnerError(
            f"the recorded configuration cannot be used: {error!r}", "It may be from another version of sre-run."
        ) from error


def digest_of_source(source: Mapping[str, Json]) -> str:
    """The SHA-256 of a source's canonical JSON."""
    canonical = json.dumps(source, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()


def _playbook(data: Mapping[str, Json]) -> Playbook:
    coordinator = data["coordinator"]
    return Playbook(
        name=data["name"],
        description=data["description"],
        inputs=data["inputs"],
        task=data["task"],
        specialists=tuple(data["specialists"]),
        coordinator=CoordinatorSpec(
            strategy=coordinator["strategy"],
            planner=coordinator.get("planner"),
            synthesizer=coordinator.get("synthesizer"),
            max_parallel=coordinator["max_parallel"],
            reviewer=coordinator.get("reviewer"),
            feedback=FeedbackSpec(**coordinator["feedback"]) if "feedback" in coordinator else None,
            votes=tuple(_vote(name, vote) for name, vote in coordinator["votes"].items()),
            stop_when={
                agent: {field: tuple(values) for field, values in fields.items()}
                for agent, fields in coordinator.get("stop_when", {}).items()
            },
            rounds=coordinator.get("rounds", 1),
            judge=coordinator.get("judge"),
        ),
        model=_model(data["model"]),
        budget=BudgetSpec(**data.get("budget", {})),
        expect=expect_of(data.get("expect", {})),
        tests=tuple(_case(name, case) for name, case in data.get("tests", {}).items()),
        alert_paths=AlertPaths(**data.get("alert", {})),
        alert=data.get("received"),
    )


def _vote(name: str, data: Mapping[str, Json]) -> VoteSpec:
    return VoteSpec(
        name=name,
        field=data["field"],
        options=tuple(data["options"]),
        rule=data["rule"],
        otherwise=data["otherwise"],
        weights={agent: float(weight) for agent, weight in data.get("weights", {}).items()},
        quorum=data.get("quorum", 0),
        voters=tuple(data.get("voters", ())),
    )


def _case(name: str, data: Mapping[str, Json]) -> CaseSpec:
    return CaseSpec(name, expect_of(data["expect"]), data["inputs"], data.get("task"))


_MENTIONS = ("mentions", "must_not_mention")


def expect_of(data: Mapping[str, Json]) -> ExpectSpec:
    """What `expect` says, with or without its defaults."""
    specialists = {name: _expected_specialist(expected) for name, expected in data.get("specialists", {}).items()}
    given = data.get("verdicts", {})
    verdicts = {vote: (value,) if isinstance(value, str) else tuple(value) for vote, value in given.items()}
    return ExpectSpec(**{**data, **_lists(data), "verdicts": verdicts, "specialists": specialists})


def _expected_specialist(data: Mapping[str, Json]) -> ExpectedSpecialist:
    report = {field: tuple(value) if isinstance(value, list) else (value,) for field, value in data["report"].items()}
    return ExpectedSpecialist(**{**data, **_lists(data), "report": report})


def _lists(data: Mapping[str, Json]) -> dict[str, tuple[Any, ...]]:
    lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
    return {key: tuple(map(_mention, value)) if key in _MENTIONS else value for key, value in lists.items()}


def _mention(data: Json) -> Mention:
    return Mention(data["text"], data["in"]) if isinstance(data, Mapping) else Mention(data)


def _agent(name: str, data: Mapping[str, Json]) -> AgentSpec:
    return AgentSpec(
        name=name,
        role=Role(data["role"]),
        description=data["description"],
        prompt=data["prompt"],
        tools=tuple(data["tools"]),
        max_iterations=int(data["max_iterations"]),
        report=data["report"],
        timeout=float(data["timeout"]),
        model=_model(data["model"]) if "model" in data else None,
    )


def model_of(given: Json) -> ModelSpec:
    """The model that a file names: by its name alone, or by a mapping."""
    return _model(with_model({"model": given})["model"])


def _model(data: Mapping[str, Json]) -> ModelSpec:
    price = data.get("price")
    return ModelSpec(data["name"], int(data["max_tokens"]), data.get("effort"), _price(price) if price else None)


def _price(data: Mapping[str, Json]) -> Price:
    paid = float(data["input"])
    return Price(
        input=paid,
        output=float(data["output"]),
        cache_write=float(data.get("cache_write", CACHE_WRITE * paid)),
        cache_read=float(data.get("cache_read", CACHE_READ * paid)),
    )


def _tool(name: str, data: Mapping[str, Json]) -> ToolSpec:
    simulated = data["simulated"]
    return ToolSpec(
        name=name,
        description=data["description"],
        input_schema=data["input_schema"],
        effect=data["effect"],
        simulated=_query(simulated) if "rows" in simulated else tuple(map(_answer, simulated["answers"])),
        timeout=float(data["timeout"]),
        max_output=int(data["max_output"]),
    )


def _answer(data: Mapping[str, Json]) -> SimulatedAnswer:
    outputs = tuple(data["returns"]) if "returns" in data else (data["return"],) if "return" in data else ()
    return SimulatedAnswer(
        when={name: matcher(value) for name, value in data.get("when", {}).items()},
        outputs=outputs,
        error=data.get("error"),
        delay=float(data.get("delay", 0)),
        timeout=data.get("timeout", False),
        no_data=data.get("no_data"),
        in_turn=tuple(map(_answer, data.get("in_turn", ()))),
        exact=data.get("exact", False),
        asked_by=data.get("asked_by"),
    )


def _query(data: Mapping[str, Json]) -> SimulatedQuery:
    group_by = data.get("group_by")
    named = isinstance(group_by, str)
    return SimulatedQuery(
        rows=tuple(data["rows"]),
        where={column: matcher(value, of_row=True) for column, value in data.get("where", {}).items()},
        result=data["return"],
        group_by=group_by if named else None,
        group_by_arg=None if named or group_by is None else group_by["arg"],
        delay=float(data.get("delay", 0)),
    )


def matcher(data: Json, *, of_row: bool = False) -> Matcher:
    """A value or a mapping of `when` (or, `of_row`, of `where`) as a Matcher.

    `ignore_case` beside `any_of` holds for all that stands in it.
    """
    if not isinstance(data, Mapping):
        return Matcher("equals", data)
    ignore_case = data.get("ignore_case", False)
    ((kind, operand),) = ((key, value) for key, value in data.items() if key != "ignore_case")
    if kind == "arg":
        return Matcher("equals", arg=operand, ignore_case=ignore_case)
    if kind == "any_of":
        inner = [{"ignore_case": True, **_as_mapping(item)} if ignore_case else item for item in operand]
        return Matcher("any_of", tuple(matcher(item) for item in inner), ignore_case=ignore_case)
    if of_row and kind != "present" and isinstance(operand, Mapping) and set(operand) == {"arg"}:
        return Matcher(kind, arg=operand["arg"], ignore_case=ignore_case)
    return Matcher(kind, operand, ignore_case=ignore_case)


def _as_mapping(item: Json) -> Mapping[str, Json]:
    return item if isinstance(item, Mapping) else {"equals": item}
