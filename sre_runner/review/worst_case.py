"""The most that a run can take: the coordinator played through with agents that use every turn that they have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sre_runner.casefile import SEVERITIES, Assignment, Case, Finding, Json, Report, Status, Usage, Wave
from sre_runner.coordination.coordinator import PLAN_ATTEMPTS, coordinate
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.investigation.agent import open_conversation
from sre_runner.models.estimates import CHARACTERS_PER_TOKEN, Amount, prompt_tokens, turn_amount
from sre_runner.models.messages import user_message
from sre_runner.models.prices import PRICES_AS_OF, cost
from sre_runner.specs import AgentSpec, Configuration, ModelSpec, Role
from sre_runner.text.blocks import block_json

WORDS_PER_TURN = 300
"""Tokens of the engine's own words in a turn: labels of outputs, reminders, what is wrong with a report."""
FINDING_TOKENS = 200
"""How long a finding is at least in a report that is as long as it may be; all ids go into the conclusion's schema."""
MOMENT = "2000-01-01T00:00:00+00:00"
"""Stands for a run's and an incident's beginning, which are as long."""

# A reply stands in what others are told as its length in tokens, between two characters of private use.
_LONG = re.compile("\ue000([0-9]{1,9})\ue001")


@dataclass(frozen=True)
class AgentWorst:
    """What one agent can take, at its own worst.

    `turns` are those within its caps, `model_calls` has the repair of each assignment's report besides. `usd` is None
    where its model has no price.
    """

    assignments: int
    turns: int
    model_calls: int
    tokens: int
    usd: float | None


@dataclass(frozen=True)
class WorstCase:
    """The most that a run can take, without its budget.

    `model_calls` cannot be exceeded; `tokens` and `usd` (None where a model has no price) hold where the
    `assumptions`, a sentence each, do. Together `agents` may be more, as follow-ups go to some of them only. `bounds`
    are the budget's limits that end a run earlier (`tokens`, `usd`, `model_calls`, `seconds`).
    """

    model_calls: int
    tokens: int
    usd: float | None
    agents: Mapping[str, AgentWorst]
    bounds: Mapping[str, float]
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class _Work:
    """One assignment at its worst; `end` is how long its conversation is then, in tokens."""

    assignment: Assignment
    turns: int
    amount: Amount
    end: int


def worst_case(configuration: Configuration) -> WorstCase:
    """The most that a run of this configuration can take, in calls, tokens and dollars."""
    waves = _worked(configuration)
    feedback = configuration.playbook.coordinator.feedback
    total = Amount()
    for wave in waves:
        most = feedback.max_followups if feedback and _is_follow_up(wave) else len(wave)
        total += _largest([work.amount for work in wave], most)
    by_agent: dict[str, list[_Work]] = {}
    for work in (work for wave in waves for work in wave):
        by_agent.setdefault(work.assignment.agent, []).append(work)
    agents = {name: _of_agent(configuration, name, works) for name, works in by_agent.items()}
    priced = all(each.usd is not None for each in agents.values())
    return WorstCase(
        int(total.model_calls),
        int(total.tokens),
        total.usd if priced else None,
        agents,
        _bounds(configuration),
        _assumptions(configuration, agents),
    )


def model_of(configuration: Configuration, agent: AgentSpec) -> ModelSpec:
    """The model that an agent uses: its own, or the playbook's."""
    return agent.model or configuration.playbook.model


def play(configuration: Configuration) -> Iterator[Wave]:
    """The waves of the longest run there can be, as the coordinator gives them.

    The planner fails at every attempt but the last, nobody agrees in a debate, no strategy ends early, and each review
    asks every specialist, of which a run follows up `max_followups`. What an agent says is its length in private
    characters.
    """
    playbook = configuration.playbook
    parameters = STRATEGIES[playbook.coordinator.strategy].parameters
    longest = {**playbook.coordinator.parameters, **(parameters.longest if parameters else {})}
    coordinator = replace(playbook.coordinator, parameters=longest)
    if coordinator.feedback:
        everyone = replace(coordinator.feedback, max_followups=len(playbook.specialists))
        coordinator = replace(coordinator, feedback=everyone)
    played = replace(configuration, playbook=replace(playbook, coordinator=coordinator))
    generator = coordinate(played, Case(playbook.task, playbook.inputs, MOMENT, MOMENT, playbook.alert))
    try:
        wave = next(generator)
        while True:
            yield wave
            wave = generator.send([_said(played, assignment) for assignment in wave])
    except StopIteration:
        return


def _said(configuration: Configuration, assignment: Assignment) -> Report:
    """A report as long as it may be, after which most is left to do."""
    agent = configuration.agents[assignment.agent]
    fails = agent.role is Role.PLANNER and assignment.id != f"plan-{PLAN_ATTEMPTS}"
    if agent.role is Role.SYNTHESIZER or fails:
        return Report(assignment.id, agent.name, Status.FAILED)
    most = model_of(configuration, agent).max_tokens
    specialists = configuration.playbook.specialists
    if agent.role is Role.PLANNER:
        task = _long(max(most, _tokens(configuration.playbook.task)))
        fields: dict[str, Json] = {"assignments": [{"agent": name, "task": task} for name in specialists]}
    elif agent.role is Role.REVIEWER:
        # What was asked before is not asked again, so each round asks for something else.
        request = f"{assignment.id} {_long(most)}"
        asked = ({"agent": name, "request": request, "priority": "high"} for name in specialists)
        fields = {"followups": list(asked)}
    elif agent.role is Role.JUDGE:
        fields = {"severity_assessment": SEVERITIES[0], "reasons": _long(most), "would_change_my_mind": "x"}
    else:
        return _reported(assignment, most, SEVERITIES[specialists.index(agent.name) % 2])
    return Report(assignment.id, agent.name, Status.COMPLETED, fields=fields)


def _reported(assignment: Assignment, most: int, severity: str) -> Report:
    """A specialist's report, its findings told as one that has the length of all, and their ids as that of all."""
    ids = -(-most // FINDING_TOKENS) * _tokens(f'"{assignment.agent}/f100", ')
    finding = Finding(f"f{_long(ids)}", _long(most), ())
    fields = {"summary": "", "severity_assessment": severity, "severity": severity, "confidence": 1.0}
    return Report(assignment.id, assignment.agent, Status.COMPLETED, fields=fields, findings=(finding,))


def _worked(configuration: Configuration) -> list[list[_Work]]:
    """Every assignment of the longest run, in its waves."""
    waves: list[list[_Work]] = []
    ends: dict[str, int] = {}
    for wave in play(configuration):
        waves.append([_work(configuration, assignment, ends) for assignment in wave])
        ends |= {work.assignment.id: work.end for work in waves[-1]}
    return waves


def _work(configuration: Configuration, assignment: Assignment, ends: Mapping[str, int]) -> _Work:
    """All turns of an assignment: tools in each but the last, whose report has to be repaired."""
    agent = configuration.agents[assignment.agent]
    model = model_of(configuration, agent)
    tools = (configuration.tools[name].max_output for name in agent.tools)
    step = model.max_tokens + WORDS_PER_TURN
    output = -(-max(tools, default=0) // CHARACTERS_PER_TOKEN)
    prompt = _prompt(configuration, assignment, ends)
    prompts = [prompt + turn * (step + output) for turn in range(agent.max_iterations)]
    prompts.append(prompts[-1] + step)
    turns = (turn_amount(each, model.max_tokens, model.name, model.price) for each in prompts)
    return _Work(assignment, agent.max_iterations, sum(turns, Amount()), prompts[-1] + step)


def _prompt(configuration: Configuration, assignment: Assignment, ends: Mapping[str, int]) -> int:
    """The first prompt of an assignment, in tokens."""
    told = _tokens(block_json(user_message(assignment.blocks)))
    if assignment.continues is not None:
        return ends[assignment.continues] + told
    request = open_conversation(configuration, assignment).request()
    return prompt_tokens(request) + _replies(block_json(list(request.tools))) + told


def _tokens(text: str) -> int:
    """The estimate of a text, with the replies that stand in it."""
    return -(-len(text) // CHARACTERS_PER_TOKEN) + _replies(text)


def _replies(text: str) -> int:
    return sum(map(int, _LONG.findall(text)))


def _long(tokens: int) -> str:
    return f"\ue000{tokens}\ue001"


def _is_follow_up(wave: Sequence[_Work]) -> bool:
    return wave[0].assignment.id.startswith("followup-")


def _largest(amounts: Sequence[Amount], most: int) -> Amount:
    """The sum of so many of them, of each measure the largest."""

    def largest(values: Iterator[float]) -> float:
        return sum(sorted(values, reverse=True)[:most])

    return Amount(
        largest(each.tokens for each in amounts),
        largest(each.usd for each in amounts),
        largest(each.model_calls for each in amounts),
    )


def _of_agent(configuration: Configuration, name: str, works: Sequence[_Work]) -> AgentWorst:
    model = model_of(configuration, configuration.agents[name])
    total = sum((work.amount for work in works), Amount())
    priced = cost(Usage(), model.name, model.price) is not None
    turns = sum(work.turns for work in works)
    return AgentWorst(len(works), turns, int(total.model_calls), int(total.tokens), total.usd if priced else None)


def _bounds(configuration: Configuration) -> dict[str, float]:
    budget = configuration.playbook.budget
    limits = {"tokens": budget.tokens, "usd": budget.usd, "model_calls": budget.model_calls, "seconds": budget.seconds}
    return {name: limit for name, limit in limits.items() if limit is not None and budget.mode == "enforce"}


def _assumptions(configuration: Configuration, agents: Mapping[str, AgentWorst]) -> tuple[str, ...]:
    unpriced = {
        model_of(configuration, configuration.agents[name]).name for name, at in agents.items() if at.usd is None
    }
    feedback = configuration.playbook.coordinator.feedback
    said = [
        "Every agent uses all its turns in every assignment, and one more to repair its report. "
        "What the model's client sends again after a failure is not counted.",
        "Every turn sends all of the conversation again, brings a reply of max_tokens, and the output of one tool call "
        "as long as the largest max_output of the agent's tools. More calls in a turn can bring more.",
        f"Tokens are estimated: {CHARACTERS_PER_TOKEN} characters of a prompt for each, and {WORDS_PER_TURN} a turn "
        "for the engine's own words.",
    ]
    if feedback:
        said.append(f"A review has at most {feedback.max_followups} follow-ups, here of the agents that take most.")
    if unpriced:
        said.append(f"The dollars are unknown, as there is no price of {', '.join(sorted(unpriced))}.")
    else:
        said.append(
            f"Prices are the configuration's, or else those of the table of {PRICES_AS_OF}; every prompt is written to "
            "the cache, which costs most, and nothing is read from it."
        )
    return tuple(said)
