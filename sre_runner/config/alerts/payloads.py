"""The payloads of Alertmanager and PagerDuty: how each is recognised, when its incident began, and how it is labelled.

Alertmanager: the webhook, version 4, and the list of alerts of its API v2 (`amtool alert -o json`), which is read as
the webhook would have it. PagerDuty: webhooks of version 3 (`event`) and 2 (`messages`). Sources:
https://prometheus.io/docs/alerting/latest/configuration/#webhook_config and
https://developer.pagerduty.com/docs/webhooks-overview. Any other JSON has paths, and nothing that is known of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sre_runner.casefile import Json

MOST = 20_000
"""Characters of a payload as JSON, as every agent is shown it."""

LONGEST_LABEL = 500
"""Characters of a label that an alert gives to a run."""
_MOST_LABELS = 50


def normal(data: Json) -> Json:
    """The payload as paths see it: a list of alerts, or a single one, is read as Alertmanager's webhook has them."""
    if _is_alert(data):
        data = [data]
    if not (isinstance(data, list) and data and all(map(_is_alert, data))):
        return data
    return {
        "alerts": data,
        "commonLabels": _common([alert["labels"] for alert in data]),
        "commonAnnotations": _common([_mapping(alert.get("annotations")) for alert in data]),
    }


def started_at(payload: Json) -> str | None:
    """When the incident began, ISO 8601 with its offset, by what is known of the kind of payload; None if unknown."""
    moments = [moment for text in _starts(payload) if (moment := moment_of(text))]
    return min(moments).isoformat() if moments else None


def moment_of(text: Json) -> datetime | None:
    """A moment in ISO 8601; None for anything else, for one without an offset, and for Go's zero."""
    try:
        moment = datetime.fromisoformat(text.strip()) if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None
    return moment if moment and moment.tzinfo and moment.year > 1 else None


def labels_of(payload: Json) -> dict[str, str]:
    """The labels for the run, by what is known of the kind of payload."""
    found = {str(name): text for name, text in _labels(payload) if isinstance(text, (str, int)) and text != ""}
    return {name: str(text)[:LONGEST_LABEL] for name, text in list(found.items())[:_MOST_LABELS]}


def resolved(payload: Json) -> bool:
    """Whether all that it tells of is over."""
    if alerts := _alerts(payload):
        return all(_status(alert) in ("resolved", "suppressed") for alert in alerts)
    incident = _incident(payload)
    return incident is not None and incident.get("status") == "resolved"


def _is_alert(data: Json) -> bool:
    return isinstance(data, Mapping) and isinstance(data.get("labels"), Mapping) and "startsAt" in data


def _alerts(payload: Json) -> Sequence[Mapping[str, Json]]:
    alerts = _mapping(payload).get("alerts")
    return [alert for alert in alerts if isinstance(alert, Mapping)] if isinstance(alerts, list) else []


def _status(alert: Mapping[str, Json]) -> Json:
    """As the webhook has it, or (`{state: active}`) as the API does."""
    status = alert.get("status")
    return status.get("state") if isinstance(status, Mapping) else status


def _incident(payload: Json) -> Mapping[str, Json] | None:
    """PagerDuty's incident: of an event, or of the first message that has one."""
    messages = _mapping(payload).get("messages")
    found = [_mapping(_mapping(payload).get("event")).get("data")]
    found += [_mapping(message).get("incident") for message in (messages if isinstance(messages, list) else ())]
    return next((incident for incident in found if isinstance(incident, Mapping)), None)


def _starts(payload: Json) -> Iterator[Json]:
    alerts = _alerts(payload)
    firing = [alert for alert in alerts if _status(alert) not in ("resolved", "suppressed")]
    yield from (alert.get("startsAt") for alert in firing or alerts)
    if incident := _incident(payload):
        yield incident.get("created_at")


def _labels(payload: Json) -> Iterator[tuple[str, Json]]:
    yield from _mapping(_mapping(payload).get("commonLabels")).items()
    if incident := _incident(payload):
        service = _mapping(incident.get("service"))
        yield "incident", incident.get("number") or incident.get("incident_number") or incident.get("id")
        yield "service", service.get("summary") or service.get("name")
        yield "urgency", incident.get("urgency")
        yield "status", incident.get("status")


def _common(each: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """What all of them have alike."""
    first, *others = each
    return {name: text for name, text in first.items() if all(other.get(name) == text for other in others)}


def _mapping(data: Json) -> Mapping[str, Json]:
    return data if isinstance(data, Mapping) else {}
