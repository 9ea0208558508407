"""A stand-in of Loki's HTTP API on 127.0.0.1 with the shop's log lines.

    with loki() as server:
        urllib.request.urlopen(server.url + "/loki/api/v1/query_range?query=...")

It has `/ready`, `/loki/api/v1/labels`, `/label/<name>/values`, `/series`, `/query_range` and `/query`. Of LogQL it
takes a selector (`=`, `!=`, `=~`, `!~`) and line filters (`|=`, `!=`, `|~`, `!~`); `/query` counts lines by
`topk(N, sum by (LABELS) (count_over_time(LOGS [1h])))`, where LOGS may end in a `regexp` that gives labels. What else
there is in a query is the parse error of status 400 that Loki answers, in plain text. `start` and `end` are
nanoseconds, seconds with a fraction or RFC 3339; without them it is the last hour. A stream is one container of one
pod.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from serving import Answer, Request, Serving, as_json, as_text
from shop import APPS, NAMESPACE, lines

API = "/loki/api/v1"
LIMIT = 100
NS = 10**9

_STRING = r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|`(?P<raw>[^`]*)`)'
_MATCHER = re.compile(rf"\s*(?P<label>[a-zA-Z_]\w*)\s*(?P<op>=~|!~|!=|=)\s*{_STRING}\s*(?P<more>,|(?=\}}))")
_FILTER = re.compile(rf"\s*(?P<op>\|=|\|~|!=|!~)\s*{_STRING}\s*")
_COUNTED = re.compile(
    r"\s*topk\((?P<most>\d+),\s*sum by \((?P<labels>[\w, ]+)\)\s*\(count_over_time\((?P<logs>.*?)"
    r'(?:\|\s*regexp\s*"(?P<parser>[^"]*)"\s*)?\[(?P<span>\w+)\]\s*\)\)\)\s*',
    re.DOTALL,
)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Stream:
    """One stream: its labels, and its lines with their nanoseconds since 1970, oldest first."""

    labels: Mapping[str, str]
    values: Sequence[tuple[int, str]]


class QueryError(ValueError):
    """A query that Loki answers by status 400; the text is the answer."""


@contextlib.contextmanager
def loki(now: datetime | None = None) -> Iterator[Serving]:
    """The stand-in; its lines are as old as `shop.py` says, counted from `now`."""
    moment = now or datetime.now(UTC)
    streams = list(shop_streams(moment))
    with Serving(lambda request: _answer(request, streams, moment)) as server:
        yield server


def shop_streams(now: datetime) -> Iterator[Stream]:
    """The logs of all pods."""
    for app in APPS:
        for index in range(len(app.pods)):
            pod = app.pod(index)
            parts = [lines(pod, previous=True) or (), lines(pod) or ()]
            values = [(_ns(now - timedelta(seconds=ago)), text) for part in parts for ago, text in part]
            if values:
                yield Stream({"namespace": NAMESPACE, "app": app.name, "pod": pod, "container": app.name}, values)


def _ns(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000) * 1000


def _answer(request: Request, streams: Sequence[Stream], now: datetime) -> Answer:
    if request.path == "/ready":
        return as_text("ready\n")
    if request.method not in ("GET", "POST") or not request.path.startswith(f"{API}/"):
        return as_text("404 page not found\n", 404)
    path = request.path.removeprefix(API)
    value = re.fullmatch(r"/label/(\w+)/values", path)
    try:
        if path == "/labels":
            return _success(sorted({label for stream in streams for label in stream.labels}))
        if value:
            return _success(sorted({stream.labels[value[1]] for stream in streams if value[1] in stream.labels}))
        if path == "/series":
            return _success([dict(each.labels) for each in streams if _fitting(request.value("match[]"))(each.labels)])
        if path == "/query_range":
            return _query_range(request, streams, now)
        if path == "/query":
            return _count(request.value("query"), streams, now)
    except QueryError as problem:
        return as_text(str(problem), 400)
    return as_text("404 page not found\n", 404)


def _success(data: object) -> Answer:
    return as_json({"status": "success", "data": data})


def _fitting(selector: str) -> Callable[[Mapping[str, str]], bool]:
    fits, rest = _selector(selector)
    if rest:
        raise QueryError(f"parse error : only label matchers are supported: {rest}")
    return fits


def _query_range(request: Request, streams: Sequence[Stream], now: datetime) -> Answer:
    fits, rest = _selector(request.value("query"))
    keeps = _filters(rest)
    end = _moment(request.value("end"), _ns(now))
    start = _moment(request.value("start"), end - _span(request.value("since", "1h")))
    if end <= start:
        raise QueryError("end timestamp must not be before or equal to start time")
    newest_first = request.value("direction", "backward").lower() != "forward"
    found = [
        (moment, line, number)
        for number, stream in enumerate(streams)
        if fits(stream.labels)
        for moment, line in stream.values
        if start <= moment < end and all(keep(line) for keep in keeps)
    ]
    found.sort(key=lambda each: each[0], reverse=newest_first)
    found = found[: int(request.value("limit", str(LIMIT)))]
    kept = {number: [[str(moment), line] for moment, line, of in found if of == number] for _, _, number in found}
    result = [{"stream": dict(streams[number].labels), "values": values} for number, values in sorted(kept.items())]
    summary = {"totalLinesProcessed": len(found), "totalEntriesReturned": len(found), "execTime": 0.002}
    return _success({"resultType": "streams", "result": result, "stats": {"summary": summary}})


def _count(query: str, streams: Sequence[Stream], now: datetime) -> Answer:
    """How many lines there are by a label of their stream, or by what `regexp` finds in them, the most first."""
    asked = _COUNTED.fullmatch(query)
    if not asked:
        raise QueryError(f"parse error at line 1, col 1: syntax error: unexpected {query[:20] or '$end'}")
    fits, rest = _selector(asked["logs"])
    keeps = _filters(rest)
    labels, since = re.findall(r"\w+", asked["labels"]), _ns(now) - _span(asked["span"])
    counts: Counter[tuple[tuple[str, str], ...]] = Counter()
    for stream in filter(lambda each: fits(each.labels), streams):
        for moment, line in stream.values:
            if moment >= since and all(keep(line) for keep in keeps):
                parsed = re.search(asked["parser"], line) if asked["parser"] else None
                of = {**stream.labels, **(parsed.groupdict() if parsed else {})}
                counts[tuple((name, of[name]) for name in labels if name in of)] += 1
    most, at = counts.most_common(int(asked["most"])), now.timestamp()
    result = [{"metric": dict(of), "value": [at, str(count)]} for of, count in most]
    return _success({"resultType": "vector", "result": result, "stats": {}})


def _selector(query: str) -> tuple[Callable[[Mapping[str, str]], bool], str]:
    """A test of labels, and what follows the selector."""
    at = re.match(r"\s*\{", query)
    if not at:
        raise QueryError(f"parse error at line 1, col 1: syntax error: unexpected {query[:20] or '$end'}, expecting {{")
    tests: list[tuple[str, Callable[[str], bool]]] = []
    place = at.end()
    while found := _MATCHER.match(query, place):
        tests.append((found["label"], _test(found["op"], _text(found))))
        place = found.end()
    close = re.compile(r"\s*\}\s*").match(query, place)
    if not close:
        raise QueryError(
            f"parse error at line 1, col {place + 1}: syntax error: unexpected {query[place : place + 20]}"
        )
    if all(test("") for _, test in tests):
        raise QueryError(
            "parse error : queries require at least one regexp or equality matcher that does not have an "
            'empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will'
        )
    return lambda labels: all(test(labels.get(label, "")) for label, test in tests), query[close.end() :]


def _filters(rest: str) -> list[Callable[[str], bool]]:
    keeps: list[Callable[[str], bool]] = []
    place = 0
    while place < len(rest):
        found = _FILTER.match(rest, place)
        if not found:
            raise QueryError(f"parse error at line 1: syntax error: unexpected {rest[place : place + 20]}")
        keeps.append(_line_test(found["op"], _text(found)))
        place = found.end()
    return keeps


def _text(found: re.Match[str]) -> str:
    return found["raw"] if found["quoted"] is None else re.sub(r"\\(.)", r"\1", found["quoted"])


def _test(operator: str, wanted: str) -> Callable[[str], bool]:
    if operator in ("=", "!="):
        return lambda value: (value == wanted) == (operator == "=")
    return lambda value: (re.fullmatch(wanted, value) is not None) == (operator == "=~")


def _line_test(operator: str, wanted: str) -> Callable[[str], bool]:
    if operator in ("|=", "!="):
        return lambda line: (wanted in line) == (operator == "|=")
    return lambda line: (re.search(wanted, line) is not None) == (operator == "|~")


def _moment(written: str, default: int) -> int:
    """Nanoseconds since 1970 of nanoseconds, of seconds (at most ten digits before the point) or of RFC 3339."""
    if not written:
        return default
    if re.fullmatch(r"\d+(\.\d+)?", written):
        whole = written.partition(".")[0]
        return int(written) if whole == written and len(whole) > 10 else round(float(written) * NS)
    try:
        return _ns(datetime.fromisoformat(written))
    except ValueError:
        raise QueryError(f'could not parse "{written}" as a time') from None


def _span(written: str) -> int:
    parts = _DURATION.findall(written)
    if not parts or "".join(number + unit for number, unit in parts) != written:
        raise QueryError(f'not a valid duration string: "{written}"')
    return round(sum(float(number) * _SECONDS[unit] for number, unit in parts) * NS)
