"""The stand-in of the Kubernetes API, read by the real kubectl."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes_api import Cluster, kubernetes_api
from kubernetes_selectors import SelectorError, fields_fit, labels_fit
from programs import found
from shop import APPS, CHECKOUT, PAYMENTS, RECOMMENDER, SEARCH, STOREFRONT

needs_kubectl = pytest.mark.skipif(found("kubectl") is None, reason="not installed: kubectl")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with kubernetes_api(tmp_path_factory.mktemp("cluster")) as up:
        yield up


def kubectl(cluster: Cluster, *arguments: str, code: int = 0) -> str:
    """What the real program writes; on stderr if it is to fail."""
    program = found("kubectl")
    assert program
    command = [program, "--kubeconfig", str(cluster.kubeconfig), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr if code and done.stderr else done.stdout


def as_json(cluster: Cluster, *arguments: str) -> Any:
    return json.loads(kubectl(cluster, *arguments, "-o", "json"))


@needs_kubectl
def test_the_table_of_pods_tells_the_four_faults(cluster: Cluster) -> None:
    states = {line.split()[0]: line.split()[1:4] for line in kubectl(cluster, "get", "pods").splitlines()[1:]}
    assert states[CHECKOUT.pod()] == ["0/1", "CrashLoopBackOff", "12"]
    assert states[SEARCH.pod()] == ["0/1", "OOMKilled", "6"]
    assert states[STOREFRONT.pod(0)] == ["1/1", "Running", "0"]
    assert states[STOREFRONT.pod(1)] == ["0/1", "ImagePullBackOff", "0"]
    assert states[RECOMMENDER.pod()] == ["0/1", "Pending", "0"]
    assert states[PAYMENTS.pod(0)] == states[PAYMENTS.pod(1)] == ["1/1", "Running", "0"]


@needs_kubectl
def test_a_pod_as_json_has_what_became_of_its_container(cluster: Cluster) -> None:
    status = as_json(cluster, "get", "pod", SEARCH.pod(), "-n", "shop")["status"]["containerStatuses"][0]
    assert status["restartCount"] == 6
    assert status["lastState"]["terminated"]["reason"] == "OOMKilled"
    assert status["lastState"]["terminated"]["exitCode"] == 137


@needs_kubectl
@pytest.mark.parametrize(
    ("selection", "apps"),
    [
        (("-l", "app=search"), {"search"}),
        (("-l", "app in (search,checkout)"), {"search", "checkout"}),
        (("-l", "app!=payments,app"), {"checkout", "search", "storefront", "recommender"}),
        (("--field-selector", "status.phase=Pending"), {"storefront", "recommender"}),
        (("--field-selector", "spec.nodeName=node-b,status.phase!=Pending"), {"search", "payments"}),
        (("--chunk-size", "2"), {app.name for app in APPS}),
    ],
)
def test_selectors_and_pages(cluster: Cluster, selection: tuple[str, ...], apps: set[str]) -> None:
    items = as_json(cluster, "get", "pods", *selection)["items"]
    assert {each["metadata"]["labels"]["app"] for each in items} == apps


@needs_kubectl
def test_events_of_one_pod(cluster: Cluster) -> None:
    chosen = f"involvedObject.name={RECOMMENDER.pod()}"
    told = kubectl(cluster, "get", "events", "--sort-by=.lastTimestamp", "--field-selector", chosen)
    assert "FailedScheduling" in told
    assert "2 Insufficient cpu" in told
    assert "BackOff" not in told
    newer = as_json(cluster, "get", "events.v1.events.k8s.io", "--field-selector", f"regarding.name={CHECKOUT.pod()}")
    assert {each["reason"] for each in newer["items"]} == {"Scheduled", "Pulled", "Created", "BackOff"}


@needs_kubectl
def test_logs(cluster: Cluster) -> None:
    said = kubectl(cluster, "logs", CHECKOUT.pod(), "--tail=2").splitlines()
    assert said == [
        "ERROR required environment variable DATABASE_URL is not set",
        "FATAL cannot start without a database, exit code 1",
    ]
    assert len(kubectl(cluster, "logs", CHECKOUT.pod(), "--previous").splitlines()) == 4
    assert kubectl(cluster, "logs", CHECKOUT.pod(), "--since=10s") == ""
    assert kubectl(cluster, "logs", "deployment/search").splitlines()[-1].endswith("heap 240 MiB")
    assert "trying and failing to pull image" in kubectl(cluster, "logs", STOREFRONT.pod(1), code=1)
    assert "previous terminated container" in kubectl(cluster, "logs", PAYMENTS.pod(), "--previous", code=1)


@needs_kubectl
def test_describe_brings_state_and_events_together(cluster: Cluster) -> None:
    said = kubectl(cluster, "describe", "pod", CHECKOUT.pod())
    assert "Exit Code:    1" in said
    assert "Restart Count:  12" in said
    assert "Back-off restarting failed container checkout" in said
    assert "OldReplicaSets:" in kubectl(cluster, "describe", "deployment", "storefront")
    assert "Non-terminated Pods:" in kubectl(cluster, "describe", "node", "node-a")


@needs_kubectl
def test_rollout_history_has_both_revisions(cluster: Cluster) -> None:
    history = kubectl(cluster, "rollout", "history", "deployment/checkout")
    assert "release 1.8.0" in history
    assert "settings moved to a config map" in history
    assert "DATABASE_URL" in kubectl(cluster, "rollout", "history", "deployment/checkout", "--revision=1")
    assert "DATABASE_URL" not in kubectl(cluster, "rollout", "history", "deployment/checkout", "--revision=2")


@needs_kubectl
def test_the_other_kinds(cluster: Cluster) -> None:
    assert {"namespace/shop", "node/node-a"} <= set(kubectl(cluster, "get", "ns,nodes", "-o", "name").split())
    assert "0/1" in kubectl(cluster, "get", "deployment", "checkout")
    assert len(kubectl(cluster, "get", "rs", "-o", "name").split()) == 2 * len(APPS)
    assert "v1.32.4" in kubectl(cluster, "version")
    assert 'pods "none" not found' in kubectl(cluster, "get", "pod", "none", code=1)


@needs_kubectl
@pytest.mark.parametrize(
    ("asked", "may"),
    [
        (("list", "pods"), True),
        (("get", "pods", "--subresource=log"), True),
        (("list", "deployments.apps"), True),
        (("get", "/version"), True),
        (("delete", "pods"), False),
        (("patch", "deployments.apps"), False),
        (("create", "pods", "--subresource=exec"), False),
        (("get", "secrets"), False),
    ],
)
def test_rights_one_by_one(cluster: Cluster, asked: tuple[str, ...], may: bool) -> None:
    assert kubectl(cluster, "auth", "can-i", *asked, code=0 if may else 1).split()[0] == ("yes" if may else "no")


@needs_kubectl
def test_rights_as_a_list(cluster: Cluster) -> None:
    rows = [line.split() for line in kubectl(cluster, "auth", "can-i", "--list").splitlines()]
    verbs = {row[0]: " ".join(row[3:]) for row in rows if not row[0].startswith("[")}
    assert verbs["pods"] == "[get list watch]"
    assert verbs["deployments.apps"] == "[get list watch]"
    assert "secrets" not in verbs


@needs_kubectl
@pytest.mark.parametrize(
    "command",
    [
        ("delete", "pod", CHECKOUT.pod()),
        ("rollout", "restart", "deployment/checkout"),
        ("rollout", "undo", "deployment/checkout"),
        ("scale", "deployment/checkout", "--replicas=0"),
        ("exec", CHECKOUT.pod(), "--", "id"),
    ],
)
def test_what_would_change_something_is_refused_and_listed(tmp_path: Path, command: tuple[str, ...]) -> None:
    with kubernetes_api(tmp_path) as own:
        assert "forbidden" in kubectl(own, *command, code=1)
        assert own.writes
        assert all("checkout" in each.path for each in own.writes)


@needs_kubectl
def test_secrets_are_not_the_users_and_reads_are_no_writes(tmp_path: Path) -> None:
    with kubernetes_api(tmp_path) as own:
        assert 'cannot list resource "secrets"' in kubectl(own, "get", "secrets", code=1)
        kubectl(own, "get", "pods")
        kubectl(own, "auth", "can-i", "list", "pods")
        assert "/api/v1/namespaces/shop/pods" in [each.path for each in own.requests]
        assert own.writes == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api/v1/namespaces/shop/pods/x", "/apis/batch/v1/jobs", "/api/v1", "/nothing"])
def test_no_method_that_writes_gets_through(tmp_path: Path, method: str, path: str) -> None:
    with kubernetes_api(tmp_path) as own:
        request = urllib.request.Request(own.url + path, data=b"{}", method=method)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        refused.value.close()
        assert refused.value.code == 403
        assert [each.method for each in own.writes] == [method]


def test_a_wrong_token_is_refused(cluster: Cluster) -> None:
    request = urllib.request.Request(f"{cluster.url}/api", headers={"authorization": "Bearer another"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    refused.value.close()
    assert refused.value.code == 401


def test_selectors_by_themselves() -> None:
    labels = {"app": "search", "tier": "web"}
    fitting = ["", "app=search", "app==search,tier=web", "app in (a, search)", "tier notin (db)", "tier", "!zone"]
    assert all(labels_fit(selector, labels) for selector in fitting)
    assert not any(labels_fit(selector, labels) for selector in ["app=x", "app!=search", "!app", "zone", "app in (x)"])
    with pytest.raises(SelectorError):
        labels_fit("=x", labels)
    with pytest.raises(SelectorError, match="field label not supported"):
        fields_fit("spec.other=1", {}, ("spec.nodeName",))
