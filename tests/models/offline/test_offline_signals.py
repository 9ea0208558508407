"""The table of signals and where they are recognized: failures by their words and figures, and nothing in good news."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.casefile import SEVERITIES
from sre_runner.models.offline.quotes import LONGEST_QUOTE
from sre_runner.models.offline.sights import number, recognized, sights
from sre_runner.models.offline.table import signals


@pytest.mark.parametrize("name", list(signals()))
def test_a_signals_own_words_are_recognized_as_it(name: str) -> None:
    signal = signals()[name]
    assert name in recognized(f"{signal.says}, at pod web-1: “x”.")
    assert signal.severity in SEVERITIES
    assert signal.kind in ("cause", "capacity", "symptom", "change")
    assert 0 < signal.strength <= 1
    assert signal.explains <= signals().keys() - {name}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Last State: Terminated\n  Reason: OOMKilled\n  Exit Code: 137", "oom-killed"),
        ("web-1   0/1   CrashLoopBackOff   12 (2m ago)   1h", "crash-loop"),
        ('Failed to pull image "x": rpc error', "image-pull"),
        ("Warning  FailedScheduling  0/3 nodes are available: 3 Insufficient cpu.", "unschedulable"),
        ('storageclass.storage.k8s.io "fast" not found', "volume-unbound"),
        ("node-3   NotReady   worker   12d   v1.30.1", "node-not-ready"),
        ("GC overhead limit exceeded", "heap-exhausted"),
        ("[GC] Full GC (Allocation Failure)", "gc-pressure"),
        ("dial tcp 10.0.0.4:5432: connect: connection refused", "connection-refused"),
        ("read: connection reset by peer", "connection-reset"),
        ("connect: no route to host", "connection-refused"),
        ("CircuitBreaker 'cards' changed state to OPEN", "circuit-open"),
        ("context deadline exceeded", "timeouts"),
        ("HTTP/1.1 503 Service Unavailable", "http-5xx"),
        ("write /data/x: no space left on device", "disk-full"),
        ("x509: certificate signed by unknown authority", "certificate"),
        ("SSL certificate expired", "certificate"),
        ("server responded with NXDOMAIN", "dns"),
        ("java.net.UnknownHostException: db", "dns"),
        ("HTTP 429 Too Many Requests", "rate-limited"),
        ("FATAL: sorry, too many clients already", "db-connections"),
        ("HikariPool-1 - Connection is not available, request timed out after 30000ms.", "db-connections"),
        ("WARN replica db-2: replication lag 340s", "replication-lag"),
        ("pods is forbidden: User cannot list resource", "forbidden"),
        ("HTTP 401 Unauthorized", "forbidden"),
        ('secret "db-password" not found', "config-missing"),
        ("required environment variable DB_URL is not set", "config-missing"),
        ('deployment "api" exceeded its progress deadline', "rollout-stuck"),
        ('exec: "wgte": executable file not found in $PATH', "bad-command"),
        ("/bin/sh: 1: migrate: not found", "bad-command"),
        ("sh: wgte: not found", "bad-command"),
        ("Mnesia: network partition detected", "network-partition"),
        ("INFO Loading 3.5 million orders into memory", "bulk-load"),
        ("Fetched 120,000 customer records into cache", "bulk-load"),
        ("INFO configmap app-config changed from 3600 to 60", "change"),
        ("ERROR something that nobody knows happened", "error-line"),
        ("java.lang.IllegalStateException: no session", "error-line"),
        ('level=error msg="widget is odd today"', "error-line"),
        ("E1122 10:00:00.1 reflector.go:1] odd things happen", "error-line"),
    ],
)
def test_failures_are_recognized_in_lines(text: str, expected: str) -> None:
    assert expected in recognized(text)
    assert expected in recognized(f"before\r\n{text}\nafter")
    assert expected in {sight.signal for sight in sights(json.dumps({"rows": [{"message": text}]}))}


def test_an_image_that_is_not_found_is_no_command_that_is_not_found() -> None:
    text = 'failed to pull and unpack image "r.example/web:2.15.0-rc1": failed to resolve reference: not found'
    assert recognized(text) == {"image-pull"}


@pytest.mark.parametrize(
    "text",
    [
        "0 errors",
        "no OOMKilled containers were found",
        "not a single timeout",
        "never OOMKilled",
        "OOMKilled: false",
        "oom_killed=false errors=0",
        '"connection refused": 0',
        "MemoryPressure   False   KubeletHasSufficientMemory",
        'level=info msg="request timeout set to 30s"',
        "INFO retrying after connection refused",
        "2026-11-22 10:00:00 DEBUG broken pipe",
        "I1122 10:00:00.1 server.go:1] connection reset",
        "alert HighLatency: connection refused was resolved",
        "without timed out requests",
        "if OOMKilled, raise the limit",
        "Liveness: http-get http://:8080/ delay=0s timeout=1s period=10s #success=1 #failure=3",
        "status: healthy, pods 4/4, error rate 0.02%",
        "job-1   0/1   Completed   0   3h",
        "certificate is valid until 2031",
        "Exit Code: 0",
        "replicas: 5 desired | 5 updated | 5 total | 5 available | 0 unavailable",
        "ERROR",
    ],
)
def test_good_news_is_no_failure(text: str) -> None:
    assert recognized(text) == frozenset()


@given(
    st.sampled_from(["no", "0", "zero", "never", "without"]), st.sampled_from([s for s in signals() if s != "change"])
)
def test_what_is_denied_is_not_recognized(word: str, name: str) -> None:
    for text in ("OOMKilled", "CrashLoopBackOff", "NXDOMAIN", "ENOSPC", "ImagePullBackOff"):
        assert recognized(f"{word} {text} for {name}") == frozenset()


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"name": "a-1", "restarts": 47}, "many-restarts"),
        ({"name": "a-1", "restartCount": "6 (2m ago)"}, "many-restarts"),
        ({"service": "a-1", "error_rate": 4.7}, "error-rate"),
        ({"service": "a-1", "errorRate": "12%"}, "error-rate"),
        ({"service": "a-1", "status": "degraded"}, "unhealthy"),
        ({"name": "a-1", "ready": "3/5"}, "not-ready"),
        ({"name": "a-1", "status": "Pending"}, "pending"),
        ({"name": "a-1", "status": "Error"}, "pod-failed"),
        ({"name": "a-1", "memory": "511Mi", "memory_limit": "512Mi"}, "memory-high"),
        ({"name": "a-1", "exit_code": 137}, "oom-killed"),
        ({"service": "a-1", "p99_ms": 2100}, "slow"),
        ({"service": "a-1", "alerts": ["ErrorRateHigh"]}, "alert"),
        ({"db": "a-1", "connections": 100, "max_connections": 100}, "db-connections"),
        ({"db": "a-1", "replication_lag_seconds": 300}, "replication-lag"),
        ({"name": "a-1", "expired": True}, "certificate"),
        ({"name": "a-1", "cpu_percent": 99}, "cpu-high"),
    ],
)
def test_figures_and_states_of_a_record_are_recognized(record: dict[str, object], expected: str) -> None:
    found = {sight.signal: sight for sight in sights(json.dumps({"items": [record]}))}
    assert set(found) == {expected}
    assert "a-1" in found[expected].subject


@pytest.mark.parametrize(
    "record",
    [
        {"name": "a-1", "restarts": 0, "status": "Running", "ready": "5/5"},
        {"service": "a-1", "status": "healthy", "error_rate": 0.05, "p99_ms": 230, "pods": "6/6", "alerts": []},
        {"name": "a-1", "status": "Completed", "ready": "0/1"},
        {"name": "a-1", "memory": "384Mi", "memory_limit": "512Mi", "exit_code": 0},
        {"db": "a-1", "connections": 12, "max_connections": 100, "replication_lag_seconds": 0},
        {"name": "a-1", "alerts": "none", "expired": False, "memory": "unknown", "ready": "yes"},
        {"name": "a-1", "memory": "384Mi", "memory_limit": None, "restarts": "n/a"},
    ],
)
def test_good_figures_are_no_failure(record: dict[str, object]) -> None:
    assert sights(json.dumps({"items": [record]})) == ()


def test_the_place_in_the_code_stands_beside_the_error() -> None:
    text = (
        "ERROR java.lang.OutOfMemoryError: Java heap space\n"
        "ERROR   at java.util.Arrays.copyOf(Arrays.java:3332)\n"
        "ERROR   at com.example.Orders.loadAll(Orders.java:142)\n"
    )
    (sight,) = sights(text)
    assert sight.location == "at com.example.Orders.loadAll(Orders.java:142)"
    assert sight.location_quote.strip() in text
    (library,) = sights("ERROR java.lang.OutOfMemoryError: Java heap space\n at java.util.Arrays.copyOf:3332\n")
    assert library.location == "at java.util.Arrays.copyOf:3332"
    (go,) = sights("panic: runtime error: index out of range\n\tmain.go:17 +0x1d")
    assert go.location == "main.go:17"


def test_a_stack_trace_belongs_to_the_error_before_it_only() -> None:
    text = 'ERROR no such host db\nINFO tried\nERROR certificate expired\nTraceback:\n  File "a.py", line 7, in b\n'
    places = {sight.signal: sight.location for sight in sights(text)}
    assert places == {"dns": "", "certificate": 'File "a.py", line 7'}
    rows = [
        {"ts": "1", "level": "ERROR", "message": "no such host db"},
        {"ts": "2", "level": "ERROR", "message": "java.lang.OutOfMemoryError: Java heap space"},
        {"ts": "2", "level": "ERROR", "message": "at com.example.Orders.load:14"},
    ]
    places = {sight.signal: sight.location for sight in sights(json.dumps({"logs": rows}))}
    assert places == {"dns": "", "heap-exhausted": "at com.example.Orders.load:14"}


def test_a_limit_is_read_from_the_record_or_the_sentence() -> None:
    described = {"name": "a-1", "last_state": {"reason": "OOMKilled"}, "limits": {"memory": "512Mi"}}
    assert {sight.limit for sight in sights(json.dumps(described))} == {"512Mi"}
    assert {sight.limit for sight in sights("Container exceeded 256Mi")} == {"256Mi"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("47 (2m ago)", 47),
        ("4.7%", 4.7),
        ("512Mi", 512 * 2**20),
        ("2k", 2000),
        ("250m", 250),
        ("none", None),
        ("", None),
    ],
)
def test_quantities(text: str, value: float | None) -> None:
    assert number(text) == value


HOSTILE = st.one_of(
    st.text(max_size=400),
    st.text(alphabet=st.sampled_from('{}[]":,\\ \nne0\ud800\x1b\u202eERROR OOMKilled at x.y:1'), max_size=400),
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=30) | st.just("OOMKilled\nERROR x"),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=12,
    ).map(json.dumps),
)


@settings(max_examples=50, deadline=None)
@given(HOSTILE, st.sampled_from(["", "ERROR connection refused\n", '{"status": "OOMKilled", "x": "', "[" * 60]))
def test_every_quote_stands_in_the_text_whatever_it_is(text: str, before: str) -> None:
    whole = before + text
    for sight in sights(whole, "get_pods", "pod x-1"):
        assert sight.quote
        assert sight.quote in whole
        assert sight.location_quote in whole
        assert len(sight.quote) <= LONGEST_QUOTE


def test_long_lines_are_quoted_in_part() -> None:
    filler = "word " * 100
    (sight,) = sights(f"{filler}ERROR disk full {filler}")
    assert "disk full" in sight.quote
    assert len(sight.quote) <= LONGEST_QUOTE
    escaped = json.dumps({"message": 'x \\"' * 60 + "no space left on device" + ' \\"' * 90})
    (sight,) = sights(escaped)
    assert sight.quote in escaped


def test_a_document_that_was_cut_is_read_as_far_as_it_goes() -> None:
    rows = [{"name": f"pod-{n}", "status": "CrashLoopBackOff" if n == 3 else "Running"} for n in range(60)]
    text = json.dumps({"pods": rows})
    cut = f"{text[:900]}\n[… 1000 characters left out here …]\n{text[-300:]}"
    assert {sight.subject for sight in sights(cut, "list_pods")} == {"pod pod-3"}


def test_many_of_the_same_are_only_counted_up_to_a_point() -> None:
    assert len(sights("disk full\n" * 500)) == 1
    assert len(sights("".join(f"disk full {n}\n" for n in range(500)))) == 40
    assert len(sights("".join(f"ERROR odd thing number {n}\n" for n in range(500)))) == 40
    assert sights("no disk full\n" * 3000) == ()


def test_an_element_of_a_list_is_quoted_with_its_list_where_that_is_short() -> None:
    (sight,) = sights(json.dumps({"lines": ["all is well", "ERROR disk full"]}))
    assert sight.quote == '"lines": ["all is well", "ERROR disk full"]'
    (alone,) = sights(json.dumps({"lines": ["all is well " * 20, "ERROR disk full"]}))
    assert alone.quote == '"ERROR disk full"'
    many = {f"k{n}": "fine" for n in range(130)} | {"last": "ERROR disk full"}
    (late,) = sights(json.dumps(many))
    assert late.excerpt == '"last": "ERROR disk full"'
