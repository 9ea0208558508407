"""Why there is no response: aiohttp's errors in words that hold nothing of the request."""

from __future__ import annotations

import aiohttp

from sre_runner.tools.servers import Server


class Failure(Exception):  # noqa: N818 (an outcome; the words are for the model)
    """There is no response. `message` goes on from the name of the server.

    `passing` says that another attempt may do, `sent` that the server may have got the request, `late` that the
    time was up. `partial` is what was read of the body, `hint` what a person can do.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        passing: bool = False,
        sent: bool = False,
        late: bool = False,
        partial: bytes = b"",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.passing = passing
        self.sent = sent
        self.late = late
        self.partial = partial


_TRUST = "If its certificate is your own authority's, name that in SSL_CERT_FILE."
_PROXY = "Check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY."


def failure_of(error: aiohttp.ClientError, server: Server) -> Failure:
    """The failure that an error of aiohttp's is. Their texts may hold addresses with passwords: none is passed on."""
    place = server.place
    match error:
        case aiohttp.ClientConnectorCertificateError():
            inner = error.certificate_error
            reason = getattr(inner, "verify_message", "") or "it does not fit the host's name"
            return Failure(f"the certificate of {place} is not trusted: {reason}", _TRUST)
        case aiohttp.ClientConnectorSSLError() | aiohttp.ServerFingerprintMismatch():
            return Failure(f"there is no TLS connection to {place}", "Check whether its URL needs http:// or https://.")
        case aiohttp.ClientHttpProxyError():
            return Failure(f"the proxy does not let it through (HTTP {error.status})", _PROXY)
        case aiohttp.ClientProxyConnectionError():
            return Failure(f"the proxy cannot be reached: {_reason(error)}", _PROXY, passing=True)
        case aiohttp.ClientConnectorDNSError():
            return Failure(f"the name {server.host} cannot be resolved", "Check the server's URL.", passing=True)
        case aiohttp.ClientConnectorError():
            hint = "Check the server's URL, and whether it runs."
            return Failure(f"{place} cannot be reached: {_reason(error)}", hint, passing=True)
        case aiohttp.ClientResponseError():
            return Failure("its answer is not HTTP", "Check whether its URL needs https://.", sent=True)
        case aiohttp.ClientConnectionError():
            return Failure("it closed the connection before the answer was there", passing=True, sent=True)
        case aiohttp.ClientPayloadError():
            return Failure("it closed the connection in the middle of the answer", passing=True, sent=True)
    return Failure("the request could not be sent", passing=False)


def _reason(error: aiohttp.ClientConnectorError) -> str:
    """What the system says, without an address."""
    inner = error.os_error
    words = {ConnectionRefusedError: "connection refused", TimeoutError: "no connection in time"}
    return words.get(type(inner), "no connection")
