"""What monitoring systems send, written by hand after their documentation."""

from __future__ import annotations

from typing import Any

FIRST = {
    "status": "firing",
    "labels": {"alertname": "HighErrorRate", "service": "checkout", "severity": "critical", "pod": "checkout-1"},
    "annotations": {"summary": "4.7% of requests fail"},
    "startsAt": "2026-11-22T14:03:26.739266876+01:00",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus/graph",
    "fingerprint": "a3f1",
}
SECOND = {
    **FIRST,
    "labels": {"alertname": "HighErrorRate", "service": "checkout", "severity": "warning", "pod": "checkout-2"},
    "startsAt": "2026-11-22T12:59:00Z",
}
RESOLVED = {**FIRST, "status": "resolved", "startsAt": "2026-11-20T00:00:00Z"}

WEBHOOK: dict[str, Any] = {
    "version": "4",
    "groupKey": '{}:{alertname="HighErrorRate"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "sre-run",
    "groupLabels": {"alertname": "HighErrorRate"},
    "commonLabels": {"alertname": "HighErrorRate", "service": "checkout", "app.kubernetes.io/name": "shop"},
    "commonAnnotations": {"summary": "4.7% of requests fail", "threshold": ""},
    "externalURL": "http://alertmanager",
    "alerts": [FIRST, SECOND, RESOLVED],
}
API = [{**alert, "status": {"state": "active", "silencedBy": [], "inhibitedBy": []}} for alert in (FIRST, SECOND)]
PAGERDUTY_3: dict[str, Any] = {
    "event": {
        "id": "01D",
        "event_type": "incident.triggered",
        "resource_type": "incident",
        "occurred_at": "2026-11-22T14:05:00Z",
        "data": {
            "id": "Q1",
            "type": "incident",
            "number": 4711,
            "status": "triggered",
            "created_at": "2026-11-22T14:04:00Z",
            "title": "Checkout fails",
            "service": {"id": "P1", "summary": "checkout"},
            "urgency": "high",
            "priority": None,
        },
    }
}
PAGERDUTY_2: dict[str, Any] = {
    "messages": [
        {
            "event": "incident.trigger",
            "incident": {
                "id": "Q1",
                "incident_number": 4711,
                "status": "triggered",
                "created_at": "2026-11-22T14:04:00Z",
                "title": "Checkout fails",
                "service": {"id": "P1", "name": "checkout"},
                "urgency": "high",
            },
        }
    ]
}
