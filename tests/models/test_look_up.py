"""A model looked up at the service, which costs no tokens: the real SDK against a real server."""

from __future__ import annotations

import asyncio
import json

import pytest
from calling import KEY
from serving import Answer, Request, Serving

from sre_runner.models.anthropic import AnthropicModel
from sre_runner.models.model import ModelError


def look_up(status: int, name: str = "claude-sonnet-5-5", kind: str = "") -> tuple[list[Request], str]:
    body = json.dumps({"type": "error", "error": {"type": kind, "message": f"no {KEY}"}} if kind else {"id": name})

    async def ask(url: str) -> str:
        model = AnthropicModel(api_key=KEY, base_url=url)
        try:
            await model.look_up(name, 5)
            return model.address
        finally:
            await model.close()

    with Serving(lambda request: Answer(status, body.encode())) as server:
        try:
            return server.requests, asyncio.run(ask(server.url)).replace(server.url, "URL")
        except ModelError as error:
            return server.requests, f"{error.kind}: {error.message}"


def test_a_model_that_is_known_is_asked_for_once() -> None:
    (request,), address = look_up(200)
    assert (request.method, request.path, request.body) == ("GET", "/v1/models/claude-sonnet-5-5", b"")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert address == "URL"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, "not_found_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (429, "rate_limit_error"),
        (529, "overloaded_error"),
    ],
)
def test_a_refusal_is_an_error_in_one_attempt(status: int, kind: str) -> None:
    requests, told = look_up(status, kind=kind)
    assert len(requests) == 1
    assert told.startswith(f"{kind}: the model service answered {status} {kind}")
    assert KEY not in told


def test_a_name_is_one_part_of_the_path() -> None:
    requests, _ = look_up(200, "a/../../b?c")
    assert [request.path for request in requests] == ["/v1/models/a%2F..%2F..%2Fb%3Fc"]


def test_a_service_that_is_not_there() -> None:
    async def ask() -> None:
        model = AnthropicModel(api_key=KEY, base_url="http://user:secretsecret@127.0.0.1:1")
        try:
            assert "secret" not in model.address
            await model.look_up("m", 5)
        finally:
            await model.close()

    with pytest.raises(ModelError) as raised:
        asyncio.run(ask())
    assert raised.value.kind == "connection"
    assert raised.value.hint
