"""Calls of the real SDK to a server on this machine that plays steps, and what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import pytest
from loopback import Loopback, Request, text

from sre_runner.casefile import ModelAnswer, ModelRequest
from sre_runner.errors import ExitCode
from sre_runner.models.anthropic import AnthropicModel
from sre_runner.models.model import ModelError

KEY = "sk-ant-api03-secretsecretsecret"
TOOLS = [{"name": name, "description": name, "input_schema": {"type": "object"}} for name in ("zoom", "ask", "report")]


@pytest.fixture(autouse=True, scope="module")
def no_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No certificate authorities: reading all of them takes each client 50 ms, and here nobody needs any."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("none")))
        yield


def asked(*messages: Mapping[str, Any], **changes: Any) -> ModelRequest:
    given = messages or ({"role": "user", "content": [text("What is wrong?")]},)
    fields: dict[str, Any] = {"model": "claude-sonnet-5-5", "max_tokens": 4000, "system": "sre\nBe brief."}
    return ModelRequest(**{**fields, "messages": given, "tools": TOOLS, **changes})


def with_model(
    url: str, work: Callable[[AnthropicModel], Any], *, waits: list[str] | None = None, **options: Any
) -> Any:
    """What `work` returns, given a model that waits for next to nothing; its connections are closed afterwards."""
    said = waits.append if waits is not None else lambda _: None

    async def whole() -> Any:
        settings = {"api_key": KEY, "base_url": url, "first_wait": 0.001, "random": Random(7), "on_wait": said}
        model = AnthropicModel(**{**settings, **options})
        try:
            return await work(model)
        finally:
            await model.close()
            assert asyncio.all_tasks() == {asyncio.current_task()}

    return asyncio.run(whole())


def play(*steps: Any, request: ModelRequest | None = None, **options: Any) -> tuple[ModelAnswer, list[Request]]:
    """The answer to one request while the server plays these steps, and every attempt that arrived."""
    with Loopback({"sre": steps}) as server:
        answer = with_model(server.url, lambda model: model.reply(request or asked()), **options)
    return answer, server.requests


def fail(*steps: Any, **options: Any) -> ModelError:
    """The error of a call that these steps are played to, and that takes all of them."""
    with pytest.raises(ModelError) as caught:
        play(*steps, **options)
    shown = str(caught.value) + caught.value.hint
    assert KEY not in shown
    assert shown.isprintable()
    assert caught.value.exit_code is ExitCode.SERVICE
    return caught.value
