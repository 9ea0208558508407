from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.coordination.proposed.seen import Seen

ANSWER = """{"namespace": "shop", "pods": [{"name": "web-6c5bb7d9f8-x2x4z", "status": "Running", "node": "worker-7"}],
 "image": "reg.io/shop/web:v2.4.1", "service": "api.shop.svc.cluster.local", "owner": "orders"}
ERROR open /var/log/app/x.log failed, posting node status failed: level=error host=cache table public.Items
NAME     READY
billing  1/1
"""
SEEN = Seen.of([ANSWER], ["The checkout is slow in zone-a."])


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("namespace", "shop"),
        ("pod", "web-6c5bb7d9f8-x2x4z"),
        ("workload", "web"),
        ("node", "worker-7"),
        ("version", "v2.4.1"),
        ("image", "reg.io/shop/web"),
        ("image", "shop/web"),
        ("host", "api.shop"),
        ("host", "API.shop.svc"),
        ("host", "cache"),
        ("workload", "orders"),
        ("workload", "billing"),
        ("service", "checkout"),
        ("path", "/var/log/app/x.log"),
        ("path", "/var/log/app"),
        ("path", "/var/log/app/"),
        ("table", "items"),
        ("table", "shop.items"),
        ("unit", "cache.service"),
    ],
)
def test_what_was_shown_counts(kind: str, name: str) -> None:
    assert SEEN.shows(kind, name)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("node", "status"),
        ("node", "node"),
        ("namespace", "level"),
        ("pod", "posting"),
        ("namespace", "SHOP"),
        ("pod", "web-6c5bb7d9f8-x2x4"),
        ("node", "worker-8"),
        ("version", "v2.4"),
        ("path", "/var/log/x.log"),
        ("path", "/log/app"),
        ("image", "reg.io/shop/basket"),
        ("workload", "we"),
        ("host", "api.other"),
        ("namespace", "\u0455hop"),
        ("table", "orders2"),
    ],
)
def test_what_was_not_shown_does_not(kind: str, name: str) -> None:
    assert not SEEN.shows(kind, name)


def test_a_key_is_no_name_and_a_value_is() -> None:
    assert not Seen.of(['{"gateway": 1}']).shows("pod", "gateway")
    assert not Seen.of(["gateway: down\ngateway=down"]).shows("pod", "gateway")
    for text in (
        '{"x": "gateway"}',
        "x: gateway",
        "x=gateway",
        "pod/gateway",
        "gateway:8080",
        "a  gateway  b",
        "`gateway`",
    ):
        assert Seen.of([text]).shows("pod", "gateway"), text
    assert Seen.of(['{"log": "x\\ngateway  2"}']).shows("pod", "gateway")


def test_of_a_long_word_only_the_first_parts_count() -> None:
    data = Seen.of(["/".join(f"part-{n}" for n in range(300))])
    assert data.shows("pod", "part-0")
    assert not data.shows("pod", "part-200")
    assert not data.shows("path", "part-0/part-1")


def test_every_word_of_a_runbooks_command_is_shown() -> None:
    book = Seen.of(["1. Do `sudo systemctl restart kubelet`.\n\n    kubectl drain worker\nand drain nothing"])
    assert book.shows("unit", "kubelet")
    assert book.shows("node", "worker")
    assert not book.shows("node", "nothing")


@given(st.lists(st.text(max_size=40), max_size=4), st.text(max_size=12), st.text(max_size=40))
def test_more_answers_show_no_less(texts: list[str], name: str, more: str) -> None:
    if Seen.of(texts).shows("pod", name):
        assert Seen.of([*texts, more]).shows("pod", name)


@given(st.from_regex(r"[a-z]{1,8}-[a-z0-9]{1,8}", fullmatch=True))
def test_a_name_in_json_is_shown(name: str) -> None:
    assert Seen.of([json.dumps({"a": [{"b": name}]})]).shows("pod", name)
