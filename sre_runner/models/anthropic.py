"""The `anthropic` model: the Messages API through the Anthropic SDK, which is imported here only, and only once a
model is made."""

from __future__ import annotations

import math
import os
import re
import ssl
from collections.abc import Callable, Collection, Iterator, Mapping
from random import Random
from typing import TYPE_CHECKING, Any

from sre_runner.casefile import ModelAnswer, ModelRequest
from sre_runner.errors import ServiceError
from sre_runner.models import ModelError
from sre_runner.models.credentials import CredentialsError, check_base_url, check_key
from sre_runner.models.retry import AttemptFailed, Retries, stated_wait
from sre_runner.models.wire import answer_of, body_of
from sre_runner.output import MASK, secrets_of, shown

if TYPE_CHECKING:
    import anthropic

MAX_CONNECTIONS = 10_000
"""Above any `max_parallel` that makes sense: how many calls run at once is the engine's to decide."""

CONNECT_SECONDS = 30.0
"""The SDK's 5 seconds are too few when hundreds of calls begin at once on a small machine."""

LONG_REPLY = 21_333
"""Tokens that take 600 s by the SDK's reckoning. Above it refuses to wait, unless a call brings its own timeout."""

FEW_ATTEMPTS = 3
"""For failures that are seldom cured by trying again, such as malformed answers."""

MESSAGE_LENGTH = 300
"""Characters of the service's own message that an error repeats."""

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
"""What helps, by error type; another type has no hint."""

# Any key or token of Anthropic's, wherever it came from.
_KEY = re.compile(r"sk-ant-[\w-]+")
_MIN_SECRET = 8
"""Characters. Dummy keys of local servers are shorter, and masking them would tear holes into ordinary words."""


class AnthropicModel:
    """Answers requests through `AsyncAnthropic`.

    `retry_seconds` is how long after its first failure a call is tried again; `on_wait` is told one sentence before
    each wait, which is at first at most `first_wait` seconds. `timeout` is in seconds, for one attempt; a `max_tokens`
    over 21,333 lengthens it in proportion. `api_key` and `base_url` go before what the SDK reads from the environment
    and from profiles. Raises `CredentialsError` or another `ServiceError` where the model could answer nothing.
    """

    def __init__(
        self,
        *,
        retry_seconds: float = 120.0,
        on_wait: Callable[[str], None] = lambda _: None,
        first_wait: float = 1.0,
        timeout: float = 600.0,
        api_key: str | None = None,
        base_url: str | None = None,
        random: Random | None = None,
    ) -> None:
        self._retries = Retries(retry_seconds, first_wait, on_wait=on_wait, random=random or Random())  # noqa: S311
        self._timeout = timeout
        self._client = _client(api_key, base_url)
        self._secrets = _secrets(self._client)

    async def reply(self, request: ModelRequest) -> ModelAnswer:
        """Answer one request; raise `ModelError` where no answer can be had."""
        body = body_of(request)
        return await self._retries.run(lambda: self._attempt(body))

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _attempt(self, body: dict[str, Any]) -> ModelAnswer:
        import anthropic

        seconds = self._timeout * max(1.0, body["max_tokens"] / LONG_REPLY)
        timeout = anthropic.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        try:
            # The raw response, because the SDK's types add fields and drop what they do not know.
            response = await self._client.messages.with_raw_response.create(**body, timeout=timeout)
        except anthropic.APIStatusError as error:
            raise self._refused(error) from error
        except anthropic.APITimeoutError as error:
            raise self._failed("timeout", "the model service did not answer in time", "no answer in time") from error
        except anthropic.APIConnectionError as error:
            raise self._unreachable(error) from error
        except anthropic.AnthropicError as error:
            # The credentials were there when the model was made, and cannot be read or exchanged for a token now.
            message = f"the credentials for the model service cannot be used: {self._safe(str(error))}"
            attempts = 1 if isinstance(error, anthropic.CredentialsError) else FEW_ATTEMPTS
            reason = "no access token"
            raise self._failed("authentication_error", message, reason, attempts=attempts) from error
        except (ValueError, TypeError) as error:
            # JSON has no place for half a character or for NaN.
            message = f"the request cannot be sent: {self._safe(str(error))}"
            raise self._failed("invalid_request_error", message, "", attempts=1) from error
        try:
            return answer_of(response.http_response.content, body["model"])
        except (ValueError, RecursionError) as error:
            kind = response.headers.get("content-type", "no content type")
            message = f"the model service gave a malformed answer ({self._safe(kind)}): {self._safe(str(error))}"
            raise self._failed("malformed", message, "malformed answer", attempts=FEW_ATTEMPTS) from error

    def _refused(self, error: anthropic.APIStatusError) -> AttemptFailed:
        """What an HTTP error status means."""
        status = error.status_code
        named = error.type if isinstance(error.type, str) else STATUS_KINDS.get(status, "api_error")
        # A spend limit comes as a 429, and no retry cures it.
        spent = any(str(name).endswith("spend_limit_reached") for name in (error.type, error.error_code))
        retry = (status in (408, 409, 429) or status >= 500) and not spent
        retry = retry and error.response.headers.get("x-should-retry") != "false"
        kind = "billing_error" if spent else self._safe(named)
        said = self._safe(error.api_message if isinstance(error.api_message, str) else error.response.text)
        number = f", request {self._safe(error.request_id)}" if error.request_id else ""
        return self._failed(
            kind,
            f"the model service answered {status} {kind}{number}" + (f": {said}" if said else ""),
            f"{kind.removesuffix('_error').replace('_', ' ')} ({status})",
            attempts=math.inf if retry else 1,
            stated=stated_wait(error.response.headers),
        )

    def _unreachable(self, error: anthropic.APIConnectionError) -> AttemptFailed:
        causes = list(_causes(error))
        why = self._safe(str(causes[0])) if causes else ""
        message = "the model service cannot be reached" + (f": {why}" if why else "")
        # A certificate that is not trusted, or an address or proxy of the wrong sort, stays what it is.
        lasting = any(isinstance(cause, (ssl.SSLError, ValueError)) for cause in causes)
        attempts = FEW_ATTEMPTS if lasting else math.inf
        return self._failed("connection", message, "the connection failed", attempts=attempts)

    def _failed(self, kind: str, message: str, reason: str, **how: Any) -> AttemptFailed:
        return AttemptFailed(ModelError(kind, message, HINTS.get(kind, "")), f"The model service: {reason}", **how)

    def _safe(self, text: str) -> str:
        return _safe(text, self._secrets)


def _client(api_key: str | None, base_url: str | None) -> anthropic.AsyncAnthropic:
    """The SDK's client; raise `ServiceError` where it could not call anything."""
    address = base_url if base_url is not None else os.environ.get("ANTHROPIC_BASE_URL")
    if address is not None:
        check_base_url(address)
    import anthropic
    import httpx2

    limits = httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS)
    try:
        http_client = anthropic.DefaultAioHttpClient(limits=limits)
    except (OSError, ValueError) as error:
        raise ServiceError(
            f"no connection to the model service can be set up: {_safe(str(error), secrets_of(os.environ))}",
            "Check the proxy variables (HTTPS_PROXY, ALL_PROXY) and SSL_CERT_FILE.",
        ) from None
    try:
        client = anthropic.AsyncAnthropic(
            api_key=api_key, base_url=base_url, max_retries=0, open_telemetry=False, http_client=http_client
        )
    except anthropic.AnthropicError as error:
        why = _safe(str(error), secrets_of(os.environ))
        raise CredentialsError(f"the credentials for the model service cannot be used: {why}") from None
    check_base_url(str(client.base_url))
    sent = {name.lower() for name in client.default_headers}
    if client.credentials is None and not sent & {"authorization", "x-api-key"}:
        raise CredentialsError
    check_key(client.api_key or client.auth_token or "")
    return client


def _secrets(client: anthropic.AsyncAnthropic) -> frozenset[str]:
    """What no message may repeat: the environment's secrets, the key however it came, the values of own headers."""
    lines = os.environ.get("ANTHROPIC_CUSTOM_HEADERS", "").splitlines()
    words = [word for line in lines for word in line.partition(":")[2].split()]
    known = [client.api_key or "", client.auth_token or "", client.base_url.password, *words]
    return secrets_of(os.environ) | {text for text in known if len(text) >= _MIN_SECRET}


def _safe(text: str, secrets: Collection[str]) -> str:
    """Foreign text as one short line without control characters and secrets."""
    line = " ".join(_KEY.sub(MASK, text[: 100 * MESSAGE_LENGTH]).split())
    line = shown(line, secrets, 10 * len(line))
    return line if len(line) <= MESSAGE_LENGTH else line[: MESSAGE_LENGTH - 1] + "…"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What an error was raised from, the nearest first."""
    cause = error.__cause__
    while cause is not None:
        yield cause
        cause = cause.__cause__
