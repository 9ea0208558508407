"""What the stand-in's API server has and what its user may do with it: discovery and the rights of a reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kubernetes_pods import Object

VERSION = {
    "major": "1",
    "minor": "32",
    "gitVersion": "v1.32.4",
    "gitCommit": "59526cd4867447956156ae3a602fcbac10a2c335",
    "gitTreeState": "clean",
    "buildDate": "2025-04-22T15:53:58Z",
    "goVersion": "go1.23.6",
    "compiler": "gc",
    "platform": "linux/amd64",
}
READS = ("get", "list", "watch")
WRITES = ("create", "delete", "deletecollection", "patch", "update")


@dataclass(frozen=True)
class Resource:
    """A kind of object: `fields` are what a field selector may name beside metadata.name and metadata.namespace."""

    group: str
    version: str
    name: str
    kind: str
    namespaced: bool = True
    short: Sequence[str] = ()
    categories: Sequence[str] = ()
    readable: bool = True
    fields: Sequence[str] = ()

    @property
    def api_version(self) -> str:
        """Group and version as objects have it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def full_name(self) -> str:
        """As error messages have it: deployments.apps."""
        return f"{self.name}.{self.group}" if self.group else self.name


_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_OF_EVENTS = (*(f"involvedObject.{name}" for name in _INVOLVED), "reason", "source", "type", "reportingComponent")
_OF_PODS = ("spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase")
_ALL = ("all",)

RESOURCES = (
    Resource("", "v1", "namespaces", "Namespace", False, ("ns",), fields=("status.phase",)),
    Resource("", "v1", "nodes", "Node", False, ("no",), fields=("spec.unschedulable",)),
    Resource("", "v1", "pods", "Pod", True, ("po",), _ALL, fields=(*_OF_PODS, "status.podIP")),
    Resource("", "v1", "events", "Event", True, ("ev",), fields=_OF_EVENTS),
    Resource("", "v1", "services", "Service", True, ("svc",), _ALL),
    Resource("", "v1", "configmaps", "ConfigMap", True, ("cm",)),
    Resource("", "v1", "secrets", "Secret", readable=False),
    Resource("apps", "v1", "deployments", "Deployment", True, ("deploy",), _ALL),
    Resource("apps", "v1", "replicasets", "ReplicaSet", True, ("rs",), _ALL),
    Resource("events.k8s.io", "v1", "events", "Event", True, ("ev",), fields=("regarding.name", "reason", "type")),
)
SUBRESOURCES = ("pods/log",)
"""What can be read of an object beside itself."""

REVIEWS = ("selfsubjectaccessreviews", "selfsubjectrulesreviews")
"""Questions about one's own rights: they are asked by POST and change nothing."""

GROUPS = ("apps", "events.k8s.io", "authorization.k8s.io")
USER = "system:serviceaccount:shop:sre-run-reader"


def find(group: str, version: str, name: str) -> Resource | None:
    """A resource, or None where the server has none of that name."""
    return next((one for one in RESOURCES if (one.group, one.version, one.name) == (group, version, name)), None)


def discovery(path: str, address: str) -> Object | None:
    """What a path of discovery answers, or None for another path."""
    if path == "/version":
        return dict(VERSION)
    if path == "/api":
        served = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": served}
    if path == "/apis":
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(name) for name in GROUPS]}
    if path == "/api/v1":
        return _resources("", "v1")
    group = path.removeprefix("/apis/").partition("/")[0]
    if group not in GROUPS:
        return None
    if path == f"/apis/{group}":
        return {"kind": "APIGroup", "apiVersion": "v1", **_group(group)}
    return _resources(group, f"{group}/v1") if path == f"/apis/{group}/v1" else None


def _group(name: str) -> Object:
    version = {"groupVersion": f"{name}/v1", "version": "v1"}
    return {"name": name, "versions": [version], "preferredVersion": version}


def _resources(group: str, version: str) -> Object:
    found: list[Object] = [
        {
            "name": one.name,
            "singularName": one.kind.lower(),
            "namespaced": one.namespaced,
            "kind": one.kind,
            "verbs": sorted((*READS, *WRITES)),
            "shortNames": list(one.short),
            "categories": list(one.categories),
        }
        for one in RESOURCES
        if one.group == group
    ]
    if not group:
        names = ("pods/log", "pods/exec", "pods/attach", "pods/portforward")
        found += [{"name": n, "singularName": "", "namespaced": True, "kind": "Pod", "verbs": ["get"]} for n in names]
    if group == "authorization.k8s.io":
        found += [
            {"name": n, "singularName": kind.lower(), "namespaced": False, "kind": kind, "verbs": ["create"]}
            for n, kind in zip(REVIEWS, ("SelfSubjectAccessReview", "SelfSubjectRulesReview"), strict=True)
        ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": found}


def allowed(verb: str, group: str, resource: str) -> bool:
    """Whether the user may do this; `pods/log` is a resource of its own."""
    if group == "authorization.k8s.io":
        return resource in REVIEWS and verb == "create"
    if verb not in READS:
        return False
    if "/" in resource:
        return resource in SUBRESOURCES and group == "" and verb == "get"
    return any(one.group == group and one.name == resource and one.readable for one in RESOURCES)


def access_review(asked: Mapping[str, Object]) -> Object:
    """The answer to a SelfSubjectAccessReview."""
    spec = asked.get("spec", {})
    wanted = spec.get("resourceAttributes")
    if wanted is None:
        attributes = spec.get("nonResourceAttributes", {})
        yes = attributes.get("verb") == "get" and attributes.get("path") in ("/version", "/healthz", "/api", "/apis")
    else:
        resource = wanted.get("resource", "") + (f"/{sub}" if (sub := wanted.get("subresource")) else "")
        yes = allowed(wanted.get("verb", ""), wanted.get("group", ""), resource)
    status = {"allowed": yes, **({"reason": "RBAC: allowed by ClusterRoleBinding sre-run-reader"} if yes else {})}
    return {**asked, "status": status}


def rules_review(asked: Mapping[str, Object]) -> Object:
    """The answer to a SelfSubjectRulesReview."""
    by_group: dict[str, list[str]] = {}
    for one in RESOURCES:
        if one.readable:
            by_group.setdefault(one.group, []).append(one.name)
    rules = [{"verbs": list(READS), "apiGroups": [group], "resources": names} for group, names in by_group.items()]
    rules.append({"verbs": ["get"], "apiGroups": [""], "resources": list(SUBRESOURCES)})
    rules.append({"verbs": ["create"], "apiGroups": ["authorization.k8s.io"], "resources": list(REVIEWS)})
    paths = [{"verbs": ["get"], "nonResourceURLs": ["/api", "/apis", "/healthz", "/version"]}]
    return {**asked, "status": {"resourceRules": rules, "nonResourceRules": paths, "incomplete": False}}
