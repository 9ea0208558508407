"""Whether this machine shows any sign that a person has a model service to call, found without importing the SDK."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from sre_runner.errors import ServiceError

VARIABLES = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_PROFILE",
    "ANTHROPIC_IDENTITY_TOKEN",
    "ANTHROPIC_IDENTITY_TOKEN_FILE",
    "ANTHROPIC_FEDERATION_RULE_ID",
    "ANTHROPIC_ORGANIZATION_ID",
    "ANTHROPIC_SERVICE_ACCOUNT_ID",
    "ANTHROPIC_WORKSPACE_ID",
    "ANTHROPIC_SCOPE",
    "ANTHROPIC_CONFIG_DIR",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_CUSTOM_HEADERS",  # gateways take their key in one
)
"""Every variable from which the SDK's client takes credentials or an address; an empty one counts as unset."""

HINT = (
    "Set ANTHROPIC_API_KEY; for a local server (Ollama, vLLM, llama.cpp, LiteLLM) set ANTHROPIC_BASE_URL and any"
    " ANTHROPIC_API_KEY; or use --offline to rehearse without an LLM."
)


class CredentialsError(ServiceError):
    """No credentials, or ones that cannot be used."""

    def __init__(self, message: str = "no credentials for the model service were found") -> None:
        super().__init__(message, HINT)


def signs_of_credentials(environ: Mapping[str, str], home: Path | None) -> str | None:
    """The first sign of credentials, by name (a variable or a file), or None where there is none at all.

    A sign is not yet a credential: an id of an organization is one, because who sets it does not mean to rehearse.
    `home` is the home directory, None where there is none.
    """
    for name in VARIABLES:
        if environ.get(name):
            return name
    folder = _config_dir(environ, home)
    if folder is None:
        return None
    pointer = folder / "active_config"
    try:
        if pointer.read_text(encoding="utf-8", errors="replace").strip():
            return str(pointer)
    except OSError:
        pass  # not there or not readable: the SDK goes on to the default profile, too
    profile = folder / "configs" / "default.json"
    try:
        return str(profile) if profile.is_file() else None
    except OSError:
        return None  # a folder that may not be looked into has nothing for the SDK either


def _config_dir(environ: Mapping[str, str], home: Path | None) -> Path | None:
    if sys.platform == "win32":  # pragma: no cover
        roaming = environ.get("APPDATA") or (home and home / "AppData" / "Roaming")
        return Path(roaming) / "Anthropic" if roaming else None
    return home / ".config" / "anthropic" if home else None


def check_key(key: str) -> None:
    """Raise `CredentialsError` where a key cannot be sent in a header: a line break, mostly, from a file."""
    if not key.isascii() or not key.isprintable() or key != key.strip():
        raise CredentialsError("the key for the model service has a space, line break or foreign character in it")
