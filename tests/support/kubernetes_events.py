"""The events of the shop's pods."""

from __future__ import annotations

from collections.abc import Sequence

from kubernetes_pods import Ago, Object, uid
from shop import CHECKOUT, DEPLOYED, HOUR, NAMESPACE, RECOMMENDER, SEARCH, STOREFRONT, App

TOLD: Sequence[tuple[App, int, str, str, int, float, float, str]] = (
        (CHECKOUT, 0, "Normal", "Scheduled", 1, DEPLOYED, DEPLOYED, "Successfully assigned shop/{pod} to node-a"),
        (CHECKOUT, 0, "Normal", "Pulled", 13, DEPLOYED, 96, 'Container image "{image}" already present on machine'),
        (CHECKOUT, 0, "Normal", "Created", 13, DEPLOYED, 95, "Created container: checkout"),
        (CHECKOUT, 0, "Warning", "BackOff", 171, DEPLOYED - 60, 15,
         "Back-off restarting failed container checkout in pod {pod}_shop"),
        (SEARCH, 0, "Normal", "Pulled", 7, DEPLOYED, 240, 'Container image "{image}" already present on machine'),
        (SEARCH, 0, "Warning", "BackOff", 9, HOUR / 2, 170,
         "Back-off restarting failed container search in pod {pod}_shop"),
        (STOREFRONT, 1, "Normal", "Pulling", 9, DEPLOYED, 400, 'Pulling image "{image}"'),
        (STOREFRONT, 1, "Warning", "Failed", 9, DEPLOYED, 399,
         'Failed to pull image "{image}": rpc error: code = NotFound desc = failed to pull and unpack image "{image}": '
         "failed to resolve reference: not found"),
        (STOREFRONT, 1, "Warning", "Failed", 160, DEPLOYED, 30, "Error: ImagePullBackOff"),
        (RECOMMENDER, 0, "Warning", "FailedScheduling", 9, DEPLOYED, 100,
         "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 No preemption victims "
         "found for incoming pod."),
    )  # fmt: skip
"""Per entry: app, index of its pod, type, reason, how often, first and last seen (seconds ago), what is said."""


def events(ago: Ago) -> list[Object]:
    """All of them, as core/v1 has them."""
    found = []
    for number, (app, index, kind, reason, count, first, last, words) in enumerate(TOLD):
        name = app.pod(index)
        scheduler = "Schedul" in reason
        source = {"component": "default-scheduler"} if scheduler else {"component": "kubelet", "host": "node-a"}
        involved = {"kind": "Pod", "apiVersion": "v1", "namespace": NAMESPACE, "name": name}
        involved["uid"] = uid(NAMESPACE, "pods", name)
        involved |= {} if scheduler else {"fieldPath": f"spec.containers{{{app.name}}}"}
        found.append(
            {
                "metadata": {
                    "name": f"{name}.18{number:02}f3a2b7c6d5e4",
                    "namespace": NAMESPACE,
                    "creationTimestamp": ago(first),
                },
                "involvedObject": involved,
                "reason": reason,
                "message": words.format(pod=name, image=app.image(app.pods[index][0])),
                "source": source,
                "firstTimestamp": ago(first),
                "lastTimestamp": ago(last),
                "count": count,
                "type": kind,
                "eventTime": None,
                "reportingComponent": source["component"],
                "reportingInstance": source.get("host", ""),
            }
        )
    return found
