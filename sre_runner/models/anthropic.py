"""The `anthropic` model: the Messages API through the Anthropic SDK, which is imported here only, and only once a
model is made."""

from __future__ import annotations

import math
import os
import re
import ssl
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Collection, Iterator
from copy import copy
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.request import getproxies

from sre_runner.casefile import ModelAnswer, ModelRequest
from sre_runner.errors import ServiceError
from sre_runner.models.addresses import check_base_url, check_proxy, redirect_of, without_secrets
from sre_runner.models.context import says_too_long
from sre_runner.models.credentials import CredentialsError, check_key
from sre_runner.models.faults import (
    HINTS,
    PASSING,
    PASSING_STATUSES,
    STATUS_KINDS,
    Stated,
    StatedError,
    kind_of,
    stated_error,
)
from sre_runner.models.model import CONTEXT_TOO_LONG, ModelError
from sre_runner.models.pacing import Pace, Unpaced
from sre_runner.models.patience import Patience
from sre_runner.models.retry import AttemptFailed, Retries, stated_wait
from sre_runner.models.wire import answer_of, body_of, parse
from sre_runner.text.output import MASK, secrets_of, shown

if TYPE_CHECKING:
    import anthropic
    import httpx2

T = TypeVar("T")

LONG_REPLY = 21_333
"""Tokens that take 600 s by the SDK's reckoning. Above it refuses to wait, unless a call brings its own timeout."""

FEW_ATTEMPTS = 3
"""For failures that are seldom cured by trying again, such as malformed answers."""

MESSAGE_LENGTH = 300
"""Characters of the service's own message that an error repeats."""

# Any key or token of Anthropic's, wherever it came from.
_KEY = re.compile(r"sk-ant-[\w-]+")
_MIN_SECRET = 8
"""Characters. Dummy keys of local servers are shorter, and masking them would tear holes into ordinary words."""


class AnthropicModel:
    """Answers the requests of one run through `AsyncAnthropic`.

    `patience` is how long its calls are tried again; `on_wait` is told one sentence before each wait, which is at first
    at most `first_wait` seconds. `timeout` is in seconds, for one attempt; a `max_tokens` over 21,333 lengthens it in
    proportion. `api_key` and `base_url` go before what the SDK reads from the environment and from profiles. Raises
    `CredentialsError` or another `ServiceError` where the model could answer nothing.
    """

    def __init__(
        self,
        *,
        patience: Patience | None = None,
        on_wait: Callable[[str], None] = lambda _: None,
        first_wait: float = 1.0,
        timeout: float = 600.0,
        api_key: str | None = None,
        base_url: str | None = None,
        random: Random | None = None,
    ) -> None:
        self._patience = patience or Patience()
        self._retries = Retries(self._patience, first_wait, on_wait=on_wait, random=random or Random())  # noqa: S311
        self._timeout = timeout
        self._client = _client(api_key, base_url)
        self._secrets = _secrets(self._client)
        self._pace: Pace = Unpaced()
        self._borrowed = False

    def for_run(self, on_wait: Callable[[str], None], pace: Pace) -> AnthropicModel:
        """The same model for a further run: its client and its patience are shared, and closed with the first."""
        other = copy(self)
        other._retries = replace(self._retries, on_wait=on_wait)
        other._pace = pace
        other._borrowed = True
        return other

    async def reply(self, request: ModelRequest) -> ModelAnswer:
        """Answer one request; raise `ModelError` where no answer can be had."""
        body = body_of(request)
        return await self._retries.run(lambda: self._pace.attempt(request, lambda: self._attempt(body, request)))

    @property
    def address(self) -> str:
        """Where the service is, without what may be a secret."""
        return without_secrets(str(self._client.base_url)).rstrip("/")

    async def look_up(self, model: str, seconds: float) -> None:
        """Ask once for what the service knows of a model, which costs no tokens; raise `ModelError` where it does not
        tell."""
        import anthropic

        timeout = anthropic.Timeout(seconds)
        try:
            await self._sent(self._client.models.with_raw_response.retrieve(model, timeout=timeout))
        except AttemptFailed as failed:
            raise failed.error from failed

    async def close(self) -> None:
        """Let go of connections, unless they are another run's as well."""
        if not self._borrowed:
            await self._client.close()

    async def _attempt(self, body: dict[str, Any], request: ModelRequest) -> ModelAnswer:
        import anthropic

        seconds = self._timeout * max(1.0, request.max_tokens / LONG_REPLY)
        connect = min(self._patience.for_connecting(get_running_loop().time()), seconds)
        # To find the address by its name is waited for as part of `pool`.
        timeout = anthropic.Timeout(seconds, connect=connect, pool=connect)
        # The raw response, because the SDK's types add fields and drop what they do not know.
        response = await self._sent(self._client.messages.with_raw_response.create(**body, timeout=timeout))
        self._pace.heard(response.http_response.headers)
        return self._read(response.http_response, request)

    async def _sent(self, call: Awaitable[T]) -> T:
        import anthropic

        try:
            return await call
        except anthropic.APIStatusError as error:
            self._pace.heard(error.response.headers)
            raise self._refused(error.response) from error
        except anthropic.APIConnectionError as error:
            raise self._unanswered(error) from error
        except anthropic.AnthropicError as error:
            # The credentials were there when the model was made, and cannot be read or exchanged for a token now.
            message = f"the credentials for the model service cannot be used: {self._safe(str(error))}"
            attempts = 1 if isinstance(error, anthropic.CredentialsError) else FEW_ATTEMPTS
            raise self._failed("authentication_error", message, "no access token", attempts=attempts) from error
        except (ValueError, TypeError) as error:
            # JSON has no place for half a character or for NaN.
            message = f"the request cannot be sent: {self._safe(str(error))}"
            raise self._failed("invalid_request_error", message, "", attempts=1) from error

    def _read(self, response: httpx2.Response, request: ModelRequest) -> ModelAnswer:
        from sre_runner.models.transport import ENCODING

        try:
            return answer_of(response.content, request)
        except StatedError as error:
            raise self._refused(response, error.stated) from error
        except (ValueError, RecursionError) as error:
            packed = response.extensions[ENCODING]
            what = response.headers.get("content-type", "no content type") + (f", packed by {packed}" if packed else "")
            message = f"the model service gave a malformed answer ({self._safe(what)}): {self._safe(str(error))}"
            raise self._failed("malformed", message, "malformed answer", attempts=FEW_ATTEMPTS) from error

    def _refused(self, response: httpx2.Response, stated: Stated | None = None) -> AttemptFailed:
        """What a status other than 200 means, or an error that is `stated` in an answer."""
        status = response.status_code
        if 300 <= status < 400:
            return self._redirected(response)
        said = stated or _stated(response.content) or Stated(message=response.text)
        kind = kind_of(said, said.status if stated else status)
        if says_too_long((said.status or 400) if stated else status, said.type, said.message):
            kind = CONTEXT_TOO_LONG
        passing = (
            kind in PASSING if stated else kind != "billing_error" and (status in PASSING_STATUSES or status >= 500)
        )
        passing = passing and kind != CONTEXT_TOO_LONG and response.headers.get("x-should-retry") != "false"
        guessed = stated and kind not in (said.type, STATUS_KINDS.get(said.status or 0))
        number = response.headers.get("request-id")
        answered = [
            f"the model service answered {status} {kind}",
            f' (in its words "{self._safe(said.type)}")' if said.type not in ("", kind) else "",
            f", request {self._safe(number)}" if number else "",
            f": {self._safe(said.message)}" if said.message.strip() else "",
        ]
        return self._failed(
            kind,
            "".join(answered),
            f"{kind.removesuffix('_error').replace('_', ' ')} ({status})",
            ends_run=status in (401, 403),
            attempts=FEW_ATTEMPTS if passing and guessed else math.inf if passing else 1,
            stated=stated_wait(response.headers),
        )

    def _redirected(self, response: httpx2.Response) -> AttemptFailed:
        """It is never followed: what is sent there has a key and an incident in it, and nobody asked for that."""
        origin, why = redirect_of(str(response.request.url), response.headers.get("location", ""))
        where = f" to {self._safe(origin)}" if origin else ""
        message = f"the model service answered {response.status_code}, a redirect{where}, which is not followed"
        hint = f"{why}: set ANTHROPIC_BASE_URL to the address of the service itself, without /v1."
        return self._failed("redirect", message, "", hint=hint, attempts=1)

    def _unanswered(self, error: anthropic.APIConnectionError) -> AttemptFailed:
        """What it means that there was no answer, or none that can be read."""
        import anthropic

        from sre_runner.models.transport import BodyError, connection_failed

        causes = list(_causes(error))
        broken = next((cause for cause in causes if isinstance(cause, BodyError)), None)
        if broken and broken.kind == "cut_short":
            message = f"the model service's answer was cut short: {self._safe(str(broken))}"
            return self._failed("cut_short", message, "the answer was cut short")
        if broken:
            message = f"the model service gave a malformed answer: {self._safe(str(broken))}"
            attempts = 1 if broken.stays else FEW_ATTEMPTS
            return self._failed("malformed", message, "malformed answer", attempts=attempts)
        if isinstance(error, anthropic.APITimeoutError) and not connection_failed(causes):
            return self._failed("timeout", "the model service did not answer in time", "no answer in time")
        why = self._safe(str(causes[0])) if causes else ""
        message = "the model service cannot be reached" + (f": {why}" if why else "")
        # A certificate that is not trusted, or an address or proxy of the wrong sort, stays what it is.
        stays = any(isinstance(cause, (ssl.SSLCertVerificationError, ValueError)) for cause in causes)
        seldom = any(isinstance(cause, ssl.SSLError) for cause in causes)
        tries = 1 if stays else FEW_ATTEMPTS if seldom else math.inf
        return self._failed("connection", message, "the connection failed", attempts=tries, connected=False)

    def _failed(
        self, kind: str, message: str, reason: str, *, hint: str = "", ends_run: bool = False, **how: Any
    ) -> AttemptFailed:
        ends_run = ends_run or kind in ("authentication_error", "permission_error")
        error = ModelError(kind, message, hint or HINTS.get(kind, ""), ends_run=ends_run)
        return AttemptFailed(error, f"The model service: {reason}", **how)

    def _safe(self, text: str) -> str:
        return _safe(text, self._secrets)


def _client(api_key: str | None, base_url: str | None) -> anthropic.AsyncAnthropic:
    """The SDK's client; raise `ServiceError` where it could not call anything."""
    address = base_url if base_url is not None else os.environ.get("ANTHROPIC_BASE_URL")
    if address is not None:
        check_base_url(address)
    import anthropic

    from sre_runner.models.transport import bounded_client

    try:
        http_client = bounded_client()
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
    check_proxy(str(client.base_url), getproxies())
    sent = {name.lower() for name in client.default_headers}
    if client.credentials is None and not sent & {"authorization", "x-api-key"}:
        raise CredentialsError
    check_key(client.api_key or client.auth_token or "")
    return client


def _stated(body: bytes) -> Stated | None:
    """The error object of a refusal, however broken its body may be."""
    try:
        return stated_error(parse(body))
    except (ValueError, RecursionError):
        return None


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
