"""The shop as objects of the Kubernetes API: what a cluster says of it at one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kubernetes_events import events
from kubernetes_pods import NODES, Ago, Object, owner, pod, template, uid
from shop import APPS, CHECKOUT, DAY, DEPLOYED, NAMESPACE, RECOMMENDER, SEARCH, STOREFRONT, App

BUSY = {CHECKOUT.name, SEARCH.name, STOREFRONT.name, RECOMMENDER.name}


def everything(now: datetime) -> dict[str, list[Object]]:
    """All objects by the name of their resource."""

    def ago(seconds: float) -> str:
        return (now - timedelta(seconds=seconds)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    deployments = [_deployment(app, ago) for app in APPS]
    replica_sets = [_replica_set(app, revision, ago) for app in APPS for revision in (1, 2)]
    pods = [pod(app, index, ago) for app in APPS for index in range(len(app.pods))]
    found = {
        "namespaces": [_namespace(name, ago) for name in ("default", "kube-system", NAMESPACE)],
        "nodes": [_node(name, index, ago) for index, name in enumerate(NODES)],
        "deployments": deployments,
        "replicasets": replica_sets,
        "pods": pods,
        "services": [_service(app, ago) for app in APPS],
        "configmaps": [_settings(ago)],
        "events": events(ago),
    }
    for resource, objects in found.items():
        for number, each in enumerate(objects):
            meta = each["metadata"]
            meta.setdefault("uid", uid(meta.get("namespace", ""), resource, meta["name"]))
            meta.setdefault("resourceVersion", str(4000 + number))
    return found


def _namespace(name: str, ago: Ago) -> Object:
    meta = {"name": name, "creationTimestamp": ago(90 * DAY), "labels": {"kubernetes.io/metadata.name": name}}
    return {"metadata": meta, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}


def _node(name: str, index: int, ago: Ago) -> Object:
    room = {"cpu": "4", "memory": "16393244Ki", "pods": "110", "ephemeral-storage": "81106868Ki"}
    kinds = {"MemoryPressure": "False", "DiskPressure": "False", "PIDPressure": "False", "Ready": "True"}
    reasons = {"Ready": "KubeletReady", "MemoryPressure": "KubeletHasSufficientMemory"}
    conditions = [
        {
            "type": kind,
            "status": status,
            "reason": reasons.get(kind, f"KubeletHasNo{kind}"),
            "message": "kubelet is posting ready status" if kind == "Ready" else f"kubelet has no {kind}",
            "lastHeartbeatTime": ago(20),
            "lastTransitionTime": ago(30 * DAY),
        }
        for kind, status in kinds.items()
    ]
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    return {
        "metadata": {"name": name, "creationTimestamp": ago(60 * DAY), "labels": labels},
        "spec": {"podCIDR": f"10.40.{index}.0/24"},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": f"10.20.0.{11 + index}"},
                {"type": "Hostname", "address": name},
            ],
            "capacity": room,
            "allocatable": {**room, "cpu": "3920m", "memory": "15290396Ki"},
            "conditions": conditions,
            "nodeInfo": {
                "architecture": "amd64",
                "operatingSystem": "linux",
                "osImage": "Debian GNU/Linux 12 (bookworm)",
                "kernelVersion": "6.1.0-28-amd64",
                "kubeletVersion": "v1.32.4",
                "kubeProxyVersion": "v1.32.4",
                "containerRuntimeVersion": "containerd://1.7.24",
                "machineID": uid("machine", name),
                "systemUUID": uid("system", name),
                "bootID": uid("boot", name),
            },
        },
    }


def _deployment(app: App, ago: Ago) -> Object:
    short = app.available < app.replicas
    updated = app.available if not short else 1
    conditions = [
        _condition("Available", not short, "MinimumReplicasAvailable", "MinimumReplicasUnavailable", ago),
        _condition("Progressing", app.name not in BUSY, "NewReplicaSetAvailable", "ProgressDeadlineExceeded", ago),
    ]
    return {
        "metadata": {
            "name": app.name,
            "namespace": NAMESPACE,
            "creationTimestamp": ago(30 * DAY),
            "generation": 2,
            "labels": {"app": app.name},
            "annotations": _revision(app, 2),
        },
        "spec": {
            "replicas": app.replicas,
            "selector": {"matchLabels": {"app": app.name}},
            "template": template(app, 2),
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
        },
        "status": {
            "observedGeneration": 2,
            "replicas": len(app.pods),
            "updatedReplicas": updated,
            "readyReplicas": app.available,
            "availableReplicas": app.available,
            "unavailableReplicas": len(app.pods) - app.available,
            "conditions": conditions,
        },
    }


def _condition(kind: str, holds: bool, good: str, bad: str, ago: Ago) -> Object:
    words = {
        "MinimumReplicasAvailable": "Deployment has minimum availability.",
        "MinimumReplicasUnavailable": "Deployment does not have minimum availability.",
        "NewReplicaSetAvailable": "ReplicaSet has successfully progressed.",
        "ProgressDeadlineExceeded": "ReplicaSet has timed out progressing.",
    }
    reason = good if holds else bad
    return {
        "type": kind,
        "status": str(holds),
        "reason": reason,
        "message": words[reason],
        "lastUpdateTime": ago(DEPLOYED - 600),
        "lastTransitionTime": ago(DEPLOYED - 600),
    }


def _revision(app: App, revision: int) -> dict[str, str]:
    return {
        "deployment.kubernetes.io/revision": str(revision),
        "kubernetes.io/change-cause": app.causes[revision - 1],
    }


def _replica_set(app: App, revision: int, ago: Ago) -> Object:
    of_hash = app.hashes[revision - 1]
    labels = {"app": app.name, "pod-template-hash": of_hash}
    count = sum(1 for each, _ in app.pods if each == revision)
    ready = count if app.available and (app.name not in BUSY or revision == 1) else 0
    made = template(app, revision)
    made["metadata"]["labels"] = labels
    return {
        "metadata": {
            "name": f"{app.name}-{of_hash}",
            "namespace": NAMESPACE,
            "creationTimestamp": ago(DEPLOYED if revision == 2 else 9 * DAY),
            "generation": 1,
            "labels": labels,
            "annotations": _revision(app, revision),
            "ownerReferences": [owner("Deployment", app.name)],
        },
        "spec": {"replicas": count, "selector": {"matchLabels": labels}, "template": made},
        "status": {"replicas": count, "readyReplicas": ready, "availableReplicas": ready, "observedGeneration": 1},
    }


def _service(app: App, ago: Ago) -> Object:
    meta = {"name": app.name, "namespace": NAMESPACE, "creationTimestamp": ago(30 * DAY)}
    ports = [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}]
    address = f"10.96.7.{10 + APPS.index(app)}"
    spec = {"type": "ClusterIP", "clusterIP": address, "selector": {"app": app.name}, "ports": ports}
    return {"metadata": meta, "spec": spec, "status": {"loadBalancer": {}}}


def _settings(ago: Ago) -> Object:
    meta = {"name": "checkout-settings", "namespace": NAMESPACE, "creationTimestamp": ago(DEPLOYED)}
    return {"metadata": meta, "data": {"settings.toml": 'port = 8080\n[database]\nurl = "${DATABASE_URL}"\n'}}
