"""The stand-in of Loki answers in Loki's shapes."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from loki import loki
from serving import Serving
from shop import CHECKOUT, PAYMENTS


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    with loki() as up:
        yield up


def read(server: Serving, path: str, **query: str) -> Any:
    with urllib.request.urlopen(f"{server.url}{path}?{urllib.parse.urlencode(query)}") as response:
        return json.load(response)


def streams(server: Serving, query: str, **more: str) -> list[Any]:
    answered = read(server, "/loki/api/v1/query_range", query=query, **more)
    assert answered["status"] == "success"
    assert answered["data"]["resultType"] == "streams"
    return list(answered["data"]["result"])


def said(found: list[Any]) -> list[str]:
    return [line for stream in found for _, line in stream["values"]]


def test_ready_labels_and_values(server: Serving) -> None:
    with urllib.request.urlopen(f"{server.url}/ready") as response:
        assert response.read() == b"ready\n"
    assert read(server, "/loki/api/v1/labels")["data"] == ["app", "container", "namespace", "pod"]
    assert read(server, "/loki/api/v1/label/app/values")["data"] == ["checkout", "payments", "search", "storefront"]
    (one,) = read(server, "/loki/api/v1/series", **{"match[]": '{app="checkout"}'})["data"]
    assert one["pod"] == CHECKOUT.pod()


def test_a_selector_and_a_filter(server: Serving) -> None:
    (stream,) = streams(server, '{namespace="shop", app="checkout"} |= "DATABASE_URL"')
    assert stream["stream"] == {
        "namespace": "shop",
        "app": "checkout",
        "pod": CHECKOUT.pod(),
        "container": "checkout",
    }
    assert said([stream]) == ["ERROR required environment variable DATABASE_URL is not set"] * 2
    newest, oldest = (int(moment) for moment, _ in stream["values"])
    assert oldest < newest < time.time() * 1e9


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ('{app="checkout"} |= "ERROR" != "DATABASE_URL"', 0),
        ('{app=~"checkout|search"} |~ "starting$|memory$"', 4),
        ('{namespace="shop", app!="checkout"} |= `FATAL`', 0),
        ('{namespace="elsewhere"}', 0),
    ],
)
def test_what_a_query_finds(server: Serving, query: str, lines: int) -> None:
    assert len(said(streams(server, query))) == lines


def test_order_limit_and_span(server: Serving) -> None:
    query = '{app="payments"}'
    assert len(said(streams(server, query))) == 100  # of 120: Loki's own limit
    assert len(said(streams(server, query, limit="7"))) == 7
    (first, *_) = streams(server, f'{{pod="{PAYMENTS.pod(1)}"}}', direction="forward", limit="1")
    assert said([first]) == ["INFO payment authorized"]
    assert len(said(streams(server, query, since="10m"))) < 50
    now = time.time()
    for moment in (str(int((now - 60) * 1e9)), f"{now - 60:.3f}"):
        assert len(said(streams(server, query, start=moment))) <= 4


@pytest.mark.parametrize("query", ["", "app", "{}", '{app=~".*"}', '{app="checkout"', '{app="a"} | json', "{app=x}"])
def test_what_loki_refuses(server: Serving, query: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        streams(server, query)
    with refused.value as answered:
        assert answered.code == 400
        assert answered.read().startswith(b"parse error")


def test_lines_are_counted_by_labels_and_by_what_a_pattern_finds(server: Serving) -> None:
    lines = '{app="checkout"} |~ "(?i)error|fatal" | regexp "(?P<word>[A-Z]+)"'
    query = f"topk(2, sum by (app, word) (count_over_time({lines} [1h])))"
    answered = read(server, "/loki/api/v1/query", query=query)["data"]
    counts = {each["metric"]["word"]: each["value"][1] for each in answered["result"]}
    assert (answered["resultType"], counts) == ("vector", {"ERROR": "2", "FATAL": "2"})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        read(server, "/loki/api/v1/query", query="rate(up[5m])")
