"""The kinds of model: each name makes its model."""

from __future__ import annotations

import asyncio

import pytest
from loopback import Loopback, error, text

from sre_runner.casefile import ModelRequest
from sre_runner.models.credentials import CredentialsError
from sre_runner.models.kinds import MODEL_KINDS
from sre_runner.models.offline.model import OfflineModel


def test_without_credentials_only_the_offline_model_can_be_made() -> None:
    assert isinstance(MODEL_KINDS["offline"](print), OfflineModel)
    with pytest.raises(CredentialsError):
        MODEL_KINDS["anthropic"](print)
    assert set(MODEL_KINDS) == {"anthropic", "offline"}


def test_the_anthropic_model_tells_its_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    request = ModelRequest("claude-sonnet-5-5", 10, "sre", [{"role": "user", "content": [text("?")]}], [])

    async def until_it_waits() -> None:
        waiting = asyncio.Event()
        model = MODEL_KINDS["anthropic"](lambda sentence: (said.append(sentence), waiting.set())[0])
        asked = asyncio.create_task(model.reply(request))
        await waiting.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await model.close()

    with Loopback({"sre": [error(429, retry_after=50)]}) as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        asyncio.run(until_it_waits())
    assert len(said) == 1
    assert said[0].startswith("The model service: rate limit (429); attempt 2 in 5")
