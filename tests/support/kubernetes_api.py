"""A stand-in of the Kubernetes API on 127.0.0.1, for the real `kubectl` and other real clients: it only reads.

    with kubernetes_api(tmp_path) as cluster:
        subprocess.run(["kubectl", "--kubeconfig", cluster.kubeconfig, "get", "pods", "-n", "shop"])
        assert not cluster.writes

What it has is the shop of `shop.py`: pods, events (core/v1 and events.k8s.io/v1), deployments, replica sets,
namespaces, nodes, services, config maps; logs; the user's rights. `secrets` exist and the user may not read them.
Selectors, pages (`limit`, `continue`) and tables are as a server of version 1.32 has them; a watch ends at once.
Whatever would change something is answered by 403 and listed in `cluster.writes`; so is exec into a pod.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml
from kubernetes_discovery import (
    REVIEWS,
    USER,
    Resource,
    access_review,
    allowed,
    discovery,
    find,
    rules_review,
)
from kubernetes_logs import log
from kubernetes_objects import everything
from kubernetes_paths import VERBS, RefusedError, Target, reads, target
from kubernetes_pods import Object
from kubernetes_reviews import review
from kubernetes_selectors import SelectorError, fields_fit, labels_fit
from kubernetes_tables import table
from serving import Answer, Request, Serving, as_json, as_text
from shop import NAMESPACE

TOKEN = "token-of-the-stand-in"


@dataclass(frozen=True)
class Cluster:
    """The stand-in while it is up: where its kubeconfig is, its address, and every request so far."""

    kubeconfig: Path
    url: str
    requests: Sequence[Request]

    @property
    def writes(self) -> list[Request]:
        """The requests that would have changed something, or run something in a pod."""
        return [request for request in self.requests if not reads(request)]


@contextlib.contextmanager
def kubernetes_api(folder: Path, now: datetime | None = None) -> Iterator[Cluster]:
    """The stand-in, its kubeconfig in this folder; the ages of its objects count from `now`."""
    with Serving(Api(now or datetime.now(UTC)).answer) as server:
        path = folder / "kubeconfig"
        path.write_text(yaml.safe_dump(_kubeconfig(server.url)), encoding="utf-8")
        path.chmod(0o600)
        yield Cluster(path, server.url, server.requests)


def _kubeconfig(url: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "stand-in", "cluster": {"server": url}}],
        "users": [{"name": "reader", "user": {"token": TOKEN}}],
        "contexts": [
            {"name": "stand-in", "context": {"cluster": "stand-in", "user": "reader", "namespace": NAMESPACE}}
        ],
        "current-context": "stand-in",
    }


class Api:
    """Answers requests from the objects of one moment."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._objects = everything(now)

    def answer(self, request: Request) -> Answer:
        """Answer one."""
        try:
            return self._answer(request)
        except RefusedError as refused:
            return refused.answer

    def _answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") not in (None, f"Bearer {TOKEN}"):  # clients send none over plain HTTP
            raise RefusedError(401, "Unauthorized", "Unauthorized")
        if request.path in ("/healthz", "/livez", "/readyz"):
            return as_text("ok")
        found = discovery(request.path, request.headers.get("host", ""))
        if found is not None and reads(request):
            return as_json(found)
        wanted = target(request.path)
        if wanted is None and not reads(request):
            words = f'User "{USER}" cannot {VERBS.get(request.method, request.method.lower())} path "{request.path}"'
            raise RefusedError(403, "Forbidden", f"forbidden: {words}")
        if wanted is None:
            raise RefusedError(404, "NotFound", "the server could not find the requested resource")
        self._permit(request, wanted)
        if wanted.group == "authorization.k8s.io":
            judge = access_review if wanted.resource == REVIEWS[0] else rules_review
            return as_json(judge(review(request)), 201)
        kind = find(wanted.group, wanted.version, wanted.resource)
        if kind is None:
            raise RefusedError(404, "NotFound", "the server could not find the requested resource")
        return self._read(request, wanted, kind)

    def _permit(self, request: Request, wanted: Target) -> None:
        verb = VERBS.get(request.method, request.method.lower())
        if verb == "get" and not wanted.name:
            verb = "watch" if request.value("watch") in ("1", "true") else "list"
        if allowed(verb, wanted.group, wanted.full):
            return
        known = find(wanted.group, wanted.version, wanted.resource)
        if known is None and verb in ("get", "list", "watch"):
            raise RefusedError(404, "NotFound", "the server could not find the requested resource")
        full = f"{wanted.resource}.{wanted.group}" if wanted.group else wanted.resource
        subject = f'{full} "{wanted.name}"' if wanted.name else full
        where = f'in the namespace "{wanted.namespace}"' if wanted.namespace else "at the cluster scope"
        raise RefusedError(
            403,
            "Forbidden",
            f'{subject} is forbidden: User "{USER}" cannot {verb} resource "{wanted.full}" '
            f'in API group "{wanted.group}" {where}',
            kind=wanted.resource,
            group=wanted.group,
            name=wanted.name,
        )

    def _read(self, request: Request, wanted: Target, kind: Resource) -> Answer:
        objects = [_shaped(each, kind) for each in self._objects.get(kind.name, [])]
        if wanted.namespace:
            objects = [each for each in objects if each["metadata"].get("namespace") == wanted.namespace]
        if wanted.name:
            objects = [each for each in objects if each["metadata"]["name"] == wanted.name]
            if not objects:
                message = f'{kind.full_name} "{wanted.name}" not found'
                raise RefusedError(404, "NotFound", message, name=wanted.name, group=kind.group, kind=kind.name)
            if wanted.sub == "log":
                return log(request, objects[0], self._now)
            return self._sent(request, kind, objects, {"resourceVersion": objects[0]["metadata"]["resourceVersion"]})
        if request.value("watch") in ("1", "true"):
            return Answer(200, b"")
        return self._page(request, kind, _selected(request, kind, objects))

    def _page(self, request: Request, kind: Resource, objects: Sequence[Object]) -> Answer:
        start = int(request.value("continue") or 0)
        end = start + (int(request.value("limit") or 0) or len(objects))
        meta: Object = {"resourceVersion": "5000"}
        if left := objects[end:]:
            meta |= {"continue": str(end), "remainingItemCount": len(left)}
        return self._sent(request, kind, objects[start:end], meta, many=True)

    def _sent(
        self, request: Request, kind: Resource, objects: Sequence[Object], meta: Object, *, many: bool = False
    ) -> Answer:
        if "as=Table" in request.headers.get("accept", ""):
            include = request.value("includeObject", "Metadata")
            return as_json(table(kind.name, objects, self._now, meta, include))
        if not many:
            return as_json(objects[0])
        bare = [{key: value for key, value in each.items() if key not in ("kind", "apiVersion")} for each in objects]
        return as_json({"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": meta, "items": bare})


def _shaped(each: Object, kind: Resource) -> Object:
    head = {"kind": kind.kind, "apiVersion": kind.api_version}
    return {**head, **(_new_event(each) if kind.group == "events.k8s.io" else each)}


def _selected(request: Request, kind: Resource, objects: Sequence[Object]) -> list[Object]:
    known = ("metadata.name", "metadata.namespace", *kind.fields)
    labels, fields = request.value("labelSelector"), request.value("fieldSelector")
    try:
        return [
            each
            for each in objects
            if labels_fit(labels, each["metadata"].get("labels", {})) and fields_fit(fields, each, known)
        ]
    except SelectorError as bad:
        raise RefusedError(400, "BadRequest", str(bad)) from None


def _new_event(each: Object) -> Object:
    """An event in the words of events.k8s.io/v1."""
    source = each["source"]
    return {
        "metadata": each["metadata"],
        "eventTime": None,
        "reason": each["reason"],
        "note": each["message"],
        "type": each["type"],
        "regarding": each["involvedObject"],
        "deprecatedSource": source,
        "deprecatedFirstTimestamp": each["firstTimestamp"],
        "deprecatedLastTimestamp": each["lastTimestamp"],
        "deprecatedCount": each["count"],
        "reportingController": source["component"],
        "reportingInstance": source.get("host", ""),
    }
