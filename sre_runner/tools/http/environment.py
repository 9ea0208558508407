"""What the environment says of connections: proxies, and certificates that are trusted."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from sre_runner.errors import RunnerError
from sre_runner.models.addresses import PROXY_SCHEMES
from sre_runner.tools.servers import Server

_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_CONTEXT_ERRORS = (OSError, ValueError)  # an `SSLError` is an OSError


def proxy_of(server: Server, environ: Mapping[str, str]) -> str | None:
    """The proxy for a server, or None. Raises `RunnerError` for one that is not spoken to.

    HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, or their lower-case forms, which go first.
    """
    if _excepted(server, _variable("no_proxy", environ)):
        return None
    for name in (f"{server.scheme}_proxy", "all_proxy"):
        proxy = _variable(name, environ)
        if not proxy:
            continue
        proxy = proxy if "://" in proxy else f"http://{proxy}"
        try:
            parts = urlsplit(proxy)
            usable = parts.scheme in PROXY_SCHEMES and parts.hostname and parts.port != 0
        except ValueError:
            usable = None
        if not usable:
            hint = f"Set it to a proxy of http:// or https://, or name {server.host} in NO_PROXY."
            raise RunnerError(f"{name.upper()} is not a proxy that can be used", hint)
        return proxy
    return None


def certificates(environ: Mapping[str, str]) -> ssl.SSLContext:
    """What servers' certificates are checked against. Raises `RunnerError` where it cannot be read.

    SSL_CERT_FILE and SSL_CERT_DIR go first, as for the model service, then REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE, a
    file or a directory; without them it is what the model service's are checked against.
    """
    file, folder = environ.get("SSL_CERT_FILE"), environ.get("SSL_CERT_DIR")
    names = " and ".join(name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environ.get(name))
    if not names:
        names = next((name for name in _BUNDLES if environ.get(name)), "")
        bundle = environ.get(names)
        file, folder = (None, bundle) if bundle and Path(bundle).is_dir() else (bundle, None)
    if not names:
        import httpx2  # takes long, and only live tools need it

        return httpx2.create_ssl_context()
    try:
        return ssl.create_default_context(cafile=file or None, capath=folder or None)
    except _CONTEXT_ERRORS as error:
        hint = "It must be a file of certificates in PEM form, or a directory of them."
        raise RunnerError(f"{names} cannot be used: {error}", hint) from error


def _variable(name: str, environ: Mapping[str, str]) -> str:
    return (environ.get(name) or environ.get(name.upper()) or "").strip()


def _excepted(server: Server, no_proxy: str) -> bool:
    """Whether a host, the domain that it is in, or a host with its port is listed."""
    for entry in (part.strip().lower() for part in no_proxy.split(",")):
        host, _, port = entry.rpartition(":") if entry.count(":") == 1 else (entry, "", "")
        domain = host.strip("[]").lstrip("*").lstrip(".")
        if entry == "*" or (
            domain and port in ("", str(server.port)) and (server.host == domain or server.host.endswith(f".{domain}"))
        ):
            return True
    return False
