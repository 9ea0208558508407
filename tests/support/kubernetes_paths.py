"""What requests to the Kubernetes API name and do, and how it refuses them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kubernetes_discovery import REVIEWS
from serving import Request, as_json

VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_PATH = re.compile(
    r"/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+)/(?P<version>[^/]+))"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?/(?P<resource>[^/]+)(?:/(?P<name>[^/]+)(?:/(?P<sub>.+))?)?"
)


@dataclass(frozen=True)
class Target:
    """What a path names."""

    group: str
    version: str
    namespace: str
    resource: str
    name: str
    sub: str

    @property
    def full(self) -> str:
        """Resource and subresource, as rights are given: pods/log."""
        return f"{self.resource}/{self.sub}" if self.sub else self.resource


def target(path: str) -> Target | None:
    """What a path names, or None where it is none of objects."""
    found = _PATH.fullmatch(path)
    if not found:
        return None
    part = {key: value or "" for key, value in found.groupdict().items()}
    version = part["core"] or part["version"]
    return Target(part["group"], version, part["namespace"], part["resource"], part["name"], part["sub"])


def reads(request: Request) -> bool:
    """Whether a request only reads."""
    wanted = target(request.path)
    if wanted and wanted.group == "authorization.k8s.io" and wanted.resource in REVIEWS:
        return True
    return request.method in ("GET", "HEAD") and (wanted is None or wanted.sub in ("", "log", "status", "scale"))


class RefusedError(Exception):
    """An answer of kind Status."""

    def __init__(self, status: int, reason: str, message: str, **details: str) -> None:
        super().__init__(message)
        self.answer = as_json(
            {
                "kind": "Status",
                "apiVersion": "v1",
                "metadata": {},
                "status": "Failure",
                "message": message,
                "reason": reason,
                "details": details,
                "code": status,
            },
            status,
        )
