"""One change of each kind: what it is called here, its edits, and the changes that are reported, with their risk.

How the worst case changes with it is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from changed_room import CLUSTER, DEBATE, FIXER, LOGS, PODS, Edit
from changed_room import OUTAGE as WHOLE
from changed_room import REAL as REAL_TEXT

Expected = tuple[str, str, str]
"""Kind, risk and subject."""

PODS_FILE, LOGS_FILE, FIXER_FILE = "agents.d/pods.yaml", "agents.d/logs.yaml", "agents.d/fixer.yaml"
TOOLS, LINES, OUT, STEPS = "tools.d/cluster.yaml", "tools.d/lines.yaml", "playbooks/outage.yaml", "playbooks/steps.yaml"
LIVE, REAL = "tools.d/live.yaml", "playbooks/real.yaml"
OUTAGE = "playbook outage"

SCALE = """\
tools:
  scale:
    description: Add replicas, or take some away.
    input_schema: {type: object, properties: {replicas: {type: integer}}}
    effect: write
    simulated: {answers: [{return: done}]}
"""
PING = """\
tools:
  ping:
    description: Is it there?
    input_schema: {type: object}
    simulated: {answers: [{return: pong}]}
"""
SLOW = """\
# Renamed.
specialists: [pods, logs]
task: Why is {{ service }} slow?
inputs: {service: api}
coordinator:
  strategy: {pipeline: {stop_when: {pods: {severity_assessment: [P4]}}}}
  synthesizer: synthesizer
"""
DATE = """\
tools:
  date:
    description: The time on the host.
    input_schema: {type: object}
    live: {command: [date, --utc]}
"""
SIMULATED = "without: [top_pods, pod_logs, query_metrics]"
REHEARSES: Sequence[Expected] = [
    ("backend-changed", "low", "playbook real"),
    ("tool-left-out", "low", "playbook real"),
]
GET_EVENTS = CLUSTER[CLUSTER.index("  get_events") : CLUSTER.index("  restart_pod")]
EXPECT = WHOLE[WHOLE.index("expect:\n") : WHOLE.index("tests:\n")]
TESTS = WHOLE[WHOLE.index("tests:\n") :]
KEY = "AKIA" + "ABCDEFGHIJKLMNOP"

CHANGES: Sequence[tuple[str, Sequence[Edit], Sequence[Expected]]] = [
    # privilege
    (
        "a read tool on a whitelist",
        [(LOGS_FILE, "[search_logs, count_logs]", "[search_logs, count_logs, get_events]")],
        [("tool-added-to-whitelist", "medium", "agent logs")],
    ),
    (
        "a write tool on a whitelist",
        [(PODS_FILE, "get_events]", "get_events, restart_pod]")],
        [("tool-added-to-whitelist", "high", "agent pods")],
    ),
    (
        "a tool off a whitelist",
        [(PODS_FILE, ", get_events]", "]")],
        [("tool-removed-from-whitelist", "low", "agent pods")],
    ),
    (
        "a tool that can write now",
        [(TOOLS, "    timeout: 10", "    effect: write\n    timeout: 10")],
        [("effect-read-to-write", "high", "tool get_events")],
    ),
    (
        "a tool that is said to only look",
        [(TOOLS, "effect: write", "effect: read")],
        [("effect-write-to-read", "high", "tool restart_pod")],
    ),
    (
        "a new write tool",
        [("tools.d/more.yaml", "", SCALE)],
        [("write-tool-added", "medium", "tool scale")],
    ),
    (
        "a new agent that can write",
        [
            ("agents.d/closer.yaml", "", FIXER.replace("Restarts", "Closes")),
            (OUT, "[pods, logs]", "[pods, logs, closer]"),
        ],
        [("agent-with-write-tools-added", "high", "agent closer"), ("agent-with-write-tools-joins", "high", OUTAGE)],
    ),
    (
        "an agent that can write joins",
        [(OUT, "[pods, logs]", "[pods, logs, fixer]")],
        [("agent-with-write-tools-joins", "high", OUTAGE)],
    ),
    (
        "a secret in a prompt",
        [(PODS_FILE, "and nothing else.", f"and nothing else: {KEY}")],
        [("secret-added", "high", f"file {PODS_FILE}"), ("prompt-changed", "medium", "agent pods")],
    ),
    # privilege of live tools
    (
        "an element of a command",
        [(LIVE, '"--namespace={{ namespace }}"]', '"--namespace={{ namespace }}", --containers]')],
        [("reach-widened", "high", "tool top_pods")],
    ),
    (
        "an element less of a command",
        [(LIVE, ', "--namespace={{ namespace }}"]', "]")],
        [("reach-widened", "high", "tool top_pods")],
    ),
    (
        "another program",
        [(LIVE, "[kubectl, top", "[/opt/bin/kubectl, top")],
        [("reach-widened", "high", "tool top_pods")],
    ),
    (
        "a variable more",
        [(LIVE, "env: [KUBECONFIG]\n", "env: [KUBECONFIG, HTTPS_PROXY]\n")],
        [("reach-widened", "high", "tool top_pods")],
    ),
    (
        "a variable that is set",
        [(LIVE, "env: [KUBECONFIG]\n", "env: [KUBECONFIG]\n      set_env: {TOKEN: {env: OTHER}}\n")],
        [("reach-widened", "high", "tool top_pods")],
    ),
    (
        "a variable less",
        [(LIVE, "      env: [KUBECONFIG]\n", "")],
        [("reach-narrowed", "low", "tool top_pods")],
    ),
    (
        "a variable that need not be set",
        [(LIVE, "      env: [KUBECONFIG]\n", "      optional_env: [KUBECONFIG]\n")],
        [("live-settings-changed", "low", "tool top_pods")],
    ),
    (
        "a cluster more",
        [(LIVE, "enum: [eu]", "enum: [eu, us]")],
        [("reach-widened", "high", "tool top_pods"), ("argument-changed", "medium", "tool top_pods")],
    ),
    (
        "the current cluster",
        [(LIVE, "      server: {arg: cluster}\n", "")],
        [("reach-widened", "high", "tool top_pods")],
    ),
    (
        "a looser pattern",
        [(LIVE, "[a-z0-9-]+$", "[a-z0-9_-]+$")],
        [("argument-loosened", "high", "tool top_pods")],
    ),
    (
        "no pattern",
        [(LIVE, ' pattern: "^[a-z0-9-]+$",', "")],
        [("argument-loosened", "high", "tool top_pods")],
    ),
    (
        "a namespace that may be left out",
        [(LIVE, "required: [namespace, cluster]", "required: [cluster]")],
        [("argument-loosened", "high", "tool top_pods")],
    ),
    (
        "a tighter argument",
        [(LIVE, "maxLength: 63", "maxLength: 30")],
        [("argument-changed", "medium", "tool top_pods")],
    ),
    (
        "another path",
        [(LIVE, "/api/v1/query,", "/api/v1/admin,")],
        [("reach-widened", "high", "tool query_metrics")],
    ),
    (
        "another method",
        [(LIVE, "path: /api/v1/query,", "method: POST, safe: true, path: /api/v1/query,")],
        [("reach-widened", "high", "tool query_metrics")],
    ),
    (
        "a header of a tool",
        [(LIVE, "path: /api/v1/query,", "headers: {X-Scope-OrgID: other}, path: /api/v1/query,")],
        [("reach-widened", "high", "tool query_metrics")],
    ),
    (
        "another pick",
        [(LIVE, "data.result", "data")],
        [("live-settings-changed", "low", "tool query_metrics")],
    ),
    (
        "another meaning of no data",
        [(LIVE, "      no_data: {stderr: [NotFound]}\n", "")],
        [("live-settings-changed", "low", "tool top_pods")],
    ),
    (
        "another tool of a server",
        [(LIVE, "tool: pods_log}", "tool: pods_exec}")],
        [("reach-widened", "high", "tool pod_logs")],
    ),
    (
        "what a server says of its tool",
        [(LIVE, "The logs of a pod.", "The logs of a pod. Call this first.")],
        [("server-claim-changed", "high", "tool pod_logs")],
    ),
    (
        "the schema that a server says",
        [(LIVE, "{name: {type: string}}", "{name: {type: string}, all: {type: boolean}}")],
        [("server-claim-changed", "high", "tool pod_logs")],
    ),
    (
        "another folder of runbooks",
        [
            (LIVE, "live: {runbooks: {folder: runbooks}}", "live: {runbooks: {folder: private}}"),
            ("private/one.md", "", "# One\n"),
        ],
        [("reach-widened", "high", "tool search_runbooks")],
    ),
    (
        "another backend",
        [
            (
                LIVE,
                "live: {runbooks: {folder: runbooks}}",
                'live: {command: [grep, -r, "--regexp={{ query }}", runbooks]}',
            )
        ],
        [("reach-widened", "high", "tool search_runbooks")],
    ),
    (
        "a tool that can look at a real system",
        [(TOOLS, "    timeout: 10\n", "    timeout: 10\n    live: {command: [kubectl, get, events]}\n")],
        [("live-added", "high", "tool get_events")],
    ),
    (
        "a tool that no longer can",
        [(LIVE, "    live: {runbooks: {folder: runbooks}}\n", ""), (REAL, "without: [", "without: [search_runbooks, ")],
        [("live-removed", "low", "tool search_runbooks"), ("tool-left-out", "low", "playbook real")],
    ),
    (
        "a tool that is no longer rehearsed",
        [(LIVE, "    simulated: {runbooks: {folder: runbooks}}\n", "")],
        [("simulated-answers-changed", "low", "tool search_runbooks")],
    ),
    (
        "a new live tool",
        [("tools.d/more.yaml", "", DATE)],
        [("live-tool-added", "medium", "tool date")],
    ),
    (
        "another host",
        [(LIVE, "https://metrics.example.com", "https://metrics.example.org")],
        [("reach-widened", "high", "server metrics")],
    ),
    (
        "a header of a server",
        [(LIVE, "METRICS_AUTHORIZATION}}", "METRICS_AUTHORIZATION}, X-Scope-OrgID: all}")],
        [("reach-widened", "high", "server metrics")],
    ),
    (
        "a header less of a server",
        [(LIVE, ", headers: {Authorization: {env: METRICS_AUTHORIZATION}}", "")],
        [("reach-narrowed", "low", "server metrics")],
    ),
    (
        "an MCP server that may write",
        [(LIVE, ", --read-only]", "]")],
        [("reach-widened", "high", "server cluster")],
    ),
    (
        "an MCP server elsewhere",
        [
            (
                LIVE,
                "{command: [kubernetes-mcp-server, --read-only], env: [KUBECONFIG]}",
                "{url: 'https://mcp.example.com'}",
            )
        ],
        [("reach-widened", "high", "server cluster"), ("reach-narrowed", "low", "server cluster")],
    ),
    (
        "a slower server",
        [(LIVE, "env: [KUBECONFIG]}}", "env: [KUBECONFIG], timeout: 60}}")],
        [("live-settings-changed", "low", "server cluster")],
    ),
    (
        "another context",
        [(LIVE, "eu-production", "eu-admin")],
        [("reach-widened", "high", "server eu")],
    ),
    (
        "a new server",
        [(LIVE, "secrets:\n", "  logs: {url: {env: LOKI_URL}}\nsecrets:\n")],
        [("server-added", "medium", "server logs")],
    ),
    (
        "a server less",
        [(LIVE, "  us: {kubectl: {context: us-production}}\n", "")],
        [("server-removed", "low", "server us")],
    ),
    (
        "another kind of server",
        [(LIVE, "us: {kubectl: {context: us-production}}", "us: {url: 'https://us.example.com'}")],
        [("reach-widened", "high", "server us")],
    ),
    (
        "a pattern less",
        [(LIVE, 'secrets:\n  internal token: "tok_[a-z0-9]{32}"\n', "")],
        [("secret-pattern-removed", "high", "pattern internal token")],
    ),
    (
        "another pattern",
        [(LIVE, "tok_[a-z0-9]{32}", "tok_[a-z0-9]{40}")],
        [("secret-pattern-changed", "high", "pattern internal token")],
    ),
    (
        "a pattern more",
        [(LIVE, "tools:\n  top", "  key: key_[0-9]{20}\ntools:\n  top")],
        [("secret-pattern-added", "low", "pattern key")],
    ),
    ("a playbook that rehearses", [(REAL, "backend: live\nwithout: [pod_logs]", SIMULATED)], REHEARSES),
    (
        "a playbook that looks at real systems",
        [(STEPS, "task:", "backend: live\nwithout: [list_pods, get_events, search_logs, count_logs]\ntask:")],
        [("backend-changed", "high", "playbook steps"), ("tool-left-out", "low", "playbook steps")],
    ),
    (
        "a tool that is used again",
        [(REAL, "without: [pod_logs]\n", "")],
        [("left-out-tool-used-again", "medium", "playbook real")],
    ),
    (
        "a new live playbook",
        [("playbooks/second.yaml", "", REAL_TEXT)],
        [("playbook-added", "low", "playbook second"), ("backend-changed", "high", "playbook second")],
    ),
    # cost
    (
        "more turns",
        [(PODS_FILE, "max_iterations: 5", "max_iterations: 9")],
        [("max-iterations-changed", "medium", "agent pods")],
    ),
    (
        "fewer turns",
        [(PODS_FILE, "max_iterations: 5", "max_iterations: 3")],
        [("max-iterations-changed", "low", "agent pods")],
    ),
    (
        "another time for assignments",
        [(PODS_FILE, "max_iterations: 5", "max_iterations: 5\ntimeout: 900")],
        [("agent-timeout-changed", "low", "agent pods")],
    ),
    (
        "another time for calls",
        [(TOOLS, "timeout: 10", "timeout: 20")],
        [("tool-timeout-changed", "low", "tool get_events")],
    ),
    (
        "longer answers",
        [(TOOLS, "timeout: 10", "timeout: 10\n    max_output: 90000")],
        [("max-output-changed", "medium", "tool get_events")],
    ),
    (
        "another model of a playbook",
        [(OUT, "claude-sonnet-5-5", "claude-opus-5-5")],
        [("model-changed", "medium", OUTAGE)],
    ),
    (
        "a model of its own",
        [(PODS_FILE, "max_iterations: 5", "max_iterations: 5\nmodel: claude-opus-5-5")],
        [("model-changed", "medium", "agent pods")],
    ),
    (
        "no model of its own",
        [(LOGS_FILE, "model: {name: claude-haiku-5-5, max_tokens: 2000, effort: low}\n", "")],
        [("model-changed", "medium", "agent logs")],
    ),
    (
        "longer replies and more effort",
        [(LOGS_FILE, "2000, effort: low", "4000, effort: high")],
        [("max-tokens-changed", "medium", "agent logs"), ("effort-changed", "medium", "agent logs")],
    ),
    (
        "a price",
        [(LOGS_FILE, "effort: low}", "effort: low, price: {input: 1, output: 2}}")],
        [("price-changed", "low", "agent logs")],
    ),
    ("a wider budget", [(OUT, "usd: 5", "usd: 9")], [("budget-changed", "medium", OUTAGE)]),
    ("a tighter budget", [(OUT, "usd: 5", "usd: 3")], [("budget-changed", "low", OUTAGE)]),
    ("a budget that is gone", [(OUT, "budget: {tokens: 500000, usd: 5}\n", "")], [("budget-changed", "high", OUTAGE)]),
    (
        "a budget that only reports",
        [(OUT, "usd: 5}", "usd: 5, mode: audit}")],
        [("budget-mode-changed", "high", OUTAGE)],
    ),
    ("more at once", [(OUT, "max_parallel: 4", "max_parallel: 6")], [("max-parallel-changed", "low", OUTAGE)]),
    (
        "more rounds",
        [("playbooks/debate.yaml", "rounds: 2", "rounds: 3")],
        [("rounds-changed", "medium", "playbook debate")],
    ),
    ("more follow-ups", [(OUT, "max_followups: 2", "max_followups: 4")], [("feedback-changed", "medium", OUTAGE)]),
    ("fewer priorities", [(OUT, "min_priority: medium", "min_priority: high")], [("feedback-changed", "low", OUTAGE)]),
    (
        "an agent joins",
        [
            ("playbooks/debate.yaml", "[pods, logs]", "[pods, logs, watcher]"),
            ("agents.d/watcher.yaml", "", LOGS.replace("Logs", "Watches")),
        ],
        [("agent-joins-playbook", "medium", "playbook debate"), ("agent-added", "low", "agent watcher")],
    ),
    # behaviour
    (
        "an agent leaves",
        [
            (OUT, "  reviewer: reviewer\n", ""),
            (OUT, "  feedback: {rounds: 1, max_followups: 2, min_priority: medium}\n", ""),
        ],
        [("agent-leaves-playbook", "medium", OUTAGE)],
    ),
    (
        "another order",
        [(STEPS, "[pods, logs]", "[logs, pods]"), (STEPS, "stop_when: {pods", "stop_when: {logs")],
        [("specialists-reordered", "medium", "playbook steps"), ("stop-when-changed", "medium", "playbook steps")],
    ),
    ("a new agent", [("agents.d/reader.yaml", "", LOGS)], [("agent-added", "low", "agent reader")]),
    ("an agent that is gone", [(FIXER_FILE, "", "")], [("agent-removed", "medium", "agent fixer")]),
    (
        "an agent that is a judge",
        [(FIXER_FILE, "tools: [list_pods, restart_pod]\n", "role: judge\n")],
        [("role-changed", "high", "agent fixer"), ("tool-removed-from-whitelist", "low", "agent fixer")],
    ),
    ("a prompt", [(PODS_FILE, "and nothing else.", "and why.")], [("prompt-changed", "medium", "agent pods")]),
    (
        "a prompt that nobody uses",
        [(FIXER_FILE, "and say which.", "and say why.")],
        [("prompt-changed", "medium", "agent fixer")],
    ),
    (
        "a prompt on other lines",
        [(PODS_FILE, "see, and nothing", "see,\n  and nothing")],
        [("prompt-template-changed", "low", "agent pods")],
    ),
    (
        "an unused prompt on other lines",
        [(FIXER_FILE, "prompt: You may restart", "prompt: |\n  You may\n  restart")],
        [("prompt-template-changed", "low", "agent fixer")],
    ),
    (
        "a prompt that is rendered as before",
        [(LOGS_FILE, "the logs of {{ service }}", "the {% if service %}logs{% endif %} of {{ service }}")],
        [("prompt-template-changed", "low", "agent logs")],
    ),
    (
        "a description",
        [(PODS_FILE, "Pods and nodes.", "Pods only.")],
        [("agent-description-changed", "medium", "agent pods")],
    ),
    (
        "a field more",
        [(PODS_FILE, "report:\n", "report:\n  nodes: {type: integer}\n")],
        [("report-field-added", "low", "agent pods")],
    ),
    (
        "a field less",
        [
            (PODS_FILE, PODS[PODS.index("report:") :], ""),
            (OUT, "{report: {cause_class: [memory]}, min_findings: 1}", "{min_findings: 1}"),
            (OUT, ", weights: {pods: 2}", ", weights: {logs: 2}"),
        ],
        [
            ("report-field-removed", "medium", "agent pods"),
            ("expectation-removed", "high", OUTAGE),
            ("vote-changed", "high", OUTAGE),
        ],
    ),
    ("another field", [(PODS_FILE, "What kind", "Which kind")], [("report-field-changed", "medium", "agent pods")]),
    ("a new tool", [("tools.d/more.yaml", "", PING)], [("tool-added", "low", "tool ping")]),
    (
        "a tool that is gone",
        [(TOOLS, GET_EVENTS, ""), (PODS_FILE, ", get_events]", "]")],
        [("tool-removed", "medium", "tool get_events"), ("tool-removed-from-whitelist", "low", "agent pods")],
    ),
    (
        "a tool's description",
        [(TOOLS, "The pods of a namespace.", "All pods.")],
        [("tool-description-changed", "medium", "tool list_pods")],
    ),
    (
        "an argument more",
        [(TOOLS, "        limit: {type: integer}\n", "        limit: {type: integer}\n        node: {type: string}\n")],
        [("argument-added", "low", "tool list_pods")],
    ),
    (
        "an argument that must be given",
        [
            (
                TOOLS,
                "        limit: {type: integer}\n      required: [namespace]\n",
                "        limit: {type: integer}\n        node: {type: string}\n      required: [namespace, node]\n",
            )
        ],
        [("argument-added", "medium", "tool list_pods")],
    ),
    (
        "an argument less",
        [(TOOLS, "        limit: {type: integer}\n", "")],
        [("argument-removed", "medium", "tool list_pods")],
    ),
    (
        "another argument",
        [(TOOLS, "limit: {type: integer}", "limit: {type: integer, maximum: 9}")],
        [("argument-changed", "medium", "tool list_pods")],
    ),
    (
        "an argument that may be left out",
        [(TOOLS, "      required: [namespace]\n", "")],
        [("argument-changed", "medium", "tool list_pods")],
    ),
    (
        "arguments and no others",
        [(TOOLS, "      required: [namespace]\n", "      required: [namespace]\n      additionalProperties: false\n")],
        [("input-schema-changed", "medium", "tool list_pods")],
    ),
    (
        "another answer",
        [(TOOLS, "[api-1, api-2]", "[api-1]")],
        [("simulated-answers-changed", "low", "tool list_pods")],
    ),
    (
        "another text of a tool",
        [("tools.d/events.txt", "OOMKilled", "Evicted")],
        [("simulated-answers-changed", "low", "tool get_events")],
    ),
    (
        "another query",
        [(LINES, "where: {level: {arg: level}}, ", "")],
        [("simulated-answers-changed", "low", "tool search_logs")],
    ),
    ("other rows", [(LINES, "message: started", "message: stopped")], [("data-changed", "low", "data lines")]),
    ("a new playbook", [("playbooks/second.yaml", "", DEBATE)], [("playbook-added", "low", "playbook second")]),
    (
        "a new playbook with an agent that can write",
        [("playbooks/second.yaml", "", DEBATE.replace("[pods, logs]", "[pods, fixer]"))],
        [("playbook-added", "low", "playbook second"), ("agent-with-write-tools-joins", "high", "playbook second")],
    ),
    ("a playbook that is gone", [(STEPS, "", "")], [("playbook-removed", "medium", "playbook steps")]),
    (
        "a playbook's description",
        [(OUT, "A service is down.", "Something is down.")],
        [("playbook-description-changed", "low", OUTAGE)],
    ),
    ("a task", [(OUT, "Find out why", "Say why")], [("task-changed", "medium", OUTAGE)]),
    (
        "a task that is rendered as before",
        [(OUT, "{{ service }} is down", "{{ service | lower }} is down")],
        [("task-template-changed", "low", OUTAGE)],
    ),
    ("an input more", [(OUT, "region: eu}", "region: eu, zone: a}")], [("input-added", "low", OUTAGE)]),
    (
        "an input less",
        [(OUT, ", region: eu}", "}"), (OUT, " in {{ region }}", ""), (OUT, "    inputs: {region: us}\n", "")],
        [("input-removed", "medium", OUTAGE), ("task-changed", "medium", OUTAGE), ("test-changed", "medium", OUTAGE)],
    ),
    ("another input", [(OUT, "region: eu}", "region: us}")], [("input-changed", "medium", OUTAGE)]),
    (
        "an input of an alert",
        [(OUT, "region: eu}", "region: {alert: commonLabels.region, default: eu}}")],
        [("input-changed", "medium", OUTAGE)],
    ),
    (
        "other things of an alert",
        [(OUT, "specialists: [", "alert: {task: commonAnnotations.summary}\nspecialists: [")],
        [("alert-paths-changed", "medium", OUTAGE)],
    ),
    ("another strategy", [(OUT, "strategy: sequential", "strategy: parallel")], [("strategy-changed", "high", OUTAGE)]),
    ("another early end", [(STEPS, "[P4]", "[P3, P4]")], [("stop-when-changed", "medium", "playbook steps")]),
    (
        "a vote more",
        [
            (
                OUT,
                "    severity: {rule: majority}\n",
                "    severity: {rule: majority}\n    second: {field: cause_class, options: [memory, network]}\n",
            )
        ],
        [("vote-added", "medium", OUTAGE)],
    ),
    (
        "a vote less",
        [
            (
                OUT,
                "    cause: {field: cause_class, options: [memory, network], rule: weighted, weights: {pods: 2}}\n",
                "",
            )
        ],
        [("vote-removed", "high", OUTAGE)],
    ),
    (
        "another rule",
        [(OUT, "severity: {rule: majority}", "severity: {rule: most_severe}")],
        [("vote-changed", "high", OUTAGE)],
    ),
    (
        "other weights and a quorum",
        [(OUT, "weights: {pods: 2}", "weights: {pods: 3}, quorum: 2")],
        [("vote-changed", "high", OUTAGE)],
    ),
    (
        "a case more",
        [(OUT, "tests:\n", "tests:\n  third: {expect: {status: complete}}\n")],
        [("test-added", "low", OUTAGE)],
    ),
    ("no cases", [(OUT, TESTS, "")], [("test-removed", "high", OUTAGE)]),
    ("another case", [(OUT, "inputs: {region: us}", "inputs: {region: asia}")], [("test-changed", "medium", OUTAGE)]),
    # expectations
    ("a lower threshold", [(OUT, "verified: 0.9", "verified: 0.5")], [("expectation-weakened", "medium", OUTAGE)]),
    ("a higher threshold", [(OUT, "verified: 0.9", "verified: 1.0")], [("expectation-strengthened", "low", OUTAGE)]),
    (
        "more tokens allowed",
        [(OUT, "max_tokens: 90000", "max_tokens: 95000")],
        [("expectation-weakened", "medium", OUTAGE)],
    ),
    ("no threshold", [(OUT, "  min_findings_verified: 0.9\n", "")], [("expectation-removed", "high", OUTAGE)]),
    ("a mention less", [(OUT, "[memory, {text", "[{text")], [("expectation-weakened", "medium", OUTAGE)]),
    (
        "a mention anywhere",
        [(OUT, "{text: roll back, in: immediate_actions}", "roll back")],
        [("expectation-weakened", "medium", OUTAGE)],
    ),
    (
        "unmentioned anywhere",
        [(OUT, "[{text: network, in: root_cause}]", "[network]")],
        [("expectation-strengthened", "low", OUTAGE)],
    ),
    ("no tool to be called", [(OUT, "  tools_called: [list_pods]\n", "")], [("expectation-removed", "high", OUTAGE)]),
    (
        "another verdict",
        [(OUT, "verdicts: {severity: P1}", "verdicts: {severity: P2}")],
        [("expectation-changed", "medium", OUTAGE)],
    ),
    (
        "a verdict of which another will do",
        [(OUT, "verdicts: {severity: P1}", "verdicts: {severity: [P1, P2]}")],
        [("expectation-weakened", "medium", OUTAGE)],
    ),
    ("no verdict", [(OUT, "  verdicts: {severity: P1}\n", "")], [("expectation-removed", "high", OUTAGE)]),
    (
        "one more verdict",
        [(OUT, "verdicts: {severity: P1}", "verdicts: {severity: P1, cause: memory}")],
        [("expectation-strengthened", "low", OUTAGE)],
    ),
    (
        "one more value of a report",
        [(OUT, "cause_class: [memory]", "cause_class: [memory, network]")],
        [("expectation-weakened", "medium", OUTAGE)],
    ),
    (
        "another value of a report",
        [(OUT, "cause_class: [memory]", "cause_class: network")],
        [("expectation-changed", "medium", OUTAGE)],
    ),
    (
        "one more field of a report",
        [(OUT, "cause_class: [memory]", "cause_class: [memory], severity_assessment: P1")],
        [("expectation-strengthened", "low", OUTAGE)],
    ),
    (
        "nothing of a specialist",
        [(OUT, "  specialists:\n    pods: {report: {cause_class: [memory]}, min_findings: 1}\n", "")],
        [("expectation-removed", "high", OUTAGE)],
    ),
    (
        "another status",
        [(OUT, "expect: {status: complete}", "expect: {status: partial}")],
        [("expectation-changed", "medium", OUTAGE)],
    ),
    (
        "a first expectation",
        [(STEPS, "task:", "expect: {mentions: [memory]}\ntask:")],
        [("expectation-strengthened", "low", "playbook steps")],
    ),
    ("no expectations", [(OUT, EXPECT, "")], [("expectation-removed", "high", OUTAGE)]),
    # renames
    (
        "a renamed agent",
        [
            (LOGS_FILE, "", ""),
            ("agents.d/lines.yaml", "", LOGS),
            *((f"playbooks/{name}.yaml", "[pods, logs]", "[pods, lines]") for name in ("outage", "steps", "debate")),
        ],
        [("agent-renamed", "low", "agent lines")],
    ),
    (
        "a renamed tool",
        [
            (TOOLS, "  list_pods:", "  get_pods:"),
            (PODS_FILE, "[list_pods", "[get_pods"),
            (FIXER_FILE, "[list_pods", "[get_pods"),
            (OUT, "tools_called: [list_pods]", "tools_called: [get_pods]"),
        ],
        [("tool-renamed", "low", "tool get_pods")],
    ),
    (
        "a renamed playbook",
        [(STEPS, "", ""), ("playbooks/slow.yaml", "", SLOW)],
        [("playbook-renamed", "low", "playbook slow")],
    ),
]
