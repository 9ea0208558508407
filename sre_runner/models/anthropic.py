"""The `anthropic` model: the Messages API through the Anthropic SDK, which is imported here only, and only once a
model is made."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from sre_runner.casefile import Json, ModelAnswer, ModelRequest, Usage
from sre_runner.models import ModelError
from sre_runner.models.credentials import CredentialsMissing, check_base_url
from sre_runner.models.retry import AttemptFailed, Retries, stated_wait

if TYPE_CHECKING:
    import anthropic

MAX_CONNECTIONS = 10_000
"""Above any `max_parallel` that makes sense: how many calls run at once is the engine's to decide."""

CONNECT_SECONDS = 30.0
MALFORMED_ATTEMPTS = 3
MESSAGE_LENGTH = 300
"""Characters of the service's own message that an error repeats."""

CACHE_MARKER = {"cache_control": {"type": "ephemeral"}}
CACHEABLE = frozenset({"text", "image", "document", "search_result", "tool_use", "tool_result"})
"""Block types that may carry a cache marker. Thinking must not; of unknown types nobody knows."""

MAY_BE_EMPTY = frozenset({"refusal", "max_tokens", "model_context_window_exceeded"})
"""Stop reasons that end a conversation, so that a reply without content need not be sent back (which is refused)."""

STATUS_KINDS: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    422: "invalid_request_error",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""The API's error types by HTTP status, for servers that do not name one. Any other is an `api_error`."""

HINTS: Mapping[str, str] = {
    "api_error": "The fault is the service's; try again later.",
    "authentication_error": "Check ANTHROPIC_API_KEY (or the profile in use); --offline needs none.",
    "billing_error": "Check the credit and the spend limit of the organization that the key belongs to.",
    "connection": "Check the network, the proxy variables and ANTHROPIC_BASE_URL; --offline needs none.",
    "invalid_request_error": "Check what `model` in the playbook or the agent says: name, effort, max_tokens.",
    "malformed": "Check that ANTHROPIC_BASE_URL leads to a server of the Messages API (without /v1).",
    "not_found_error": "Check the model's name in the playbook or the agent, and ANTHROPIC_BASE_URL (without /v1).",
    "overloaded_error": "The service has more requests than it can take; try again later.",
    "permission_error": "The key may not use this model or workspace.",
    "rate_limit_error": "Try again later, or lower `coordinator.max_parallel`.",
    "request_too_large": "Lower `max_output` of the tools whose answers are long.",
    "timeout": "Lower `max_tokens` or `effort` of the model, or try again later.",
    "timeout_error": "Try again later.",
}

# Any key or token of Anthropic's, wherever it came from.
_KEY = re.compile(r"sk-ant-[\w-]+")


class AnthropicModel:
    """Answers requests through `AsyncAnthropic`.

    `retry_seconds` is how long after its first failure a call is tried again; `on_wait` is told one sentence before
    each wait, which is at first at most `first_wait` seconds. `timeout` is in seconds, for one attempt. `api_key` and
    `base_url` go before what the SDK reads from the environment and from profiles. Raises `CredentialsMissing` or
    another `ServiceError` where the model could answer nothing.
    """

    def __init__(
        self,
        *,
        retry_seconds: float = 120.0,
        on_wait: Callable[[str], None] = lambda sentence: None,
        first_wait: float = 1.0,
        timeout: float = 600.0,
        api_key: str | None = None,
        base_url: str | None = None,
        random: Random | None = None,
    ) -> None:
        self._retries = Retries(retry_seconds, first_wait, on_wait=on_wait, random=random or Random())  # noqa: S311
        self._client = _client(api_key, base_url, timeout)

    async def reply(self, request: ModelRequest) -> ModelAnswer:
        """Answer one request; raise `ModelError` where no answer can be had."""
        body = _body(request)
        return await self._retries.run(lambda: self._attempt(body))

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _attempt(self, body: dict[str, Any]) -> ModelAnswer:
        import anthropic

        try:
            # The raw response, because the SDK's types add fields and drop what they do not know.
            response = await self._client.messages.with_raw_response.create(**body)
        except anthropic.APIStatusError as error:
            raise self._refused(error) from error
        except anthropic.APITimeoutError as error:
            raise self._failed("timeout", "the model service did not answer in time", "no answer in time") from error
        except anthropic.APIConnectionError as error:
            cause = self._safe(str(error.__cause__ or ""))
            message = "the model service cannot be reached" + (f": {cause}" if cause else "")
            raise self._failed("connection", message, "the connection failed") from error
        except (anthropic.AnthropicError, TypeError) as error:
            # The credentials were there when the model was made, and cannot be used or exchanged for a token now.
            message = f"the credentials for the model service cannot be used: {self._safe(str(error))}"
            raise self._failed("authentication_error", message, "", attempts=1) from error
        except ValueError as error:
            # JSON has no place for half a character or for NaN.
            message = f"the request cannot be sent: {self._safe(str(error))}"
            raise self._failed("invalid_request_error", message, "", attempts=1) from error
        try:
            return _answer(response.http_response.content)
        except (ValueError, RecursionError) as error:
            kind = response.headers.get("content-type", "no content type")
            message = f"the model service gave a malformed answer ({self._safe(kind)}): {self._safe(str(error))}"
            raise self._failed("malformed", message, "malformed answer", attempts=MALFORMED_ATTEMPTS) from error

    def _refused(self, error: anthropic.APIStatusError) -> AttemptFailed:
        """What an HTTP error status means."""
        status = error.status_code
        kind = error.type if isinstance(error.type, str) else STATUS_KINDS.get(status, "api_error")
        # A spend limit comes as a 429, and no retry cures it.
        spent = any(str(name).endswith("spend_limit_reached") for name in (error.type, error.error_code))
        retry = (status in (408, 409, 429) or status >= 500) and not spent
        retry = retry and error.response.headers.get("x-should-retry") != "false"
        kind = "billing_error" if spent else self._safe(kind)
        said = self._safe(error.api_message if isinstance(error.api_message, str) else error.response.text)
        number = f", request {self._safe(error.request_id)}" if error.request_id else ""
        return self._failed(
            kind,
            f"the model service answered {status} {kind}{number}" + (f": {said}" if said else ""),
            f"{kind.removesuffix('_error').replace('_', ' ')} ({status})",
            attempts=float("inf") if retry else 1,
            stated=stated_wait(error.response.headers),
        )

    def _failed(self, kind: str, message: str, reason: str, **how: Any) -> AttemptFailed:
        return AttemptFailed(ModelError(kind, message, HINTS.get(kind, "")), f"The model service: {reason}", **how)

    def _safe(self, text: str) -> str:
        """Foreign text as one short line without control characters and keys."""
        for secret in (self._client.api_key, self._client.auth_token):
            if secret:
                text = text.replace(secret, "[key]")
        line = " ".join("".join(c if c.isprintable() else " " for c in _KEY.sub("[key]", text)).split())
        return line if len(line) <= MESSAGE_LENGTH else line[: MESSAGE_LENGTH - 1] + "…"


def _client(api_key: str | None, base_url: str | None, timeout: float) -> anthropic.AsyncAnthropic:
    import anthropic

    ...


def _body(request: ModelRequest) -> dict[str, Any]:
    """The body of the call, with cache markers on copies: tools and system are one prefix, the messages grow."""
    system = [{"type": "text", "text": request.system}] if request.system else []
    tools = [dict(tool) for tool in request.tools]
    for last in (system or tools)[-1:]:
        last |= CACHE_MARKER
    body: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "messages": _marked(request.messages),
    }
    if system:
        body["system"] = system
    if tools:
        body["tools"] = tools
    if request.effort is not None:
        body["output_config"] = {"effort": request.effort}
    return body
