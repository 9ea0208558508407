"""A small configuration with one of everything, and changes of it as texts that are replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

PODS = """\
description: Pods and nodes.
prompt: |
  You look at the pods of {{ service }}.
  Report what you see, and nothing else.
tools: [list_pods, get_events]
max_iterations: 5
report:
  cause_class: {type: string, enum: [memory, network], description: What kind of cause it is.}
"""
LOGS = """\
description: Logs.
prompt: You read the logs of {{ service }} and count what matters in them.
tools: [search_logs, count_logs]
model: {name: claude-haiku-5-5, max_tokens: 2000, effort: low}
report:
  cause_class: {type: string, enum: [memory, network], description: What kind of cause it is.}
"""
FIXER = """\
description: Restarts what hangs.
prompt: You may restart the pods of {{ service }} where nothing else helps, and say which.
tools: [list_pods, restart_pod]
"""
LEAD = "role: {role}\ndescription: The {role}.\nprompt: You are the {role} of {{{{ service }}}}.\n"
CLUSTER = """\
tools:
  list_pods:
    description: The pods of a namespace.
    input_schema:
      type: object
      properties:
        namespace: {type: string}
        limit: {type: integer}
      required: [namespace]
    simulated:
      answers:
        - when: {namespace: payments}
          return: {pods: [api-1, api-2]}
        - error: connection refused
  get_events:
    description: What happened in a namespace.
    input_schema: {type: object, properties: {namespace: {type: string}}}
    timeout: 10
    simulated: {answers: [{file: events.txt}]}
  restart_pod:
    description: Restart a pod.
    input_schema: {type: object, properties: {pod: {type: string}}}
    effect: write
    simulated: {answers: [{return: restarted}]}
"""
LINES = """\
data:
  lines:
    - {level: ERROR, message: out of memory}
    - {level: INFO, message: started}
tools:
  search_logs:
    description: Lines of the logs.
    input_schema: {type: object, properties: {level: {type: string}}}
    simulated: {rows: lines, where: {level: {arg: level}}, return: {lines: rows}}
  count_logs:
    description: How many lines there are.
    input_schema: {type: object}
    simulated: {rows: lines, return: {count: count}}
"""
OUTAGE = """\
description: A service is down.
inputs: {service: api, region: eu}
task: Find out why {{ service }} is down in {{ region }}.
specialists: [pods, logs]
coordinator:
  strategy: sequential
  planner: planner
  reviewer: reviewer
  synthesizer: synthesizer
  max_parallel: 4
  feedback: {rounds: 1, max_followups: 2, min_priority: medium}
  votes:
    severity: {rule: majority}
    cause: {field: cause_class, options: [memory, network], rule: weighted, weights: {pods: 2}}
model: {name: claude-sonnet-5-5, max_tokens: 3000}
budget: {tokens: 500000, usd: 5}
expect:
  verdicts: {severity: P1}
  mentions: [memory, {text: roll back, in: immediate_actions}]
  must_not_mention: [{text: network, in: root_cause}]
  tools_called: [list_pods]
  min_findings_verified: 0.9
  max_tokens: 90000
  specialists:
    pods: {report: {cause_class: [memory]}, min_findings: 1}
tests:
  other-region:
    inputs: {region: us}
    expect: {status: complete}
"""
STEPS = """\
task: Why is {{ service }} slow?
inputs: {service: api}
specialists: [pods, logs]
coordinator:
  strategy: {pipeline: {stop_when: {pods: {severity_assessment: [P4]}}}}
  synthesizer: synthesizer
"""
DEBATE = """\
task: How bad is it for {{ service }}?
inputs: {service: api}
specialists: [pods, logs]
coordinator:
  strategy: {debate: {judge: judge, rounds: 2}}
  synthesizer: synthesizer
"""
SEER = """\
description: Looks at what runs.
prompt: You look at what runs of {{ service }}, and say what you see.
tools: [top_pods, pod_logs, query_metrics, search_runbooks]
"""
REAL = """\
task: What is wrong with {{ service }}?
inputs: {service: api}
specialists: [seer]
backend: live
without: [pod_logs]
coordinator:
  strategy: single
"""
LIVE = """\
servers:
  metrics: {url: "https://metrics.example.com", headers: {Authorization: {env: METRICS_AUTHORIZATION}}}
  cluster: {mcp: {command: [kubernetes-mcp-server, --read-only], env: [KUBECONFIG]}}
  eu: {kubectl: {context: eu-production}}
  us: {kubectl: {context: us-production}}
secrets:
  internal token: "tok_[a-z0-9]{32}"
tools:
  top_pods:
    description: What the pods use.
    input_schema:
      type: object
      properties:
        namespace: {type: string, pattern: "^[a-z0-9-]+$", maxLength: 63}
        cluster: {type: string, enum: [eu]}
      required: [namespace, cluster]
    live:
      command: [kubectl, top, pods, "--namespace={{ namespace }}"]
      env: [KUBECONFIG]
      server: {arg: cluster}
      no_data: {stderr: [NotFound]}
  pod_logs:
    description: The logs of a pod.
    input_schema: {type: object, properties: {name: {type: string}}}
    live: {mcp: {server: cluster, tool: pods_log}}
  query_metrics:
    description: A query in PromQL.
    input_schema: {type: object, properties: {promql: {type: string, maxLength: 500}}, required: [promql]}
    live: {http: {server: metrics, path: /api/v1/query, query: {query: "{{ promql }}"}}, pick: data.result}
  search_runbooks:
    description: Passages of runbooks.
    input_schema: {type: object, properties: {query: {type: string}}, required: [query]}
    live: {runbooks: {folder: runbooks}}
    simulated: {runbooks: {folder: runbooks}}
"""

ROOM: Mapping[str, str] = {
    "agents.d/pods.yaml": PODS,
    "agents.d/logs.yaml": LOGS,
    "agents.d/fixer.yaml": FIXER,
    **{f"agents.d/{role}.yaml": LEAD.format(role=role) for role in ("planner", "reviewer", "synthesizer", "judge")},
    "tools.d/cluster.yaml": CLUSTER,
    "tools.d/lines.yaml": LINES,
    "tools.d/events.txt": "OOMKilled\n",
    "agents.d/seer.yaml": SEER,
    "tools.d/live.yaml": LIVE,
    "runbooks/restart.md": "# Restart\n\nRestart it.\n",
    "playbooks/real.yaml": REAL,
    "playbooks/outage.yaml": OUTAGE,
    "playbooks/steps.yaml": STEPS,
    "playbooks/debate.yaml": DEBATE,
}

Edit = tuple[str, str, str]
"""A file, a text in it, and what takes its place; "" as the text is the whole file, "" as both removes it."""


def edited(edits: Iterable[Edit], room: Mapping[str, str] = ROOM) -> dict[str, str]:
    """The files of a room after these edits."""
    files = dict(room)
    for file, old, new in edits:
        if old:
            assert files[file].count(old) == 1, (file, old)
            files[file] = files[file].replace(old, new)
        elif new:
            files[file] = new
        else:
            del files[file]
    return files


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """The files below a folder, which is returned."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
