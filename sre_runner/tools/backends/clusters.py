"""The `servers` that are Kubernetes clusters: a context of kubectl, by which one tool can look at several clusters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sre_runner.tools.servers import SETTING

_SETTING: Mapping[str, Any] = {**SETTING, "pattern": r"^[^-\s{}][^\s{}]*$"}

CLUSTER_SCHEMA: Mapping[str, Any] = {
    "description": "A Kubernetes cluster, as kubectl knows it.",
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        "context": {**_SETTING, "description": "The context that kubectl uses, or {env: VARIABLE}."},
        "kubeconfig": {**_SETTING, "description": "The path of the kubeconfig, or {env: VARIABLE}."},
    },
    "examples": [{"context": "eu-production"}],
}
"""JSON Schema of `servers.<name>.kubectl`."""


@dataclass(frozen=True)
class Cluster:
    """A cluster with the values of the environment; "" is what kubectl takes by itself."""

    context: str = ""
    kubeconfig: str = ""


def variables(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The variables of the environment that a cluster needs."""
    return tuple(value["env"] for value in data.values() if isinstance(value, Mapping))


def resolve(data: Mapping[str, Any], environ: Mapping[str, str]) -> Cluster:
    """The cluster of a mapping that fits `CLUSTER_SCHEMA`; a variable that is not set counts as nothing."""
    return Cluster(
        **{
            key: environ.get(value["env"], "").strip() if isinstance(value, Mapping) else value
            for key, value in data.items()
        }
    )
