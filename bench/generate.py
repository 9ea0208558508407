"""A configuration of any size that reads like a real one: `python bench/generate.py DIRECTORY NUMBER`.

It has NUMBER agents, NUMBER tools in families of ten, and a playbook for every five agents. The same number gives the
same files. Everything in it is used and nothing in it is wrong, so that `validate` has to look at all of it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random
from string import Template

SERVICES = ("payment-gateway", "checkout-api", "auth-service", "fraud-detection", "order-worker", "catalog", "mailer")
NAMESPACES = ("payments", "shop", "identity", "risk", "orders")
SUBJECTS = ("pods", "queues", "certificates", "replicas", "volumes", "indexes", "sessions", "tokens", "routes", "jobs")
VERBS = ("list", "describe", "compare", "count", "trace", "inspect", "sample", "rank", "explain", "find")
LEVELS = ("ERROR", "WARN", "INFO")
SYMPTOMS = (
    "connection refused by the upstream",
    "OutOfMemoryError: Java heap space",
    "deadline exceeded after 30s",
    "circuit breaker open: card network",
    "replication lag of 41 s",
    "too many open files",
)
TOOLS_IN_A_FAMILY = 10
SPECIALISTS_OF_A_PLAYBOOK = 8
LEADS = ("planner", "reviewer", "synthesizer")

LEAD = """\
role: $role
description: The $role of every team.
prompt: |
  You are the $role of the investigation of {{ service }} in {{ namespace }}.
  Rely on what the specialists have reported, and say what is missing.
"""

SPECIALIST = """\
# What $name looks after.
description: >-
  The $subject of a service: state, limits, changes and events.
  Not $other, which others look at.
prompt: |
  You are an expert for $subject. Establish what is wrong with {{ service }} in {{ namespace }}:
  what is unhealthy, since when, and what the platform says is the reason.

  # Scope
  Yours: $subject, their resources, limits and use, and their history.
  Not yours: $other. Where the cause seems to lie there, say so as an open question.

  # Order of work
$steps
  {% if environment == "production" %}
  This is production: recommend nothing that interrupts the service further.
  {% endif %}

  # When to stop
  When you can say what is unhealthy and why, or when the tools have no more to give.
  You are {{ agent }} and have {{ max_iterations }} turns. Missing data is a result: report it, and do not guess.

  # A good finding
  One fact: the object by name, the value, and the words that show it, such as $symptom.
  Keep what you saw apart from what you conclude. Where two sources disagree, report both.
tools: [$tools]
max_iterations: $turns
report:
  unhealthy_$subject:
    type: array
    items: {type: string}
    description: Those that do not work, one an entry, with the reason.
  pressure:
    type: string
    enum: [none, some, severe]
    description: How near they are to their limits.
  changes:
    type: array
    items:
      type: object
      properties:
        when: {type: string}
        what: {type: string, minLength: 1}
      required: [when, what]
    description: "Recent changes, the newest first: when, and what."
"""

TOOL = """\
  $name:
    description: >-
      To $verb the $subject of a service with their state. Call it early: it gives the names that the other tools take.
      What is left out filters nothing.
"""

ANSWERED = """\
    effect: $effect
    input_schema:
      type: object
      properties:
        service:
          type: string
          description: The service's name, as the case gives it.
        namespace: {type: string, description: Its namespace.}
        limit: {type: integer, minimum: 1, maximum: 100, default: 20}
      required: [service]
      additionalProperties: false
    simulated:
      answers:
$answers
        - when: {service: {glob: "legacy-*"}}
          return: |
            12:01 WARN  $symptom
            12:02 ERROR $symptom
            12:04 ERROR $symptom
"""

ANSWER = """\
        - when: {service: $service, namespace: {any_of: [payments, shop, identity]}}
          return:
            service: $service
            status: $status
            error_rate: $rate
            items:
              - {name: $service-0, restarts: 0, ready: true}
              - {name: $service-1, restarts: $restarts, ready: false}
              - {name: $service-2, restarts: 1, ready: true}"""

QUERIED = """\
    input_schema:
      type: object
      properties:
        service: {type: string, description: Only lines of this service.}
        level: {type: string, enum: [ERROR, WARN, INFO]}
        keyword: {type: string, description: Only lines that have this text.}
      additionalProperties: false
    simulated:
      rows: events
      where:
        service: {arg: service}
        level: {arg: level}
        message: {contains: {arg: keyword}, ignore_case: true}
      return: {events: rows, count: count}
"""

ROW = '    - {ts: "14:23:$second", service: $service, level: $level, message: "$symptom"}'

PLAYBOOK = """\
description: One service is degraded
inputs:
  service: $service
  namespace: $namespace
  environment: production
task: >-
  The service {{ service }} (namespace {{ namespace }}, {{ environment }}) is severely degraded: customers report
  failures, and the error rate climbs. Find out the cause, how severe it is, and what to do now.
specialists: [$specialists]
coordinator:
  strategy: parallel
  planner: planner
  reviewer: reviewer
  synthesizer: synthesizer
  feedback: {rounds: 1, max_followups: 2}
  votes:
    severity: {rule: majority, otherwise: most_severe}
model: {name: claude-sonnet-5-5, max_tokens: 4000}
budget: {tokens: 2000000, seconds: 900}
expect:
  verdicts: {severity: P1}
  mentions: [OutOfMemoryError]
"""


def generate(root: Path, number: int) -> None:
    """Write the configuration of so many agents (at least ten) and so many tools into a folder."""
    random = Random(number)
    tools = [f"{VERBS[one % 10]}_{SUBJECTS[one // 10 % 10]}_{one:04d}" for one in range(number)]
    specialists = [f"{SUBJECTS[one % 10]}-expert-{one:04d}" for one in range(number - len(LEADS))]
    for lead in LEADS:
        _write(root / "agents.d" / f"{lead}.yaml", _filled(LEAD, role=lead))
    for one, name in enumerate(specialists):
        whitelist = [tools[(one + 7 * step) % number] for step in range(random.randint(3, 5))]
        _write(root / "agents.d" / f"{name}.yaml", _specialist(name, whitelist, random))
    for one in range(0, number, TOOLS_IN_A_FAMILY):
        family = _family(tools[one : one + TOOLS_IN_A_FAMILY], random)
        _write(root / "tools.d" / f"family-{one // TOOLS_IN_A_FAMILY:03d}.yaml", family)
    for one in range(number // 5):
        team = [specialists[(one * 5 + step) % len(specialists)] for step in range(SPECIALISTS_OF_A_PLAYBOOK)]
        _write(root / "playbooks" / f"incident-{one:03d}.yaml", _playbook(list(dict.fromkeys(team)), random))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _filled(template: str, **values: object) -> str:
    return Template(template).substitute(values)


def _specialist(name: str, tools: list[str], random: Random) -> str:
    steps = [f"  {number}. `{tool}`: note the healthy ones as well." for number, tool in enumerate(tools, start=1)]
    return _filled(
        SPECIALIST,
        name=name,
        subject=name.split("-")[0],
        other=random.choice(SUBJECTS),
        steps="\n".join(steps),
        symptom=random.choice(SYMPTOMS),
        tools=", ".join(tools),
        turns=random.randint(4, 9),
    )


def _family(tools: list[str], random: Random) -> str:
    rows = [
        _filled(
            ROW,
            second=f"{second:02d}",
            service=random.choice(SERVICES),
            level=random.choice(LEVELS),
            symptom=random.choice(SYMPTOMS),
        )
        for second in range(30)
    ]
    defined = [_tool(tool, number, random) for number, tool in enumerate(tools)]
    return "\n".join(["data:", "  events:", *rows, "", "tools:", *defined])


def _tool(name: str, number: int, random: Random) -> str:
    verb, subject, _ = name.split("_")
    text = _filled(TOOL, name=name, verb=verb, subject=subject)
    if number % 5 == 3:
        return text + QUERIED
    answers = [
        _filled(
            ANSWER,
            service=service,
            status=random.choice(("healthy", "degraded", "failing")),
            rate=random.randint(0, 500) / 100,
            restarts=random.randint(2, 50),
        )
        for service in random.sample(SERVICES, 3)
    ]
    effect = "read" if number else "write"
    return text + _filled(ANSWERED, effect=effect, answers="\n".join(answers), symptom=random.choice(SYMPTOMS))


def _playbook(team: list[str], random: Random) -> str:
    service, namespace = random.choice(SERVICES), random.choice(NAMESPACES)
    return _filled(PLAYBOOK, service=service, namespace=namespace, specialists=", ".join(team))


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[2].isdigit() or int(sys.argv[2]) < 10:
        sys.exit(f"usage: {sys.argv[0]} DIRECTORY NUMBER (at least 10)")
    generate(Path(sys.argv[1]), int(sys.argv[2]))
