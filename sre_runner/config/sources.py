"""`Configuration.source`: checked plain data, complete in itself, and the specs that are built from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from sre_runner.casefile import Json
from sre_runner.coordination.expectations.reading import expect_of
from sre_runner.coordination.expectations.table import EXPECT
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.errors import RunnerError
from sre_runner.specs import (
    AgentSpec,
    AlertPaths,
    BudgetSpec,
    CaseSpec,
    Configuration,
    CoordinatorSpec,
    FeedbackSpec,
    ModelSpec,
    Playbook,
    Price,
    Role,
    ToolSpec,
    VoteSpec,
    World,
)
from sre_runner.tools.backends.table import backend_of

Kind = Literal["agent", "tools", "playbook"]
WORLDS: tuple[World, ...] = ("simulated", "live")

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
    for world in WORLDS:
        if world in filled:
            filled[world] = dict(backend_of(world, filled[world]).source(filled[world], rows, text))
    return filled


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
            tools={name: tool_of(name, data) for name, data in source["tools"].items()},
            source=source,
            digest=digest_of_source(source),
            servers=source.get("servers", {}),
            secrets=source.get("secrets", {}),
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
    strategy = STRATEGIES[coordinator["strategy"]]
    return Playbook(
        name=data["name"],
        description=data["description"],
        inputs=data["inputs"],
        task=data["task"],
        specialists=tuple(data["specialists"]),
        coordinator=CoordinatorSpec(
            strategy=strategy.name,
            planner=coordinator.get("planner"),
            synthesizer=coordinator.get("synthesizer"),
            max_parallel=coordinator["max_parallel"],
            reviewer=coordinator.get("reviewer"),
            feedback=FeedbackSpec(**coordinator["feedback"]) if "feedback" in coordinator else None,
            votes=tuple(_vote(name, vote) for name, vote in coordinator["votes"].items()),
            judge=next((coordinator[key] for key, role in strategy.leads.items() if role is Role.JUDGE), None),
            parameters={key: coordinator[key] for key in strategy.keys if key in coordinator.keys() - strategy.leads},
        ),
        model=_model(data["model"]),
        budget=BudgetSpec(**data.get("budget", {})),
        expect=expect_of(data.get("expect", {}), EXPECT),
        tests=tuple(_case(name, case) for name, case in data.get("tests", {}).items()),
        alert_paths=AlertPaths(**data.get("alert", {})),
        alert=data.get("received"),
        backend=data.get("backend", "simulated"),
        without=tuple(data.get("without", ())),
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
    return CaseSpec(name, expect_of(data["expect"], EXPECT), data["inputs"], data.get("task"))


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


def tool_of(name: str, data: Mapping[str, Json]) -> ToolSpec:
    """The tool that a source has under this name."""
    return ToolSpec(
        name=name,
        description=data["description"],
        input_schema=data["input_schema"],
        effect=data["effect"],
        simulated=data.get("simulated"),
        live=data.get("live"),
        timeout=float(data["timeout"]),
        max_output=int(data["max_output"]),
    )
