"""The server of the stand-ins records what it was asked and lets no fault of its own pass."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from serving import Answer, Request, Serving, as_json


def test_a_request_is_recorded_and_answered() -> None:
    with Serving(lambda request: as_json({"path": request.path}, 201)) as server:
        asked = urllib.request.Request(f"{server.url}/a?b=1&b=2&c=", data=b"body", method="PUT")
        with urllib.request.urlopen(asked) as response:
            assert (response.status, response.read()) == (201, b'{"path": "/a"}')
    (request,) = server.requests
    assert (request.method, request.path, request.body) == ("PUT", "/a", b"body")
    assert (request.value("b"), request.value("c"), request.value("d", "none")) == ("2", "", "none")


def test_what_the_answer_raises_fails_at_the_end() -> None:
    def broken(request: Request) -> Answer:
        raise LookupError("no such thing")

    with pytest.raises(AssertionError, match="GET /x: LookupError: no such thing"), Serving(broken) as server:
        assert status(f"{server.url}/x") == 500


def status(url: str) -> int:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(url)
    refused.value.close()
    return refused.value.code
