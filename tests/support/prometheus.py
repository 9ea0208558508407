"""The real Prometheus and Alertmanager, scraping the shop's metrics from this process.

    if (word := missing()):
        pytest.skip(word)
    with monitoring(tmp_path) as shop:
        shop.query('up{job="shop"}')          # what /api/v1/query answers: a list of samples
        shop.firing()                         # the alerts that Alertmanager has, as soon as it has all that fire

Scrapes and rules come every second. The rules of `RULES` fire at once: restarts of two containers, and the 5xx of the
storefront. What Alertmanager sends on to its webhook is in `shop.notified`.
"""

from __future__ import annotations

import contextlib
import json
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from programs import found, running, until
from serving import Answer, Request, Serving, as_json
from shop import APPS, NAMESPACE, RESTARTS

ALERTMANAGER = ("prometheus-alertmanager", "alertmanager")
"""Debian's name of the program, and its own."""

RULES = [
    {
        "alert": "PodRestartingOften",
        "expr": f'kube_pod_container_status_restarts_total{{namespace="{NAMESPACE}"}} > 5',
        "labels": {"severity": "critical"},
        "annotations": {
            "summary": "{{ $labels.pod }} restarted {{ $value }} times",
            "runbook_url": "https://runbooks.shop.example/pod-restarting-often",
        },
    },
    {
        "alert": "HighErrorRate",
        "expr": 'sum by (namespace, app) (http_requests_total{status=~"5.."})'
        " / sum by (namespace, app) (http_requests_total) > 0.05",
        "labels": {"severity": "warning"},
        "annotations": {"summary": "{{ $labels.app }} fails {{ $value | humanizePercentage }} of its requests"},
    },
]
FIRING = {("PodRestartingOften", "checkout"), ("PodRestartingOften", "search"), ("HighErrorRate", "storefront")}
"""What fires: the name of the alert and the label `app`."""


def missing() -> str | None:
    """A word about the program that is not installed, for a test to skip with; None where both are."""
    absent = [names[0] for names in (("prometheus",), ALERTMANAGER) if not found(*names)]
    return f"not installed: {', '.join(absent)}" if absent else None


@dataclass(frozen=True)
class Monitoring:
    """Both programs while they are up: their addresses, and the server in this process that they ask and tell."""

    prometheus: str
    alertmanager: str
    shop: Serving

    @property
    def notified(self) -> list[Any]:
        """The bodies of Alertmanager's notifications so far."""
        return [json.loads(each.body) for each in self.shop.requests if each.path == "/notify"]

    def query(self, expression: str) -> list[Any]:
        """The samples that an instant query finds."""
        data = read(f"{self.prometheus}/api/v1/query?{urllib.parse.urlencode({'query': expression})}")["data"]
        return list(data["result"])

    def alerts(self) -> list[Any]:
        """The active alerts that have reached Alertmanager so far."""
        return list(read(f"{self.alertmanager}/api/v2/alerts?active=true"))

    def firing(self) -> list[Any]:
        """Those, as soon as all of `FIRING` are among them."""
        assert until(lambda: {_named(each) for each in self.alerts()} >= FIRING), f"not all fire: {self.alerts()}"
        return self.alerts()


@contextlib.contextmanager
def monitoring(folder: Path) -> Iterator[Monitoring]:
    """Both programs with their data in this folder, ready and with a first scrape done."""
    with (
        Serving(_shop) as shop,
        alertmanager(folder, f"{shop.url}/notify") as alerts,
        prometheus(folder, shop.url, alerts) as scraper,
    ):
        both = Monitoring(scraper, alerts, shop)
        assert until(lambda: both.query('up{job="shop"} == 1')), "Prometheus did not scrape the shop"
        yield both


@contextlib.contextmanager
def alertmanager(folder: Path, webhook: str) -> Iterator[str]:
    """Alertmanager's address; it sends every alert on to `webhook`, in groups by name."""
    route = {"receiver": "webhook", "group_by": ["alertname"], "group_wait": "0s", "group_interval": "1s"}
    receivers = [{"name": "webhook", "webhook_configs": [{"url": webhook, "send_resolved": True}]}]
    config = _written(folder / "alertmanager.yml", {"route": route, "receivers": receivers})
    program = found(*ALERTMANAGER)
    assert program
    options = [f"--config.file={config}", f"--storage.path={folder / 'alertmanager'}", "--cluster.listen-address="]
    with _running([program, *options], folder / "alertmanager.log") as url:
        yield url


@contextlib.contextmanager
def prometheus(folder: Path, target: str, alerts: str) -> Iterator[str]:
    """Prometheus' address; it scrapes `target` and sends what fires to Alertmanager at `alerts`."""
    rules = _written(folder / "rules.yml", {"groups": [{"name": "shop", "rules": RULES}]})
    config = _written(
        folder / "prometheus.yml",
        {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(rules)],
            "scrape_configs": [{"job_name": "shop", "static_configs": [_target(target)]}],
            "alerting": {"alertmanagers": [{"static_configs": [_target(alerts)]}]},
        },
    )
    program = found("prometheus")
    assert program
    options = [f"--config.file={config}", f"--storage.tsdb.path={folder / 'prometheus'}"]
    with _running([program, *options], folder / "prometheus.log") as url:
        yield url


def _running(command: Sequence[str], log: Path) -> contextlib.AbstractContextManager[str]:
    return running(lambda port: [*command, f"--web.listen-address=127.0.0.1:{port}"], "/-/ready", log)


def metrics(seconds: float) -> str:
    """What the shop's metrics are some seconds after 1970, in the text format of a scrape."""
    restarts = [
        f'kube_pod_container_status_restarts_total{{namespace="{NAMESPACE}",pod="{app.pod(index)}",'
        f'container="{app.name}",app="{app.name}"}} {RESTARTS.get(app.pod(index), 0)}'
        for app in APPS
        for index in range(len(app.pods))
    ]
    served = int(seconds) % 1_000_000 * 20
    requests = [
        f'http_requests_total{{namespace="{NAMESPACE}",app="{app}",service="{app}",status="{status}"}} '
        f"{served * share // 100}"
        for app, shares in {"storefront": {200: 88, 502: 12}, "payments": {200: 100, 500: 0}}.items()
        for status, share in shares.items()
    ]
    return "\n".join(
        [
            "# HELP kube_pod_container_status_restarts_total The number of container restarts per container.",
            "# TYPE kube_pod_container_status_restarts_total counter",
            *restarts,
            "# HELP http_requests_total Requests by status.",
            "# TYPE http_requests_total counter",
            *requests,
            "",
        ]
    )


def read(url: str) -> Any:
    """The JSON at an address."""
    with urllib.request.urlopen(url, timeout=10) as response:
        return json.load(response)


def _shop(request: Request) -> Answer:
    """What Prometheus scrapes, and what Alertmanager notifies."""
    if request.path == "/metrics":
        return Answer(200, metrics(time.time()).encode(), "text/plain; version=0.0.4; charset=utf-8")
    return as_json({})


def _named(alert: Any) -> tuple[str, str]:
    return alert["labels"]["alertname"], alert["labels"].get("app", "")


def _target(url: str) -> dict[str, list[str]]:
    return {"targets": [url.removeprefix("http://")]}


def _written(path: Path, data: object) -> Path:
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path
