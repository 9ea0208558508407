"""Where requests go: addresses and proxies that may be used, and how others are named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from sre_runner.errors import ServiceError
from sre_runner.text.output import printable

PROXY_SCHEMES = ("http", "https")
"""What the transport speaks. To a proxy of another sort it would send whole requests in clear, the key included."""


def check_base_url(url: str) -> None:
    """Raise `ServiceError` unless the address is one that the SDK can call: the SDK would first fail at the call,
    with a message that does not name it."""
    named = repr(without_secrets(url)[:200])
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")
        usable = parts.scheme in ("http", "https") and host and parts.port != 0 and url.isprintable() and " " not in url
    except ValueError:
        usable = False
    if usable and ("?" in url or "#" in url):
        raise ServiceError(
            f"the model service's address is not usable: {named} has a query or a fragment",
            "End ANTHROPIC_BASE_URL before the first ? or #; a key goes into ANTHROPIC_API_KEY, or into a header of "
            "ANTHROPIC_CUSTOM_HEADERS.",
        )
    if not usable:
        raise ServiceError(
            f"the model service's address is not usable: {named}",
            "ANTHROPIC_BASE_URL must look like http://localhost:11434 (without /v1); unset it for Anthropic's own.",
        )


def check_proxy(url: str, proxies: Mapping[str, str]) -> None:
    """Raise `ServiceError` where the proxy for this address is one that the transport does not speak to.

    `proxies` are those of the environment, as `urllib.request.getproxies` names them: by scheme, with `all` and `no`.
    """
    parts = urlsplit(url)
    if _is_excepted(parts.hostname or "", proxies.get("no", "")):
        return
    for key in (parts.scheme, "all"):
        proxy = proxies.get(key, "")
        scheme, found, _ = proxy.partition("://")
        if found and scheme.lower() not in PROXY_SCHEMES:
            raise ServiceError(
                f"the proxy for the model service is not usable: {without_secrets(proxy)[:200]!r}",
                f"Set {key.upper()}_PROXY to a proxy of http:// or https://, or name {parts.hostname} in NO_PROXY.",
            )
        if proxy:
            return


def _is_excepted(host: str, no_proxy: str) -> bool:
    """Whether a host, or the domain that it is in, is listed: what every reader of such a list takes for that."""
    names = [name.strip().lower() for name in no_proxy.split(",") if name.strip()]
    return "*" in names or any(host == name or host.endswith(f".{name.lstrip('*.')}") for name in names)


def redirect_of(url: str, location: str) -> tuple[str, str]:
    """Where a redirect leads: its origin, without a password, and what is wrong with the address that was set."""
    try:
        here, there = urlsplit(url), urlsplit(urljoin(url, location))
        host = there.hostname or ""
        port = f":{there.port}" if there.port else ""
    except ValueError:
        host = ""
    if not host or not location:
        return "", "It does not say where to"
    name = f"[{host}]" if ":" in host else host
    origin = f"{there.scheme}://{name}{port}"
    if (here.scheme, here.hostname) == ("http", host) and there.scheme == "https":
        return origin, "It wants https"
    same = (here.scheme, here.hostname, here.port) == (there.scheme, host, there.port)
    return origin, "It wants another path" if same else "It is another server"


def without_secrets(url: str) -> str:
    """An address that may be shown: passwords stand before a host, and keys in a query."""
    return re.sub(r"[?#].+", lambda found: f"{found[0][0]}…", printable(re.sub(r"//[^/]*@", "//…@", url)))
