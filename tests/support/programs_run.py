"""The command line as a process of its own, with a scripted model."""

from __future__ import annotations

import sys
from typing import Any

import building
from building import FOUND
from loopback import Step, reply, use

PROGRAM = [sys.executable, "-c", "import sys; from sre_runner.cli import main; main(sys.argv[1:])"]


CONCLUSION = {
    **building.CONCLUSION,
    "root_cause": {"statement": "Memory.", "evidence": [{"finding": "pods/f1"}]},
    "evidence": [{"agent": "pods", "finding": "pods/f1"}],
}


FILES = {
    "agents.d/pods.yaml": "description: Pods.\nprompt: You know the pods of {{ service }}.\ntools: [list_pods]\n",
    "agents.d/lead.yaml": "role: synthesizer\ndescription: Concludes.\nprompt: You lead.\n",
    "tools.d/pods.yaml": (
        "tools:\n  list_pods:\n    description: List pods.\n    input_schema: {type: object, properties: {}}\n"
        "    simulated: {answers: [{return: 'checkout-1 restarted 47 times, status: OOMKilled', delay: 0}]}\n"
    ),
    "playbooks/checkout.yaml": (
        "description: Checkout is down\ninputs: {service: checkout}\ntask: '{{ service }} is down.'\n"
        "specialists: [pods]\ncoordinator: {strategy: parallel, synthesizer: lead}\n"
    ),
}


def script(conclusion: Step | None = None) -> dict[str, Any]:
    investigation = [reply(use("list_pods")), reply(use("submit_report", FOUND))]
    return {"pods": investigation, "lead": [conclusion or reply(use("submit_conclusion", CONCLUSION))]}


SLOW = {
    "agents.d/slow.yaml": "description: Slow.\nprompt: You are slow.\ntools: [wait]\n",
    "tools.d/slow.yaml": (
        "tools:\n  wait:\n    description: Wait.\n    input_schema: {type: object, properties: {}}\n"
        "    simulated: {answers: [{return: done, delay: 25}]}\n"
    ),
}
