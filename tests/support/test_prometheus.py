"""The real Prometheus and Alertmanager with the shop's metrics."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from programs import until
from prometheus import FIRING, Monitoring, metrics, missing, monitoring
from shop import CHECKOUT, SEARCH

needs_both = pytest.mark.skipif(missing() is not None, reason=str(missing()))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Monitoring]:
    with monitoring(tmp_path_factory.mktemp("monitoring")) as up:
        yield up


@needs_both
def test_prometheus_answers_a_query(shop: Monitoring) -> None:
    samples = shop.query("kube_pod_container_status_restarts_total > 0")
    restarts = {each["metric"]["pod"]: float(each["value"][1]) for each in samples}
    assert restarts == {CHECKOUT.pod(): 12, SEARCH.pod(): 6}


@needs_both
def test_prometheus_has_rates(shop: Monitoring) -> None:
    query = 'sum by (app) (rate(http_requests_total{status=~"5.."}[1m]))'
    assert until(lambda: [each for each in shop.query(query) if float(each["value"][1]) > 0])


@needs_both
def test_what_fires_reaches_alertmanager_and_its_webhook(shop: Monitoring) -> None:
    alerts = {(each["labels"]["alertname"], each["labels"]["app"]): each for each in shop.firing()}
    assert set(alerts) == FIRING
    one = alerts["PodRestartingOften", "checkout"]
    assert one["status"]["state"] == "active"
    assert one["annotations"]["summary"] == f"{CHECKOUT.pod()} restarted 12 times"
    assert until(lambda: len({each["groupLabels"]["alertname"] for each in shop.notified}) == 2)
    assert {each["status"] for each in shop.notified} == {"firing"}
    assert {each["version"] for each in shop.notified} == {"4"}


def test_metrics_only_grow() -> None:
    before, after = metrics(1000), metrics(1010)
    assert before.count("\n") == after.count("\n")
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    assert all(float(b.rsplit(" ")[-1]) >= float(a.rsplit(" ")[-1]) for a, b in pairs if not a.startswith("#"))
