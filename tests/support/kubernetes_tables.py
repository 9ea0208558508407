"""What the API server prints of objects: the `Table` that kubectl asks for, with the columns of a real server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from kubernetes_pods import Object

Row = list[Any]


def table(resource: str, objects: Sequence[Object], now: datetime, meta: Object, include: str) -> Object:
    """The table of some objects; `include` as the query has it: Metadata, Object or None."""
    columns, cells = PRINTERS.get(resource, _PLAIN)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": meta,
        "columnDefinitions": [
            {"name": name, "type": kind, "format": form, "description": name, "priority": priority}
            for name, kind, form, priority in map(_column, columns.split())
        ],
        "rows": [{"cells": cells(each, now), **_object(each, include)} for each in objects],
    }


def age(moment: str | None, now: datetime) -> str:
    """How long ago, as kubectl writes it: 95s, 12m, 3h20m, 9d."""
    if not moment:
        return "<unknown>"
    seconds = int((now - datetime.fromisoformat(moment)).total_seconds())
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{max(seconds, 0)}s"
    if minutes < 10:
        return f"{minutes}m" + (f"{seconds % 60}s" if seconds % 60 else "")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return f"{hours}h" + (f"{minutes % 60}m" if minutes % 60 else "")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return f"{days}d" + (f"{hours % 24}h" if hours % 24 else "")
    return f"{days}d"


def _column(written: str) -> tuple[str, str, str, int]:
    """`Ready#`: an integer; `IP+`: only for `-o wide`."""
    name = written.rstrip("#+").replace("_", " ")
    return name, "integer" if "#" in written else "string", "name" if name == "Name" else "", int("+" in written)


def _object(each: Object, include: str) -> Object:
    if include == "None":
        return {}
    if include == "Object":
        return {"object": each}
    return {
        "object": {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": each["metadata"]},
    }


def _since(each: Object, now: datetime) -> str:
    return age(each["metadata"].get("creationTimestamp"), now)


def _pod(each: Object, now: datetime) -> Row:
    status = each["status"]
    containers = status.get("containerStatuses", [])
    ready = sum(1 for one in containers if one["ready"])
    restarts = sum(one["restartCount"] for one in containers)
    ends = [one["lastState"]["terminated"]["finishedAt"] for one in containers if "terminated" in one["lastState"]]
    return [
        each["metadata"]["name"],
        f"{ready}/{len(each['spec']['containers'])}",
        _pod_state(status["phase"], containers),
        f"{restarts} ({age(max(ends), now)} ago)" if ends else str(restarts),
        _since(each, now),
        status.get("podIP", "<none>"),
        each["spec"].get("nodeName", "<none>"),
        "<none>",
        "<none>",
    ]


def _pod_state(phase: str, containers: Sequence[Object]) -> str:
    for one in containers:
        for kind in ("waiting", "terminated"):
            if reason := one["state"].get(kind, {}).get("reason"):
                return str(reason)
    return phase


def _event(each: Object, now: datetime) -> Row:
    """Of either API: core/v1 or events.k8s.io/v1."""
    old = "involvedObject" in each
    involved = each["involvedObject" if old else "regarding"]
    return [
        age(each["lastTimestamp" if old else "deprecatedLastTimestamp"], now),
        each["type"],
        each["reason"],
        f"{involved['kind'].lower()}/{involved['name']}",
        involved.get("fieldPath", ""),
        ", ".join(each["source" if old else "deprecatedSource"].values()),
        each["message" if old else "note"],
        age(each["firstTimestamp" if old else "deprecatedFirstTimestamp"], now),
        each["count" if old else "deprecatedCount"],
        each["metadata"]["name"],
    ]


def _deployment(each: Object, now: datetime) -> Row:
    status = each["status"]
    ready = f"{status['readyReplicas']}/{each['spec']['replicas']}"
    start = [each["metadata"]["name"], ready, status["updatedReplicas"], status["availableReplicas"]]
    return [*start, _since(each, now), *_template(each)]


def _replica_set(each: Object, now: datetime) -> Row:
    status = each["status"]
    start = [each["metadata"]["name"], each["spec"]["replicas"], status["replicas"], status["readyReplicas"]]
    return [*start, _since(each, now), *_template(each)]


def _template(each: Object) -> Row:
    containers = each["spec"]["template"]["spec"]["containers"]
    selector = each["spec"]["selector"]["matchLabels"]
    return [
        ",".join(one["name"] for one in containers),
        ",".join(one["image"] for one in containers),
        ",".join(f"{key}={value}" for key, value in selector.items()),
    ]


def _namespace(each: Object, now: datetime) -> Row:
    return [each["metadata"]["name"], each["status"]["phase"], _since(each, now)]


def _node(each: Object, now: datetime) -> Row:
    info = each["status"]["nodeInfo"]
    inside = next(one["address"] for one in each["status"]["addresses"] if one["type"] == "InternalIP")
    start = [each["metadata"]["name"], "Ready", "<none>", _since(each, now), info["kubeletVersion"], inside, "<none>"]
    return [*start, info["osImage"], info["kernelVersion"], info["containerRuntimeVersion"]]


def _service(each: Object, now: datetime) -> Row:
    spec = each["spec"]
    ports = ",".join(f"{one['port']}/{one['protocol']}" for one in spec["ports"])
    selector = ",".join(f"{key}={value}" for key, value in spec["selector"].items())
    return [each["metadata"]["name"], spec["type"], spec["clusterIP"], "<none>", ports, _since(each, now), selector]


def _config_map(each: Object, now: datetime) -> Row:
    return [each["metadata"]["name"], len(each.get("data", {})), _since(each, now)]


def _plain(each: Object, now: datetime) -> Row:
    return [each["metadata"]["name"], _since(each, now)]


Printer = tuple[str, Callable[[Object, datetime], Row]]
_MADE = "Containers+ Images+ Selector+"
_PLAIN: Printer = ("Name Age", _plain)

_PODS = "Name Ready Status Restarts Age IP+ Node+ Nominated_Node+ Readiness_Gates+"
_EVENTS = "Last_Seen Type Reason Object Subobject+ Source+ Message First_Seen+ Count#+ Name+"
_NODES = "Name Status Roles Age Version Internal-IP+ External-IP+ OS-Image+ Kernel-Version+ Container-Runtime+"

PRINTERS: Mapping[str, Printer] = {
    "pods": (_PODS, _pod),
    "events": (_EVENTS, _event),
    "deployments": (f"Name Ready Up-to-date# Available# Age {_MADE}", _deployment),
    "replicasets": (f"Name Desired# Current# Ready# Age {_MADE}", _replica_set),
    "namespaces": ("Name Status Age", _namespace),
    "nodes": (_NODES, _node),
    "services": ("Name Type Cluster-IP External-IP Port(s) Age Selector+", _service),
    "configmaps": ("Name Data# Age", _config_map),
}
