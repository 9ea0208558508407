"""The texts of new files: skeletons of the package, filled with names that the configuration has."""

from __future__ import annotations

import itertools
import json
import re
import string
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from importlib.resources.abc import Traversable

from sre_runner.casefile import Json
from sre_runner.commands.new_team import Team
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.documents.yaml.writing import scalar as scalar
from sre_runner.specs import Role
from sre_runner.text.naming import said

SERVICE = "my-service"
"""The value of the input `service` where no playbook of the directory gives one."""
OTHER_VALUE = "change-me"
TOKENS_FOR_ALL, TOKENS_EACH = 200_000, 100_000
"""The budget of a new playbook: several times what a run of specialists with the default caps takes."""

_WIDTH = 120
_NAMES_SHOWN = 30
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


class _Skeleton(string.Template):
    """A text with places such as `@name`, as `$schema` and `{{ name }}` stand in such files."""

    delimiter = "@"


def agent(name: str, role: Role, tools: Sequence[str], known: Sequence[str]) -> str:
    """An agent of this role. `tools` is its whitelist, `known` are all tools that there are."""
    there = f"There are: {_names(known)}." if known else "There are none yet: sre-run new tool NAME"
    whitelist = ", ".join(map(scalar, tools))
    text = _filled(f"agent-{role}", name=name, title=_title(name), tools=whitelist, there=_comment(there))
    return text + _filled("agent-rest")


def tool(name: str, effect: str, service: str) -> str:
    """A family with one tool. `service` is one that it knows in a rehearsal."""
    return _filled(f"tool-{effect}", name=name, key=scalar(name), service=scalar(service))


LIVE = {"command": "", "http": "url", "mcp": "mcp", "runbooks": ""}
"""The kinds of live tools that there are skeletons for, and the key of the servers that their calls go to."""
_NEW_SERVERS = {
    "http": ("metrics", "{url: {env: METRICS_URL}}"),
    "mcp": ("cluster", "{mcp: {command: [kubernetes-mcp-server, --read-only], env: [KUBECONFIG]}}"),
}


def live_tool(name: str, kind: str, effect: str, servers: Mapping[str, Mapping[str, Json]]) -> str:
    """A family with one live tool of a kind of `LIVE`. Its calls go to the first server of `servers` that fits, or to
    one that the family adds."""
    known = [server for server, data in servers.items() if LIVE[kind] and LIVE[kind] in data]
    base, data = _NEW_SERVERS.get(kind, ("", ""))
    server = known[0] if known else next(each for each in _numbered(base) if each not in servers)
    added = f"# Adjust it to yours; secrets come from the environment.\nservers:\n  {scalar(server)}: {data}\n"
    values = {"name": name, "key": scalar(name), "effect": effect, "server": scalar(server) if server else ""}
    return _filled(f"tool-{kind}", servers="" if known else added, **values)


def _numbered(base: str) -> Iterator[str]:
    yield base
    yield from (f"{base}-{number}" for number in itertools.count(2))


def playbook(name: str, team: Team) -> str:
    """A playbook for this team."""
    there = f"There {'are' if len(team.others) > 1 else 'is'} also: {_names(team.others)}."
    inputs = {"service": SERVICE, **dict.fromkeys(team.needed, OTHER_VALUE), **team.inputs}
    return _filled(
        "playbook",
        title=_title(name),
        inputs="\n".join(f"  {key}: {scalar(value)}" for key, value in inputs.items()),
        there=_comment(there if team.others else "There are no others yet: sre-run new agent NAME"),
        specialists=", ".join(map(scalar, team.specialists)),
        coordinator=_coordinator(team),
        tokens=TOKENS_FOR_ALL + TOKENS_EACH * len(team.specialists),
    )


def _coordinator(team: Team) -> str:
    judge = team.leads.get(Role.JUDGE)
    own = f"coordinator-{team.strategy}"
    return _filled(
        own if _path(own).is_file() else "coordinator-team",
        strategy=_strategy(team),
        planner=_lead(team, Role.PLANNER),
        reviewer="\n  ".join([_lead(team, Role.REVIEWER), *([_FEEDBACK] if Role.REVIEWER in team.leads else [])]),
        synthesizer=_lead(team, Role.SYNTHESIZER),
        judge=scalar(judge) if judge else "",
    )


def _strategy(team: Team) -> str:
    """The strategy by its name or, where that is not enough, with an example of what else it needs."""
    strategy = STRATEGIES[team.strategy]
    if strategy.parameters is None or strategy.takes(strategy.name):
        return strategy.name
    leads = {key: team.leads[role] for key, role in strategy.leads.items()}
    return json.dumps({strategy.name: {**strategy.parameters.example, **leads}})


_FEEDBACK = "# feedback: {rounds: 1, max_followups: 2, min_priority: low}"


def _lead(team: Team, role: Role) -> str:
    if role in team.leads:
        return f"{role}: {scalar(team.leads[role])}"
    return f"# There is no agent of role {role} yet: sre-run new agent {role} --role {role}"


def _filled(skeleton: str, **values: object) -> str:
    return _Skeleton(_path(skeleton).read_text(encoding="utf-8")).substitute(_texts(values))


def _path(skeleton: str) -> Traversable:
    return resources.files("sre_runner.commands").joinpath("skeletons", f"{skeleton}.yaml")


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def _names(names: Iterable[str]) -> str:
    """Names for a comment: very many are cut, and none of them ends its line."""
    shown = [name if _PLAIN.fullmatch(name) else said(name) for name in names]
    more = len(shown) - _NAMES_SHOWN
    return ", ".join(shown[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _comment(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _title(name: str) -> str:
    return name.replace("-", " ")
