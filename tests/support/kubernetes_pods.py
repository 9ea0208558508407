"""The shop's pods as objects of the Kubernetes API: what they ask for and what became of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from shop import APPS, CHECKOUT, DAY, DEPLOYED, NAMESPACE, RECOMMENDER, RESTARTS, SEARCH, STOREFRONT, App

Object = dict[str, Any]
Ago = Callable[[float], str]

NODES = ("node-a", "node-b")


def uid(*parts: str) -> str:
    """The same id for the same object."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, "/".join(parts)))


def owner(kind: str, name: str) -> Object:
    """A reference to the deployment or replica set that made an object."""
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "name": name,
        "uid": uid(NAMESPACE, f"{kind.lower()}s", name),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def template(app: App, revision: int) -> Object:
    """A revision's pod template."""
    environment = [{"name": name, "value": value} for name, value in app.environment]
    if app is CHECKOUT and revision == 1:
        environment.append({"name": "DATABASE_URL", "value": "postgres://checkout@db.shop.svc:5432/checkout"})
    container = {
        "name": app.name,
        "image": app.image(revision),
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "env": environment,
        "resources": {
            "requests": {"cpu": app.cpu if revision == 2 else "250m", "memory": app.memory},
            "limits": {"memory": app.memory},
        },
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
    return {
        "metadata": {"labels": {"app": app.name}},
        "spec": {
            "containers": [container],
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "serviceAccountName": "default",
            "schedulerName": "default-scheduler",
        },
    }


def pod(app: App, index: int, ago: Ago) -> Object:
    """One of its pods."""
    revision, _ = app.pods[index]
    of_hash = app.hashes[revision - 1]
    made = DEPLOYED if revision == 2 else 9 * DAY
    spec = template(app, revision)["spec"]
    waits = app is RECOMMENDER
    node = NODES[(APPS.index(app) + index) % len(NODES)]
    meta = {
        "name": app.pod(index),
        "generateName": f"{app.name}-{of_hash}-",
        "namespace": NAMESPACE,
        "creationTimestamp": ago(made),
        "labels": {"app": app.name, "pod-template-hash": of_hash},
        "ownerReferences": [owner("ReplicaSet", f"{app.name}-{of_hash}")],
    }
    if waits:
        return {"metadata": meta, "spec": spec, "status": _unscheduled(ago)}
    return {"metadata": meta, "spec": {**spec, "nodeName": node}, "status": _status(app, index, made, ago)}


def _unscheduled(ago: Ago) -> Object:
    words = "0/2 nodes are available: 2 Insufficient cpu."
    why = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": words}
    return {"phase": "Pending", "qosClass": "Burstable", "conditions": [{**why, "lastTransitionTime": ago(DEPLOYED)}]}


def _status(app: App, index: int, made: float, ago: Ago) -> Object:
    container = _container(app, index, made, ago)
    ready = container["ready"]
    place = (APPS.index(app) + index) % len(NODES)
    address = f"10.40.{place}.{20 + APPS.index(app) * 4 + index}"
    unready = {} if ready else {"reason": "ContainersNotReady", "message": f"containers not ready: [{app.name}]"}
    kinds = {"Initialized": True, "Ready": ready, "ContainersReady": ready, "PodScheduled": True}
    return {
        "phase": "Pending" if container["imageID"] == "" else "Running",
        "hostIP": f"10.20.0.{11 + place}",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": ago(made),
        "qosClass": "Burstable",
        "conditions": [
            {
                "type": kind,
                "status": str(holds),
                "lastProbeTime": None,
                "lastTransitionTime": ago(made - 5),
                **({} if holds else unready),
            }
            for kind, holds in kinds.items()
        ],
        "containerStatuses": [container],
    }


def _container(app: App, index: int, made: float, ago: Ago) -> Object:
    name = app.pod(index)
    state, last, ready = _states(app, index, made, ago)
    image = app.image(app.pods[index][0])
    pulled = "ImagePullBackOff" not in str(state)
    digest, made_id = (uuid.uuid5(uuid.NAMESPACE_DNS, each).hex * 2 for each in (image, name))
    return {
        "name": app.name,
        "image": image,
        "imageID": f"{image.partition(':')[0]}@sha256:{digest}" if pulled else "",
        **({"containerID": f"containerd://{made_id}"} if pulled else {}),
        "ready": ready,
        "started": ready,
        "restartCount": RESTARTS.get(name, 0),
        "state": state,
        "lastState": last,
    }


def _states(app: App, index: int, made: float, ago: Ago) -> tuple[Object, Object, bool]:
    """What its container does, what it did before, and whether it is ready."""
    name = app.pod(index)
    if app is CHECKOUT:
        words = f"back-off 5m0s restarting failed container=checkout pod={name}_{NAMESPACE}"
        return _waiting("CrashLoopBackOff", words), _ended("Error", 1, 95, 94, ago), False
    if app is SEARCH:
        return _ended("OOMKilled", 137, 240, 180, ago), _ended("OOMKilled", 137, 960, 900, ago), False
    if app is STOREFRONT and index == 1:
        words = f'Back-off pulling image "{app.image(2)}"'
        return _waiting("ImagePullBackOff", words), {}, False
    return {"running": {"startedAt": ago(made - 4)}}, {}, True


def _waiting(reason: str, message: str) -> Object:
    return {"waiting": {"reason": reason, "message": message}}


def _ended(reason: str, code: int, started: float, finished: float, ago: Ago) -> Object:
    return {"terminated": {"reason": reason, "exitCode": code, "startedAt": ago(started), "finishedAt": ago(finished)}}
