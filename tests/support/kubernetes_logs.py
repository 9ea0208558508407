"""The logs of the shop's pods, as the Kubernetes API gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from kubernetes_paths import RefusedError
from kubernetes_pods import Object
from serving import Answer, Request, as_text
from shop import lines


def log(request: Request, pod: Object, now: datetime) -> Answer:
    """What is asked for of the log of a pod's container."""
    name = pod["metadata"]["name"]
    container = pod["spec"]["containers"][0]["name"]
    asked = request.value("container") or container
    if asked != container:
        raise RefusedError(400, "BadRequest", f"container {asked} is not valid for pod {name}")
    previous = request.value("previous") in ("1", "true")
    written = lines(name, previous=previous)
    if written is None and previous:
        raise RefusedError(400, "BadRequest", f'previous terminated container "{container}" in pod "{name}" not found')
    if written is None:
        why = _reason(pod)
        raise RefusedError(400, "BadRequest", f'container "{container}" in pod "{name}" is waiting to start: {why}')
    stamped = [(now - timedelta(seconds=ago), words) for ago, words in written]
    if since := request.value("sinceSeconds"):
        stamped = [each for each in stamped if each[0] >= now - timedelta(seconds=int(since))]
    if moment := request.value("sinceTime"):
        stamped = [each for each in stamped if each[0] >= datetime.fromisoformat(moment)]
    if tail := request.value("tailLines"):
        stamped = stamped[len(stamped) - min(int(tail), len(stamped)) :]
    stamps = request.value("timestamps") in ("1", "true")
    text = "".join(f"{_stamp(when)} {words}\n" if stamps else f"{words}\n" for when, words in stamped)
    limit = int(request.value("limitBytes") or 0) or len(text)
    return as_text(text[:limit])


def _reason(pod: Object) -> str:
    states: Sequence[Mapping[str, Object]] = [one["state"] for one in pod["status"].get("containerStatuses", [])]
    reasons = [state["waiting"]["reason"] for state in states if "waiting" in state]
    return "trying and failing to pull image" if "ImagePullBackOff" in reasons else "ContainerCreating"


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
